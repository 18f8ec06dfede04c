"""The official forms as data: nothing in the code knows these seven forms."""
