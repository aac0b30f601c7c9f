"""Learning rules, one file each. Every rule is the equation it cites, in scalar loops."""
