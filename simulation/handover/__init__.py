"""What is left when a planner goes: learners and mirrors before and after."""
