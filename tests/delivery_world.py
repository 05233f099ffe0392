"""A site's feed and receipts in memory, and processes that deliver it. Time is the loop's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from delivery_fakes import FakeLedger, FakeSystem
from fakes import FakeKafka, FakeRecord

from schemas.calendar_file import NO_OVERRIDES
from schemas.codec import encode_json
from schemas.decision import SourceRef
from schemas.feed import Cause, Disclosure, DisclosureState, Receipt, StopReason, feed_key
from schemas.topics import dlq_topic, feed_topic, receipt_topic
from streams.delivery.courier import CourierSettings
from streams.delivery.observing import ObserverSettings
from streams.delivery.run import SiteDelivery, SiteSettings, World
from streams.lanes import Partition
from streams.ports import Outgoing
from streams.rules.delivery.ledger import Entry, Standing, Waits, decode_entry, standing

SITE = "CREDIT-TJ"
USCC = "91120116MA05AAAA1A"
MONDAY = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
"""A Monday, 10:00 in Shanghai."""
BASE_MS = int(MONDAY.timestamp() * 1000)


def now_ms() -> int:
    """The world's clock: the loop's time, counted from that Monday."""
    return BASE_MS + int(asyncio.get_running_loop().time() * 1000)


class TellingKafka(FakeKafka):
    """Topics that tell when they grow, and stamp records with the world's time."""

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        super().__init__()
        self.clock = clock
        self.grown: list[asyncio.Event] = []

    def append(self, message: Outgoing) -> FakeRecord:
        self.now_ms = self.clock() - 1000  # the parent adds a second
        record = super().append(message)
        for event in self.grown:
            event.set()
        return record


@dataclass
class DeliveryWorld:
    """One site: its topics, its ledger, its system, and what is committed."""

    site: str = SITE
    clock: Callable[[], int] = now_ms
    kafka: TellingKafka = field(default_factory=TellingKafka)
    ledger: Any = field(default_factory=FakeLedger)
    committed: dict[str, int] = field(default_factory=dict)
    system: Any = None
    seed: int = 1
    courier: CourierSettings = field(
        default_factory=lambda: CourierSettings(calls_max=4, taken_max=200, idle_s=20.0)
    )
    waits: Waits = field(default_factory=Waits)
    poll_every_s: float = 60.0
    flows: dict[str, asyncio.Event] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.system = self.system or FakeSystem(self.site, self.clock)
        for topic in (feed_topic(self.site), receipt_topic(self.site)):
            self.flows[topic] = asyncio.Event()
            self.flows[topic].set()

    def ask(
        self, result_id: str, version: int = 1, state: str = "STOPPED", uscc: str = USCC,
        **fields: Any,
    ) -> FakeRecord:  # fmt: skip
        """Append a feed record, as decide would."""
        value = a_disclosure(self.site, result_id, version, state, uscc, **fields)
        return self.kafka.append(
            Outgoing(feed_topic(self.site), 0, feed_key(uscc, result_id).encode(), value)
        )

    def say(self, receipt: Receipt) -> FakeRecord:
        """Append a receipt, as a system would."""
        topic = receipt_topic(self.site)
        return self.kafka.append(
            Outgoing(topic, 0, receipt.result_id.encode(), encode_json(receipt))
        )

    def entry(self, result_id: str, uscc: str = USCC) -> Entry:
        """What the ledger says of a result."""
        return decode_entry(self.ledger.content.entries[f"{uscc}\x1f{result_id}"])

    def standings(self) -> dict[str, Standing]:
        """How far each result is."""
        entries = [decode_entry(value) for value in self.ledger.content.entries.values()]
        return {entry.result_id: standing(entry) for entry in entries}

    def receipts(self) -> list[Receipt]:
        """Everything on the receipt topic."""
        records = self.kafka.all(receipt_topic(self.site))
        return [Receipt.model_validate_json(record.value or b"") for record in records]

    def letters(self) -> list[FakeRecord]:
        """Everything in the dead letters."""
        return self.kafka.all(dlq_topic("deliver"))

    def all(self, at: Standing) -> bool:
        """Whether every result is so far."""
        return bool(self.standings()) and set(self.standings().values()) == {at}


