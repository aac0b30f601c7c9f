"""Learners of the literature for repeated games and games with state, a file each, and what each of them plays."""
