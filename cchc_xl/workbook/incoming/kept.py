"""What was read once, kept for the other workbooks of a round: most of their bytes are those they were issued with."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Reading = TypeVar("Reading")

_ONE_OF = 8  # nothing heavier than this part of the whole is kept: a large file never pushes all others out


class Kept(Generic[Key, Reading]):
    """Readings by the very bytes (or values) they were read from, so that finding one is the same as reading again.

    A reading must follow from its key alone and never change. No more than ``most`` bytes are held: when the next
    one does not fit, all are let go, and the next workbook fills the place again.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._readings: dict[Key, Reading] = {}
        self.find: Callable[[Key], Reading | None] = self._readings.get

    def keep(self, key: Key, reading: Reading, weight: int) -> Reading:
        """The reading itself. ``weight``: about how many bytes it takes with its key."""
        if weight > self._most // _ONE_OF:
            return reading
        if self._held + weight > self._most:
            self.forget()
        self._readings[key] = reading
        self._held += weight
        return reading

    def forget(self) -> None:
        """Let all readings go."""
        self._readings.clear()
        self._held = 0
