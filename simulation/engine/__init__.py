"""What all simulations run on: compilation, randomness, elementary functions, workers, provenance, the Mesa base."""
