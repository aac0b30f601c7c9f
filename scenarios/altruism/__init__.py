"""The atlas of altruism: whom caring helps and harms (thesis chapter 5)."""
