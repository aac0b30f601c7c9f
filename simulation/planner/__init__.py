"""What a planner sees, offers and learns, and what may be asked of it: incentives, look-ahead, options, stability."""
