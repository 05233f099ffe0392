"""A system together with what lies behind it: a sandbox that really listens, or a fake."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from fake_system import FakeSystem
from waiting import POLL_S

from connectors.sandbox.credit_tianjin import CreditTianjinSandbox
from connectors.sandbox.national import NationalSandbox, front_address
from connectors.sandbox.server import Sandbox
from connectors.sandbox.tianjin_subjects import TianjinSubjectsSandbox
from connectors.signer import make_signer, make_verifier
from connectors.sites.credit_tianjin import CreditTianjin
from connectors.sites.http import Http
from connectors.sites.national import NationalSystem
from connectors.sites.tianjin_subjects import TianjinSubjects
from schemas.delivery import Delivery, SiteReceipt, Unavailable
from schemas.feed import Receipt, Stage, feed_key
from schemas.sites import TIANJIN_SUBJECTS
from schemas.topics import FEED_PREFIX, RECEIPT_PREFIX

SIGNER = make_signer("ed25519", "S0", bytes(range(32)))
VERIFIER = make_verifier("ed25519", "S0", SIGNER.public)
STRANGER = make_signer("ed25519", "S1", bytes(range(1, 33)))
BROKER_PARTITIONS = 4


@dataclass
class World:
    """A system as deliver sees it, and the levers behind it."""

    system: Any
    sandbox: Sandbox | None = None
    folder: Path | None = None
    fault: Callable[..., None] = lambda **_: None
    feed: Callable[[Sequence[Delivery]], None] | None = None
    told: Callable[[], list[SiteReceipt]] | None = None
    receipts: list[SiteReceipt] = field(default_factory=list)
    _cursor: str = ""

    async def bring(self, *deliveries: Delivery) -> list[Any]:
        """Hand over deliveries the way this system takes them."""
        if self.feed is not None:
            self.feed(deliveries)
            return []
        return list(await self.system.send(deliveries))

    async def receipt_of(self, delivery: Delivery) -> SiteReceipt:
        """The business receipt of a delivery, as soon as it comes."""
        found: list[SiteReceipt] = []

        async def look() -> bool:
            await self.poll()
            found[:] = [one for one in self.receipts if one.key == delivery.key]
            return bool(found)

        await until_true(look, f"a receipt of {delivery.result_id} version {delivery.version}")
        return found[0]

    async def poll(self) -> None:
        """Take over what receipts there are."""
        polled = await self.system.poll_receipts(self._cursor)
        assert not isinstance(polled, Unavailable), polled
        self.receipts += polled[0]
        self._cursor = polled[1]
        if self.told is not None:
            self.receipts += self.told()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the sandbox's journal holds on disk, read by another process' connection."""
        assert self.folder is not None
        with sqlite3.connect(self.folder / "journal.db") as journal:
            return journal.execute(query, values).fetchall()


async def until_true(look: Callable[[], Any], what: str, deadline_s: float = 30.0) -> None:
    """Wait for an asynchronous condition."""
    ends = time.monotonic() + deadline_s
    while not await look():
        assert time.monotonic() < ends, f"waited {deadline_s:g} s in vain: {what}"
        await asyncio.sleep(POLL_S)


@asynccontextmanager
async def _running(sandbox: Sandbox, folder: Path) -> AsyncIterator[tuple[str, World]]:
    address = await sandbox.start()
    world = World(None, sandbox, folder, lambda **wish: sandbox.faults.ask(wish))
    try:
        yield address, world
    finally:
        if world.system is not None:
            await world.system.close()
        await sandbox.stop()


@asynccontextmanager
async def fake(folder: Path, **_: Any) -> AsyncIterator[World]:
    """A system in memory."""
    system = FakeSystem()
    yield World(system, fault=system.fault)


@asynccontextmanager
async def national(folder: Path, front: str = "", **options: Any) -> AsyncIterator[World]:
    """The front database, at an address or in a file, and the system behind it."""
    options = {"import_every_s": 0.02, **options}
    sandbox = NationalSandbox(folder, address=front, **options)
    async with _running(sandbox, folder) as (address, world):
        world.system = NationalSystem(front or front_address(folder), f"{address}/public")
        yield world


@asynccontextmanager
async def credit_tianjin(
    folder: Path, signer: Any = SIGNER, wait_s: float = 10.0, **options: Any
) -> AsyncIterator[World]:
    """The HTTP system."""
    sandbox = CreditTianjinSandbox(folder, [VERIFIER], **options)
    async with _running(sandbox, folder) as (address, world):
        world.system = CreditTianjin(
            f"{address}/exchange", f"{address}/public", [signer], http=Http(wait_s=wait_s)
        )
        yield world


@asynccontextmanager
async def tianjin_subjects(folder: Path, bootstrap: str, **options: Any) -> AsyncIterator[World]:
    """The system that consumes its feed, on a broker."""
    sandbox = TianjinSubjectsSandbox(folder, bootstrap, **options)
    consumer = receipts_from(bootstrap)
    async with _running(sandbox, folder) as (address, world):
        world.system = TianjinSubjects(f"{address}/public")
        world.feed = lambda deliveries: publish(bootstrap, deliveries)
        world.told = lambda: read(consumer)
        yield world
    consumer.close()


def publish(bootstrap: str, deliveries: Sequence[Delivery]) -> None:
    """Put feed records on the feed of the system that consumes it."""
    producer = Producer({"bootstrap.servers": bootstrap})
    for one in deliveries:
        producer.produce(
            FEED_PREFIX + TIANJIN_SUBJECTS.code,
            one.value,
            feed_key(one.uscc, one.result_id).encode(),
        )
    assert producer.flush(10) == 0


def receipts_from(bootstrap: str) -> Consumer:
    """A reader of the site's receipts."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused"})
    topic = RECEIPT_PREFIX + TIANJIN_SUBJECTS.code
    consumer.assign(
        [TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(BROKER_PARTITIONS)]
    )
    return consumer


def read(consumer: Consumer) -> list[SiteReceipt]:
    """The receipts that are new, as business receipts."""
    records = [one for one in consumer.consume(100, 0.05) if one.error() is None]
    return [_read(Receipt.model_validate_json(record.value())) for record in records]


def _read(receipt: Receipt) -> SiteReceipt:
    assert receipt.by == "SITE"
    return SiteReceipt(
        receipt.key,
        receipt.uscc,
        receipt.result_id,
        receipt.version,
        receipt.stage is Stage.PROCESSED,
        receipt.errors,
        receipt.site_receipt_id or "",
        receipt.body_sha256,
    )
