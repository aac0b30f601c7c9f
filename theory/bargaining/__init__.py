"""What is fair: security levels, disagreement points and bargaining solutions."""
