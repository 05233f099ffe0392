"""How does a timer ask for much without holding decisions up? In portions, each asked for once.

A timer asks for all that is due and still stands in the view: in a night the closes of a quarter,
hundreds of thousands of records. It appends a portion, waits until decide has come to its end, and
makes the next one as large as that allows.

Nothing is asked for again before decide has come to it. While decide is away nothing leaves the
view, and each look would append all of it once more, in a journal that is kept for years.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from math import inf
from typing import Protocol

from schemas.topics import JOURNAL
from streams.ports import Outgoing, Publisher
from streams.rules.portions import Pace, rest_s

TIMER_TOPIC = "hub.schedule"
"""Stands for the inbound topic of what a timer appends: nobody sent it."""
LOOK_EVERY_S = 0.01
PATIENCE_S = 10.0
"""Whoever decides a partition may have died: then the others' turn comes, and this one's later."""


class Decided(Protocol):
    """Knows how far decide is."""

    async def decided_to(self, partition: int) -> int | None:
        """The next offset of a journal partition to be decided; None: the view is being made."""
        ...


class Portions:
    """What one timer appends to the journal, never more before decide than one portion of it.

    One portion in all, not one a partition: the same process may decide them all.
    """

    def __init__(
        self,
        decided: Decided,
        publisher: Publisher,
        stop: asyncio.Event,
        *,
        per_s_max: float = inf,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Append from now on.

        Args:
            decided: How far decide is.
            publisher: Appends to the journal.
            stop: Set when there is to be no further portion.
            per_s_max: At most so many records a second.
            patience_s: How long decide may stand still before a partition is left for later.
        """
        self._decided = decided
        self._publisher = publisher
        self._stop = stop
        self._per_s_max = per_s_max
        self._patience_s = patience_s
        self._pace = Pace()
        self._until: dict[int, int] = {}

    async def waits(self, partition: int) -> bool:
        """Whether something of what was appended still lies before decide."""
        until = self._until.get(partition)
        if until is None:
            return False
        at = await self._decided.decided_to(partition)
        return at is None or at < until

    async def append(self, partition: int, records: Sequence[Outgoing]) -> int:
        """Append these records of one partition, in their order. Returns how many.

        Fewer than all: decide stood still, or there is to be no further portion. What is left out
        is still due at the next look.
        """
        asked = 0
        while asked < len(records) and not self._stop.is_set():
            some = records[asked : asked + self._pace.size()]
            at = await self._decided.decided_to(partition)
            end = (await self._publisher.publish(some)).get((JOURNAL, partition), 0)
            asked += len(some)
            self._until[partition] = max(end, self._until.get(partition, 0))
            took_s = await self._answered(partition)
            if took_s is None:
                break
            busy_s = self._pace.answered(len(some), end - (at or 0), took_s)
            await _until(self._stop, rest_s(len(some), busy_s, took_s, self._per_s_max))
        return asked

    async def _answered(self, partition: int) -> float | None:
        """How long decide took to come to the end of what was appended.

        None: it stands still, or there is no time to wait for it.
        """
        clock = asyncio.get_running_loop().time
        began_s = moved_s = clock()
        until, last = self._until[partition], None
        while (at := await self._decided.decided_to(partition)) is None or at < until:
            now_s = clock()
            if at != last:
                last, moved_s = at, now_s
            if now_s - moved_s >= self._patience_s or self._stop.is_set():
                return None
            await asyncio.sleep(LOOK_EVERY_S)
        return clock() - began_s


async def _until(stop: asyncio.Event, seconds: float) -> None:
    """Wait, unless `stop` is set first."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
