"""Faults that can be planted in a deliver worker, and mishaps a sound one must get over."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sites.national import NationalSystem
from schemas.delivery import Accepted, Delivery, Unavailable
from streams.delivery import courier, feed_fold
from streams.delivery.courier import Courier
from streams.delivery.exchange import Answer, Job
from streams.delivery.feed_fold import FeedFold
from streams.delivery.ports import LedgerBatch, Wait
from streams.rules.delivery.ledger import Entry, Lane, Turn, decode_entry

FOR_EVER_MS = 32_503_680_000_000
"""The year 3000."""


def receipt_first() -> None:
    """The receipt is written first; by then nobody remembers to ask the system."""

    async def unasked(
        _system: Any, jobs: Sequence[Job], _clock: Callable[[], int]
    ) -> list[tuple[Job, Answer]]:
        return [(job, Accepted("202", f"CT-{job.entry.key[:8]}")) for job in jobs]

    courier.exchange = unasked  # the planted fault


def skip_stops() -> None:
    """The position moves past stops that are not in the ledger."""
    make = FeedFold._batch

    def skipping(self: Any, *arguments: Any) -> LedgerBatch:
        batch = make(self, *arguments)
        for name in [n for n, value in batch.entries.items() if decode_entry(value).stops]:
            for part in (batch.entries, batch.values, batch.placed):
                part.pop(name)
        return batch

    FeedFold._batch = skipping  # type: ignore[method-assign]  # the planted fault


def lost_answer() -> None:
    """No fault of ours: the front database takes the first attempt, and nobody hears of it."""
    send = NationalSystem.send

    async def unheard(self: Any, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        answers = await send(self, deliveries)
        return [
            Unavailable("hung up") if one.attempt == 1 else answer
            for one, answer in zip(deliveries, answers, strict=True)
        ]

    NationalSystem.send = unheard  # type: ignore[method-assign]  # the mishap


def new_key() -> None:
    """Every attempt after the first has a key of its own."""
    send = NationalSystem.send

    def renamed(one: Delivery) -> Delivery:
        if one.attempt == 1:
            return one
        text = f"{one.key} {one.attempt}"
        return dataclasses.replace(one, key=hashlib.sha256(text.encode()).hexdigest()[:32])

    async def anew(self: Any, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        return await send(self, [renamed(one) for one in deliveries])

    NationalSystem.send = anew  # type: ignore[method-assign]  # the planted fault


def last_one_wins() -> None:
    """Whatever comes last on the feed is owed, whichever version it is."""

    def any_version(_known: Entry | None, wanted: Entry) -> tuple[Entry, Turn]:
        return wanted, Turn.NEW

    feed_fold.want = any_version  # the planted fault


def drop_when_paused() -> None:
    """What is due while the site is paused is never tried again."""
    see = Courier._see_pause

    async def dropping(self: Any) -> None:
        await see(self)
        desk = self._desk
        if not self._paused or not desk.ready.is_set():
            return
        lanes = (Lane.STOP, Lane.DISCLOSE)
        async with desk.lock:
            found = await desk.ledger.due(lanes, desk.clock(), 10_000)
            waits = [
                Wait(name, lane, FOR_EVER_MS)
                for lane, names in zip(lanes, found, strict=True)
                for name in names
            ]
            await desk.ledger.wait(desk.fence, waits)

    Courier._see_pause = dropping  # type: ignore[method-assign]  # the planted fault


DELIVERY_FAULTS: Mapping[str, Callable[[], None]] = {
    "receipt first": receipt_first,
    "skip stops": skip_stops,
    "lost answer": lost_answer,
    "new key": new_key,
    "last one wins": last_one_wins,
    "drop when paused": drop_when_paused,
}
