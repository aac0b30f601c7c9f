"""What a planner offers and how it looks ahead: incentives, look-ahead, a network of incentives, stability."""
