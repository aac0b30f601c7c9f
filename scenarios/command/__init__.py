"""The command line's parts: arguments, terminal, tables, export."""
