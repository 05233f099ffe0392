"""How does the watch run as a process? It looks every few seconds until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AsyncExitStack

import redis.asyncio as aioredis
import structlog

from connectors.publisher import KafkaPublisher
from connectors.redis_retry import patient
from connectors.watch.canary import Canary
from connectors.watch.departments import DepartmentWatch
from connectors.watch.ports import WatchRules
from connectors.watch.positions import UNSEEN, Positions
from connectors.watch.store import read_pictures
from connectors.watch.watcher import Watcher
from schemas.calendar_file import CalendarTable
from schemas.settings import Settings
from schemas.watch import Snapshot, Verdict

log = structlog.get_logger()

DEPARTMENTS_EVERY = 3
"""Departments are looked at at every third look: their rhythm is one of days."""


async def run_watch(
    settings: Settings, addresses: tuple[str, str], rules: WatchRules, stop: asyncio.Event
) -> None:
    """Watch until `stop` is set.

    Args:
        settings: How this installation is set up.
        addresses: Of the broker and of Redis.
        rules: Judge and reckon.
        stop: Ends it.
    """
    # It tells of every connection that it loses; we say so once, by the verdict.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    bootstrap, redis_url = addresses
    async with AsyncExitStack() as stack:
        client = aioredis.from_url(redis_url)
        stack.push_async_callback(client.aclose)
        canary = await _canary(stack, settings, addresses, client)
        watcher = Watcher(
            bootstrap=bootstrap,
            redis=(client, redis_url),
            rules=rules,
            sites=settings.site_codes,
            every_s=settings.watch_every_s,
            clock=_now_ms,
            canary=lambda: canary.last if canary is not None else None,
        )
        stack.callback(watcher.positions.close)
        singing: asyncio.Task[None] | None = None
        if canary is not None:
            singing = asyncio.create_task(canary.run(stop, settings.watch_canary_every_s))
            stack.callback(singing.cancel)
        departments = DepartmentWatch(
            bootstrap=bootstrap,
            redis=(client, redis_url),
            positions=watcher.positions,
            rules=rules,
            clock=_now_ms,
        )
        told, turn = Verdict.OK, 0
        while not stop.is_set():
            began = time.monotonic()
            if singing is not None and singing.done():
                # Only a mistake of ours ends it; its last song would be shown for ever.
                singing.result()
            picture = await watcher.look()
            told = _tell(told, picture)
            if turn % DEPARTMENTS_EVERY == 0 and not picture.faults:
                await look_at_departments(departments, watcher.positions, watcher.ledgers.calendar)
            turn += 1
            left = settings.watch_every_s - (time.monotonic() - began)
            await _pause(stop, max(left, 0.05))


async def look_at_departments(
    departments: DepartmentWatch, positions: Positions, calendar: CalendarTable
) -> None:
    """Look at all departments; if the broker goes away meanwhile, the next look begins anew."""
    try:
        await departments.look(positions.ends, calendar)
    except UNSEEN as cause:
        positions.close()
        departments.forget()
        log.warning("departments could not be looked at", error=str(cause))


async def _canary(
    stack: AsyncExitStack, settings: Settings, addresses: tuple[str, str], client: aioredis.Redis
) -> Canary | None:
    """The canary, with its last song from before we were started; None where none is wanted."""
    if not settings.watch_canary_every_s:
        return None
    publisher = KafkaPublisher(addresses[0], "inspection-hub-canary")
    await publisher.start()
    stack.push_async_callback(publisher.stop)
    before, _ = await patient(lambda: read_pictures(client), addresses[1])
    last = before.canary if before is not None else None
    return Canary(addresses[0], publisher, settings.sizing(), _now_ms, last)


def _tell(before: Verdict, picture: Snapshot) -> Verdict:
    """Say in the log when the verdict on the whole changes."""
    if picture.verdict is not before:
        bad = [
            f"{row.stage} {row.site}".strip() + f" {row.verdict}"
            for row in picture.stages
            if row.verdict is not Verdict.OK
        ]
        log.warning("the verdict has changed", verdict=picture.verdict.value, rows=bad)
    return picture.verdict


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
