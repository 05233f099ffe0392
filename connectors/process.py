"""How does a process of the hub run? Its loop, its garbage collector, and its rehearsed deaths."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any


def calm_garbage_collector() -> None:
    """Look for cyclic garbage rarely.

    A batch makes a hundred thousand objects and no cycles; with Python's defaults the collector
    walks all cached states again and again and takes two thirds of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def run_loop(main: Coroutine[Any, Any, None], *, uvloop: bool) -> None:
    """Run a coroutine on the event loop the settings ask for."""
    if uvloop:
        import uvloop as fast

        fast.run(main)
    else:
        asyncio.run(main)


async def until_told(
    work: Coroutine[Any, Any, None], stop: asyncio.Event, beating: Coroutine[Any, Any, None]
) -> None:
    """Do a role's work; a signal sets `stop`, and the loop is heard to turn from the first moment.

    A role that waits for the broker is alive, and ends when it is told to: as the first process of
    a container it would not even die of a signal that nobody handles.
    """
    # Here, not above: what asks nothing of Kafka needs none of it in memory.
    from connectors.readiness import ToldToEnd

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    beats = asyncio.create_task(beating)
    try:
        with suppress(ToldToEnd):
            await work
    finally:
        beats.cancel()


def crash_point(spec: str) -> Callable[[str], None]:
    """Rehearse a disaster: `before publish:3` kills this process when it gets there the third time.

    The points are named in streams/; without the environment variable nothing is counted.
    """
    name, _, times = spec.partition(":")
    left = int(times or 1)

    def at(point: str) -> None:
        nonlocal left
        left -= point == name
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


def rehearsed() -> Callable[[str], None]:
    """What hears of each point: the disaster that `HUB_CRASH_AT` asks for, or nobody."""
    spec = os.environ.get("HUB_CRASH_AT")
    return crash_point(spec) if spec else lambda _point: None
