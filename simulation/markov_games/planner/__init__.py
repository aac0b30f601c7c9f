"""A planner with state and those who learn under it: what it looks at, what it pays, exact and sampled gradients."""
