"""The sheets of the master, one module a sheet; ``master.py`` puts them together."""
