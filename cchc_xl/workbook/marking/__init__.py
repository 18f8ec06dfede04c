"""Marks in the clerk's own file: the package is patched, never saved anew; ``feedback.py`` puts them together."""
