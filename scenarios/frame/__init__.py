"""What every scenario is made of: results, the store, published figures, counts of verdicts."""
