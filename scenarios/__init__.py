"""Named experiments, the command line, reports, pictures and the store of results."""
