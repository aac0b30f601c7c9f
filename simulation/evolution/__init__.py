"""Selection simulated step by step, in well-mixed populations and on graphs."""
