"""Groups of mirrors in a graded public good: those who keep ledgers, literal ones, and their Mesa face."""
