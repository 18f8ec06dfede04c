"""Mutation testing by command: ``python -m tests.mutation.run`` (see there)."""
