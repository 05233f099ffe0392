"""What happens while Redis is away? We wait, say so with its address, and go on by ourselves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

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
