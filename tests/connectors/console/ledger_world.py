"""Ledgers in a real Redis, made of entries one asks for; and views without any Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import redis.asyncio as aioredis
from delivery_world import USCC, a_disclosure
from rich.console import Console

from connectors.redis_ledger import RedisLedger
from schemas.calendar_file import NO_OVERRIDES
from schemas.feed import Disclosure, Stage
from schemas.oversight import DeliveryView
from schemas.sites import SITES
from streams.delivery.ports import LedgerBatch
from streams.desks.oversight import Deliveries
from streams.rules.calendar import SHANGHAI
from streams.rules.delivery.attempts import Attempt, encode_attempt
from streams.rules.delivery.ledger import Entry, Waits, encode_entry, entry_of, place, prove

A, B, C = SITES
FENCE = "test"


def real_now_ms() -> int:
    return time.time_ns() // 1_000_000


def an_entry(
    site: str,
    result_id: str = "R-1",
    version: int = 2,
    state: str = "STOPPED",
    *stages: str,
    uscc: str = USCC,
    said: datetime | None = None,
    errors: tuple[str, ...] = (),
    at_ms: int = 0,
) -> tuple[Entry, bytes]:
    """An entry of which these stages are proven, and the value of its feed record."""
    said = said or datetime.now(UTC)
    value = a_disclosure(site, result_id, version, state, uscc, said=said)
    entry = entry_of(Disclosure.model_validate_json(value), value, 0)
    for number, stage in enumerate(stages):
        at = (at_ms or real_now_ms()) + number
        entry = prove(entry, Stage(stage), at, errors=errors)
    return entry, value


class Ledgers:
    """Writes entries as deliver would."""

    def __init__(self, url: str) -> None:
        self._url = url

    def put(self, site: str, *some: tuple[Entry, bytes], tried: Attempt | None = None) -> None:
        """Put entries into the ledger of a site, after what is there."""
        asyncio.run(self._put(site, some, tried))

    def read(self, site: str, work: Any) -> Any:
        """What a coroutine finds out from a site's ledger."""

        async def run() -> Any:
            client = aioredis.from_url(self._url)
            try:
                return await work(RedisLedger(client, self._url, site))
            finally:
                await client.aclose()

        return asyncio.run(run())

    async def _put(
        self, site: str, some: Sequence[tuple[Entry, bytes]], tried: Attempt | None
    ) -> None:
        client = aioredis.from_url(self._url)
        ledger = RedisLedger(client, self._url, site)
        at = (await ledger.claim(FENCE)).feed_next
        batch = LedgerBatch((at or 0) + len(some))
        for entry, value in some:
            batch.entries[entry.name] = encode_entry(entry)
            batch.values[entry.name] = value
            batch.placed[entry.name] = place(entry, real_now_ms(), Waits())
        await ledger.apply(FENCE, "feed", at, batch)
        if tried is not None:
            for entry, _ in some:
                lane, until = place(entry, real_now_ms(), Waits())
                await ledger.wait(FENCE, [(entry.name, lane, until, encode_attempt(tried))])
        await client.aclose()


def a_view(
    site: str, *args: Any, now_ms: int, tried: Attempt | None = None, **fields: Any
) -> DeliveryView:
    """The same as people see it, without any Redis."""
    entry, _ = an_entry(site, *args, **fields)
    attempt = encode_attempt(tried) if tried else None
    return Deliveries(NO_OVERRIDES).read(encode_entry(entry), attempt, now_ms)


def at(day: date, hour: int = 10) -> datetime:
    """An hour of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def golden(name: str) -> str:
    """How something must look on a terminal of 120 columns."""
    return (Path(__file__).parent / "golden" / f"{name}.txt").read_text(encoding="utf-8")


def drawn(parts: Any, width: int = 120) -> str:
    """What people see on a terminal so wide, without colours and trailing blanks."""
    console = Console(width=width, color_system=None, force_terminal=False, highlight=False)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()).strip() + "\n"
