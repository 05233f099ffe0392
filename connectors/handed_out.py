"""How do those who came together hear what came of it? Each its own answer, or all the failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

Answer = TypeVar("Answer")


async def hand_out(
    waiting: Sequence[asyncio.Future[Answer]], carried: Awaitable[Sequence[Answer]]
) -> None:
    """Wait for the answers of a batch and hand them out, in order. Who has given up gets none.

    Raises:
        ValueError: there are more or fewer answers than waiters.
    """
    try:
        answers = await carried
    except Exception as cause:  # noqa: BLE001 - whoever asked hears of it
        for future in waiting:
            if not future.done():
                future.set_exception(cause)
        return
    for future, answer in zip(waiting, answers, strict=True):
        if not future.done():
            future.set_result(answer)
