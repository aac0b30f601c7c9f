"""Results that lie in folders: opened, listed, compared, and told on one page."""
