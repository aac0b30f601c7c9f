"""Games: the one protocol with and without a payoff tensor, dilemmas, the catalogue, files of other programs."""
