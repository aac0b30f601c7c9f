"""Every kind of simulation as a world: its parameters, how it is played, what a run comes to in which games."""
