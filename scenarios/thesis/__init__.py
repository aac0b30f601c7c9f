"""The tables and figures of the thesis's chapter 4, played again."""
