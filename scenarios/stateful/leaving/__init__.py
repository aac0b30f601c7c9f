"""What learners with memory keep when a planner has left."""
