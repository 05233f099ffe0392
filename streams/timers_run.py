"""How do timers run? Each looks by itself, by one agreed day, and appends in its own portions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from typing import Protocol

from streams.agreed_day import AgreedDay, OtherClock
from streams.ports import Publisher
from streams.registry import Registry
from streams.schedule import OpenCodes, Scheduler
from streams.timers import Decided, Portions
from streams.windows import PendingDraws, WindowKeeper


class TimersView(OpenCodes, PendingDraws, Decided, OtherClock, Protocol):
    """What timers read of the view: what is due, how far decide is, and the time."""


async def run_timers(
    view: TimersView,
    publisher: Publisher,
    registry: Registry,
    partitions: int,
    stop: asyncio.Event,
    *,
    every_s: float,
    windows_per_s: float,
    now_ms: Callable[[], int],
) -> None:
    """Let codes and dispatches lapse, and windows for draws close, until `stop` is set.

    Args:
        view: What is due.
        publisher: Appends to the journal.
        registry: The policy in force, and the administrators' entries on working days.
        partitions: How many the journal has.
        stop: Ends it; what is not appended by then is due at the next start.
        every_s: How often to look.
        windows_per_s: Windows closed a second at most.
        now_ms: This machine's clock.
    """
    lapses, closes = (
        Portions(view, publisher, stop, per_s_max=per_s) for per_s in (inf, windows_per_s)
    )
    scheduler = Scheduler(
        codes=view,
        portions=lapses,
        partitions=partitions,
        policy_version=lambda: registry.policy_version,
    )
    keeper = WindowKeeper(view, closes, partitions, registry)
    today = AgreedDay(now_ms, view).today
    await asyncio.gather(scheduler.run(stop, every_s, today), keeper.run(stop, every_s, today))
