"""Figures that users care about, each a command that prints a table against a named peer."""
