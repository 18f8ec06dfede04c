"""cchc_xl: collect, check and consolidate public-administration-reform statistics with Excel."""

__version__ = "0.1.0"
