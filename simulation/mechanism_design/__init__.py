"""A planner among learners: two players, many players, any finite game (thesis chapter 4)."""
