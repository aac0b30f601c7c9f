"""What it takes to make an outcome an equilibrium: cheapest incentives, implementation, reach of a planner."""
