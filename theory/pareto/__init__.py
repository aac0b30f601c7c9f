"""What is efficient: Pareto optimality of outcomes and how much is lost, feasible sets and their frontiers."""
