"""Games with state, a file each: the Coin Game, Escape Room, soccer, walks on a grid, repeated matrix games."""
