"""How does a test wait? For a condition, with a deadline, never for a time."""

import asyncio
import time
from collections.abc import Callable, Iterator

POLL_S = 0.02
POLL_MAX_S = 1.0


def until(condition: Callable[[], object], what: str, deadline_s: float = 60.0) -> None:
    """Return when the condition holds; fail and say what was waited for when it does not."""
    for pause_s in _looks(condition, what, deadline_s):
        time.sleep(pause_s)


async def until_async(condition: Callable[[], object], what: str, deadline_s: float = 60.0) -> None:
    """The same, among coroutines."""
    for pause_s in _looks(condition, what, deadline_s):
        await asyncio.sleep(pause_s)


def _looks(condition: Callable[[], object], what: str, deadline_s: float) -> Iterator[float]:
    """Look until it holds; between two looks, how long to wait.

    As long as the look took: half of the processor is left to whom is waited for.
    """
    ends = time.monotonic() + deadline_s
    while True:
        began = time.monotonic()
        if condition():
            return
        now = time.monotonic()
        assert now < ends, f"waited {deadline_s:g} s in vain: {what}"
        yield min(max(POLL_S, now - began), POLL_MAX_S)
