"""Round robins among strategies, their tables and their verdicts."""
