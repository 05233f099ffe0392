"""Since when does it wait? The broker's own time of a record, read where it lies, never guessed."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.kafka_admin import Position
from connectors.watch.peek import peek

Place = tuple[Position, int]
"""A partition and an offset."""


class Ages:
    """Reads records' times; what stands at a place never changes, so each is read once."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._known: dict[Place, int] = {}

    async def of(self, places: Iterable[Place]) -> dict[Place, int]:
        """When the records at these places were appended, Unix milliseconds.

        What has been deleted meanwhile gives the time of the next record; what cannot be read is
        absent. Places that are not asked for any more are forgotten.
        """
        wanted = dict.fromkeys(places)
        known = {place: self._known[place] for place in wanted if place in self._known}
        new = [place for place in wanted if place not in known]
        while new:
            # One place of each partition at a time: a reader stands at one only.
            turn = dict(new)
            found = await peek(self._bootstrap, turn)
            known |= {(at, turn[at]): record.timestamp for at, record in found.items()}
            new = [place for place in new if turn[place[0]] != place[1]]
        self._known = known
        return known
