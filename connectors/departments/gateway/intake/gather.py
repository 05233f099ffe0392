"""How do many small questions to a server become few?

While one batch is under way the next gathers. A question alone on its way waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from connectors.handed_out import hand_out

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

BATCH_MAX = 500


class Gatherer(Generic[Ask, Answer]):
    """Carries questions to `carry` in batches, in the order they were asked.

    `weigh` tells the weight of a question; a batch weighs at most `BATCH_MAX`, or is one question.
    """

    def __init__(
        self,
        carry: Callable[[Sequence[Ask]], Awaitable[Sequence[Answer]]],
        weigh: Callable[[Ask], int] = lambda _: 1,
    ) -> None:
        self._carry = carry
        self._weigh = weigh
        self._waiting: list[tuple[Ask, asyncio.Future[Answer]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def ask(self, question: Ask) -> Answer:
        """The answer to one question; raises what carrying its batch raised."""
        return await self.enqueue(question)

    def enqueue(self, question: Ask) -> asyncio.Future[Answer]:
        """Put a question in line at once."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return future

    async def _work(self) -> None:
        now: list[tuple[Ask, asyncio.Future[Answer]]] = []
        try:
            while self._waiting:
                count = self._fitting()
                now, self._waiting = self._waiting[:count], self._waiting[count:]
                await self._one_batch(now)
        finally:
            self._worker = None
            for _, future in (*now, *self._waiting):
                future.cancel()  # only if this task was cancelled: else all are done
            self._waiting = []

    def _fitting(self) -> int:
        """How many of those that wait make the next batch."""
        weight = 0
        for place, (question, _) in enumerate(self._waiting):
            weight += self._weigh(question)
            if weight > BATCH_MAX:
                return max(1, place)
        return len(self._waiting)

    async def _one_batch(self, now: Sequence[tuple[Ask, asyncio.Future[Answer]]]) -> None:
        questions, waiting = zip(*now, strict=True)
        await hand_out(waiting, self._carry(questions))
