"""On which results do a site and its feed not agree? A merge of two sorted lists.

Source: art. 13 (a stop that was missed must be found).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from connectors.departments.gateway.feed_answers import Fault

DIFFERENCES_MAX = 1000


class Found(NamedTuple):
    """One result on which they differ; None: not disclosed there."""

    result_id: str
    fault: Fault
    version: int | None
    found: int | None


class Comparison:
    """Compares what should be disclosed, added in order, with what a site discloses."""

    def __init__(self, own: Iterable[tuple[str, int]]) -> None:
        self._own = dict(own)
        self.differences: list[Found] = []
        self.more = False

    def add(self, result_id: str, version: int) -> None:
        """One that should be disclosed."""
        found = self._own.pop(result_id, None)
        if found is None:
            self._note(Found(result_id, Fault.MISSING, version, None))
        elif found != version:
            self._note(Found(result_id, Fault.OTHER_VERSION, version, found))

    def finish(self) -> list[Found]:
        """All of it, what must not be shown first: that is what the law is about."""
        rest = [
            Found(result_id, Fault.MUST_NOT_BE_SHOWN, None, version)
            for result_id, version in self._own.items()
        ]
        return rest + self.differences

    def _note(self, difference: Found) -> None:
        if len(self.differences) >= DIFFERENCES_MAX:
            self.more = True
        else:
            self.differences.append(difference)
