"""A planner that leaves learners with memory of one round, and one that is trained for its own absence."""
