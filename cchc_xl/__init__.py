"""cchc_xl: collect, check and consolidate public-administration-reform statistics with Excel.

``cchc_xl.facts(paths, roster=…)`` gives everything that was sent as a pandas table (see ``rounds.facts``).
"""

__version__ = "0.1.0"
__all__ = ["__version__", "facts"]


def __getattr__(name: str) -> object:
    """``facts`` is loaded when it is asked for: the command line stays quick without pandas."""
    if name == "facts":
        from cchc_xl.rounds.adding.facts import facts

        return facts
    raise AttributeError(name)
