"""Coverage-guided fuzzing by command: ``python -m tests.fuzz.packages`` and ``python -m tests.fuzz.numbers``."""
