"""What did a timer append that decide has not come to yet? It is not asked for again until then.

A timer asks for all that is due and still stands in the view. While decide is away nothing leaves
the view, and each look would append all of it once more: in a night the closes of a quarter a
hundred times over, in a journal that is kept for years, before the first decision of the morning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from schemas.topics import JOURNAL

TIMER_TOPIC = "hub.schedule"
"""Stands for the inbound topic of what a timer appends: nobody sent it."""


class Decided(Protocol):
    """Knows how far decide is."""

    async def decided_to(self, partition: int) -> int | None:
        """The next offset of a journal partition to be decided; None: the view is being made."""
        ...


class Underway:
    """What one timer appended, by journal partition."""

    def __init__(self, decided: Decided) -> None:
        self._decided = decided
        self._until: dict[int, int] = {}

    def appended(self, partition: int, ends: Mapping[tuple[str, int], int]) -> None:
        """Note where the partition asked for ended behind what was just appended."""
        end = ends.get((JOURNAL, partition))
        if end is not None:
            self._until[partition] = max(end, self._until.get(partition, 0))

    async def waits(self, partition: int) -> bool:
        """Whether something of it still lies before decide."""
        until = self._until.get(partition)
        if until is None:
            return False
        at = await self._decided.decided_to(partition)
        return at is None or at < until
