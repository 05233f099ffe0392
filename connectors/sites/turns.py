"""Whose call to a system leaves next, while as many as may be are under way?

What is owed leaves first. Of four turns proof keeps one while both wait: reading pages may neither
hold up a stop, nor be held up by stops for ever (art. 13; docs/delivery.md).
"""

from __future__ import annotations

import asyncio
from collections import deque

PROOF_TURN_OF = 4


class Turns:
    """So many turns at once. Whoever took one gives it back."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._owed: deque[asyncio.Future[None]] = deque()
        self._proof: deque[asyncio.Future[None]] = deque()
        self._given = 0

    async def take(self, *, proof: bool) -> None:
        """Return when it is our turn. One that is given up passes to the next."""
        if self._free:
            self._free -= 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._proof if proof else self._owed).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        """End a turn: the next one begins."""
        following = self._next()
        if following is None:
            self._free += 1
        else:
            following.set_result(None)

    def _next(self) -> asyncio.Future[None] | None:
        for waiting in (self._owed, self._proof):
            while waiting and waiting[0].done():
                waiting.popleft()  # its caller gave up
        if self._owed and self._proof:
            self._given += 1
            proof = self._given % PROOF_TURN_OF == 0
            return (self._proof if proof else self._owed).popleft()
        waiting = self._owed or self._proof
        return waiting.popleft() if waiting else None
