"""When is a task decided? One look at the view for all who wait: often, then ever more rarely.

When each who waited looked for itself, a slow hub was made slower: the longer decisions took the
more were waiting, and all of the gateway's time went into looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, Protocol

LOOK_EVERY_S = 0.004
LOOK_RARELY_S = 0.2
LATE_SHARE = 0.25
"""By how much of the time that the latest asked-for decision took it may be told too late."""
REST_TIMES = 4
"""Between two looks lies this many times what a look takes: they never take most of the time."""


class Wanted(NamedTuple):
    """A task whose first decision somebody waits for."""

    partition: int
    uscc: str
    task_id: str


class Decisions(Protocol):
    """Knows the first decisions."""

    async def decisions(self, wanted: Sequence[Wanted]) -> Sequence[bytes | None]:
        """The first decision on each, as it was published."""


class Waiting:
    """Waits for first decisions."""

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self._waiting: dict[Wanted, list[asyncio.Future[bytes]]] = {}
        self._latest_at = self._rest_until = 0.0
        self._next: asyncio.TimerHandle | None = None
        self._look: asyncio.Task[None] | None = None

    async def decision(
        self, partition: int, uscc: str, task_id: str, wait_s: float
    ) -> bytes | None:
        """The first decision on a task as soon as it is there; None if it is not in time."""
        wanted = Wanted(partition, uscc, task_id)
        if wait_s <= 0:
            return (await self._decisions.decisions([wanted]))[0]
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bytes] = loop.create_future()
        self._waiting.setdefault(wanted, []).append(future)
        self._latest_at = loop.time()
        self._look_at(self._latest_at + LOOK_EVERY_S)
        try:
            async with asyncio.timeout(wait_s):
                return await future
        except TimeoutError:
            return None
        finally:
            self._forget(wanted, future)

    def _forget(self, wanted: Wanted, future: asyncio.Future[bytes]) -> None:
        waiting = self._waiting.get(wanted)
        if waiting is not None and future in waiting:
            waiting.remove(future)
            if not waiting:
                del self._waiting[wanted]

    def _look_at(self, at: float) -> None:
        """Look then, or before."""
        at = max(at, self._rest_until)
        if self._next is not None:
            if self._next.when() <= at:
                return
            self._next.cancel()
        self._next = asyncio.get_running_loop().call_at(at, self._begin)

    def _begin(self) -> None:
        self._next = None
        # A look under way arranges for the next one itself.
        if self._look is None and self._waiting:
            self._look = asyncio.create_task(self._look_once(), name="decisions waited for")

    async def _look_once(self) -> None:
        loop = asyncio.get_running_loop()
        wanted, began = [*self._waiting], loop.time()
        try:
            found = await self._decisions.decisions(wanted)
        except Exception as cause:  # noqa: BLE001 - whoever waits hears of it
            for one in wanted:
                for future in self._waiting.pop(one, ()):
                    if not future.done():
                        future.set_exception(cause)
        else:
            for one, made in zip(wanted, found, strict=True):
                if made is not None:
                    _tell(self._waiting.pop(one, ()), made)
        now = loop.time()
        self._look, self._rest_until = None, now + REST_TIMES * (now - began)
        if self._waiting:
            late = min((now - self._latest_at) * LATE_SHARE, LOOK_RARELY_S)
            self._look_at(now + max(LOOK_EVERY_S, late))


def _tell(waiting: Sequence[asyncio.Future[bytes]], made: bytes) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(made)
