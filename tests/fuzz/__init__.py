"""Coverage-guided fuzzing by command: ``python -m tests.fuzz.packages`` and ``python -m tests.fuzz.numbers``.

``cells``: seeded attacks on the workbooks staff keep, for ``tests/test_attacks_*.py``.
"""
