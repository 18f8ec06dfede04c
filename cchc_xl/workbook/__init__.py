"""Excel in and out. Every module here shares the addresses of ``layout.py``."""
