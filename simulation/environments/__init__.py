"""What agents act in: games with degrees of cooperation."""
