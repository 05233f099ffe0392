"""What happens while Redis is away? We wait, say so with its address, and go on by ourselves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError

log = structlog.get_logger()

Answer = TypeVar("Answer")

FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 2.0


async def patient(ask: Callable[[], Awaitable[Answer]], address: str) -> Answer:
    """Ask until Redis answers. Only for questions that may be asked twice.

    The wait ends with the task: a lane that loses its partition is cancelled.
    """
    wait_s = FIRST_WAIT_S
    while True:
        try:
            answer = await ask()
        except (ConnectionError, TimeoutError, BusyLoadingError) as cause:
            log.warning(
                "Redis does not answer, waiting",
                address=address, error=str(cause), next_try_in_s=round(wait_s, 2),
            )  # fmt: skip
            await asyncio.sleep(wait_s * (0.5 + random.random() / 2))
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
        else:
            if wait_s > FIRST_WAIT_S:
                log.info("Redis answers again", address=address)
            return answer


class OneAfterAnother:
    """Asks one thing at a time, and each to its end, whoever asked gives up or not.

    A command of a task that was cancelled is on its way all the same, and may reach Redis after
    the next one, which goes by another connection. Of two claims the one that was given up would
    then be the last: the process fenced itself out (`LedgerMovedError`, seen where a group
    rebalances twice at its first start).
    """

    def __init__(self) -> None:
        self._last: asyncio.Task[None] | None = None

    async def ask(self, ask: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """The answer, once whatever was asked before has been answered."""
        while self._last is not None and not self._last.done():
            await asyncio.wait([self._last])
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._last = asyncio.create_task(_answer(ask, answer))
        return await answer


async def _answer(
    ask: Callable[[], Coroutine[Any, Any, Answer]], to: asyncio.Future[Answer]
) -> None:
    try:
        found = await ask()
    except Exception as cause:  # noqa: BLE001 - whoever asked hears of it, if it still listens
        if not to.done():
            to.set_exception(cause)
    else:
        if not to.done():
            to.set_result(found)
