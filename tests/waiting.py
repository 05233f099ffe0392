"""How does a test wait? For a condition, with a deadline, never for a time."""

import asyncio
import time
from collections.abc import Callable

POLL_S = 0.02


def until(condition: Callable[[], object], what: str, deadline_s: float = 30.0) -> None:
    """Return when the condition holds; fail and say what was waited for when it does not."""
    ends = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < ends, f"waited {deadline_s:g} s in vain: {what}"
        time.sleep(POLL_S)


async def until_async(condition: Callable[[], object], what: str, deadline_s: float = 30.0) -> None:
    """The same, among coroutines."""
    ends = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < ends, f"waited {deadline_s:g} s in vain: {what}"
        await asyncio.sleep(POLL_S)