class Process:
    """One deliver process, from its start to its death."""

    def __init__(
        self, world: DeliveryWorld, at_point: Callable[[str], None] = lambda _: None
    ) -> None:
        self.world = world
        parts = World(
            ledger=world.ledger, logs=world.kafka, publisher=world.kafka, system=world.system,
            clock=world.clock, rnd=world.rng.random, calendar=NO_OVERRIDES, at_point=at_point,
        )  # fmt: skip
        settings = SiteSettings(
            courier=world.courier, observer=ObserverSettings(recheck_ms=world.waits.recheck),
            waits=world.waits, poll_every_s=world.poll_every_s, look_every_s=world.poll_every_s,
            digest_every_s=300.0,
        )  # fmt: skip
        self.site = SiteDelivery(parts, settings)
        self.stop = asyncio.Event()
        self.causes: list[BaseException] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.pumps: list[asyncio.Task[None]] = []

    def start(self) -> Process:
        """Take the topics and work."""
        self._begin(self.site.run(self.stop))
        self.take()
        return self

    def take(self) -> None:
        """The group gives it both topics."""
        self.pumps = [self._begin(self._pump(topic)) for topic in self.site.desk.topics.values()]

    async def lose(self) -> None:
        """The group takes both topics away."""
        for pump in self.pumps:
            pump.cancel()
        await asyncio.sleep(0)
        for topic in self.site.desk.topics.values():
            await self.site.handler.close(self.tp(topic))

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self.tasks.append(task)
        return task

    @property
    def alive(self) -> bool:
        return not self.causes

    @staticmethod
    def tp(topic: str) -> Partition:
        return Partition(topic, 0)

    def kill(self) -> None:
        """Nothing of it runs any more."""
        for task in self.tasks:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (cause := task.exception()) is not None:
            self.causes.append(cause)
            self.kill()

    async def _pump(self, topic: str) -> None:
        """Hand records over and commit them, as the engine does."""
        world, tp = self.world, Partition(topic, 0)
        grown = asyncio.Event()
        world.kafka.grown.append(grown)
        at = await self.site.handler.open(tp, world.committed.get(topic))
        if at:
            world.committed[topic] = at
        while True:
            await world.flows[topic].wait()
            grown.clear()
            records = [r for r in world.kafka.logs[topic, 0] if r.offset >= at]
            if records:
                await self.site.handler.handle(tp, records[:50])
                at = records[:50][-1].offset + 1
                world.committed[topic] = at
            else:
                await grown.wait()


async def until(condition: Callable[[], object], hours: float = 24.0) -> None:
    """Let the world go on until the condition holds."""
    ends = now_ms() + hours * 3_600_000
    while not condition():
        assert now_ms() < ends, f"waited {hours:g} simulated hours in vain"
        await asyncio.sleep(1.0)


def a_disclosure(
    site: str,
    result_id: str,
    version: int,
    state: str,
    uscc: str,
    *,
    days: int = 3,
    said: Any = None,
    body: Any = None,
) -> bytes:
    """The bytes of a feed record."""
    said = said or MONDAY
    stops = state != "DISCLOSED"
    due: date = said.date() + timedelta(days=days)
    disclosure = Disclosure(
        site=site, result_id=result_id, uscc=uscc, dept="WJW-120116", version=version,
        state=DisclosureState(state), cause=Cause.REPAIRED if stops else Cause.RESULT,
        stop_reason=StopReason.REPAIR_APPROVED if stops else None,
        approved_at=said.isoformat() if stops else None,
        due_at=f"{due.isoformat()}T23:59:59+08:00" if stops else None,
        body=body or {"n": version},
        source=SourceRef(topic="insp.journal", partition=0, offset=version),
    )  # fmt: skip
    return encode_json(disclosure)
