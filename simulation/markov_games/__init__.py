"""Games with state (Markov games): environments, what can be enumerated, exact values, a planner."""
