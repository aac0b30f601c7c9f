"""Selection in populations: fixation, small mutation, replicator and logit dynamics, evolutionary stability."""
