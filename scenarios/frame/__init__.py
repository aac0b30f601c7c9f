"""What every scenario is made of: results, the store, published figures, comparisons, counts of verdicts."""
