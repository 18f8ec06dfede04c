"""Reading what comes back: package, sheets, rows, identity; ``reader.py`` puts them together."""
