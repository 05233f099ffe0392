"""How do many screens look at one hub? Each thing is looked at once for all, in threads beside.

Nobody looks while no screen is open. While a slow look goes on, what was seen last is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.console.command import failures

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """What was seen last. `fault`: why the last look failed; `value` is of the last that did not.

    `at` is by the clock that only goes up, in seconds.
    """

    value: T | None = None
    fault: str = ""
    at: float = float("-inf")


class Look(Generic[T]):
    """One thing that can be looked at.

    Args of the constructor: `ask` looks, and may wait; `fresh_s`: so long what was seen is not
    looked at again; `patience_s`: so long somebody waits for a new look where there is an old one.
    """

    def __init__(
        self,
        ask: Callable[[], T],
        threads: Executor,
        clock: Callable[[], float],
        *,
        fresh_s: float,
        patience_s: float = 0.2,
    ) -> None:
        self._ask = ask
        self._threads = threads
        self._clock = clock
        self._fresh_s = fresh_s
        self._patience_s = patience_s
        self._seen: Seen[T] = Seen()
        self._running: asyncio.Task[None] | None = None

    async def get(self) -> Seen[T]:
        """What is so, or was a moment ago."""
        if self._clock() - self._seen.at < self._fresh_s:
            return self._seen
        running = self._running
        if running is None or running.done():
            running = self._running = asyncio.create_task(self._look())
        never = self._seen.at == float("-inf")
        await asyncio.wait([running], timeout=None if never else self._patience_s)
        if running.done():
            running.result()  # a mistake of ours is not kept quiet
        return self._seen

    def forget(self) -> None:
        """Something was changed: whoever asks next waits for a new look."""
        self._running = None
        self._seen = Seen()

    async def _look(self) -> None:
        loop, this = asyncio.get_running_loop(), asyncio.current_task()
        try:
            seen: Seen[T] = Seen(await loop.run_in_executor(self._threads, self._ask))
        except failures() as failure:
            seen = Seen(self._seen.value, str(failure) or type(failure).__name__)
        # One that began before something was changed has seen what is no longer so.
        if self._running is this:
            self._seen = Seen(seen.value, seen.fault, self._clock())
