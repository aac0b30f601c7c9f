"""Games with state, a file each: the Coin Game, Escape Room, a commons, soccer, walks on a grid, repeated games."""
