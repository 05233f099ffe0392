"""All three systems are out for an hour while stops come in. Time is injected, Redis is real."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

from delivery_fakes import FakeSystem
from delivery_world import BASE_MS, DeliveryWorld, Process, TellingKafka
from waiting import until_async

from connectors.redis_ledger import RedisLedger
from connectors.redis_view import connect
from schemas.delivery import Delivery
from schemas.feed import Disclosure, Receipt, Stage
from schemas.sites import SITES, TIANJIN_SUBJECTS
from schemas.topics import feed_topic
from streams.delivery.courier import CourierSettings
from streams.rules.delivery.breaker import FAILURES_MAX
from streams.rules.delivery.ledger import Entry, entry_of
from streams.rules.delivery.retry import end_of_ms

DUE_MS = end_of_ms(date(2026, 3, 19))
MINUTE_MS = 60_000
OUTAGE_MINUTES = 60
STOPS_A_MINUTE = 30
STEP_S = 0.02
TAKEN_MAX = 500
TRIES_AN_HOUR_MAX = OUTAGE_MINUTES + FAILURES_MAX + 4
"""A probe a minute, those before the breaker opened, and those under way by then."""
REDIS_BYTES_AN_ENTRY_MAX = 2_500


class Clock:
    """Unix milliseconds, as far as the test has turned them."""

    def __init__(self) -> None:
        self.ms = BASE_MS

    def __call__(self) -> int:
        return self.ms


class Tried(FakeSystem):
    """Counts how often it was called, answer or not."""

    tries = 0

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        self.tries += 1
        return await super().send(deliveries)


class Place:
    """One site with its deliver process, over a ledger in Redis."""

    def __init__(self, site: str, ledger: RedisLedger, clock: Clock) -> None:
        pushes = site != TIANJIN_SUBJECTS.code
        system = Tried(site, clock, pushes=pushes, batch_max=100)
        self.world = DeliveryWorld(
            site=site, clock=clock, kafka=TellingKafka(clock), ledger=ledger, system=system,
            courier=CourierSettings(calls_max=4, taken_max=TAKEN_MAX, idle_s=STEP_S),
            poll_every_s=STEP_S,
        )  # fmt: skip
        self.ledger, self.system = ledger, system
        self.process = Process(self.world)
        self._taken = 0

    def help_itself(self) -> None:
        """A system that takes from its feed does so when it is up, and says what it processed."""
        if self.system.pushes or self.system.down:
            return
        feed = self.world.kafka.all(feed_topic(self.world.site))
        for record in feed[self._taken :]:
            self._taken += 1
            wanted = entry_of(_said(record.value), record.value or b"", record.offset)
            delivery = Delivery(
                wanted.key, wanted.uscc, wanted.result_id, wanted.version, wanted.state,
                record.value or b"", wanted.body_sha256, 1, None,
            )  # fmt: skip
            self.system.take(delivery)
            self.world.say(_processed(wanted, self.world.site, self.world.clock()))

    async def counts(self) -> dict[str, int]:
        """How many entries wait in which lane of the ledger."""
        return await self.ledger.counts()

    async def holds(self) -> bool:
        """Whether the breaker has opened, as operators see it."""
        found = (await self.ledger.control()).get("breaker")
        return found is not None and b'"CLOSED"' not in found

    def wrong(self, stops: int) -> list[str]:
        """Every promise that was broken."""
        effects = self.system.effects
        keys = Counter(effect.key for effect in effects)
        wrong = [f"{key} took effect {n} times" for key, n in keys.items() if n > 1]
        wrong += [f"{e.name} stopped after its due day" for e in effects if e.at_ms > DUE_MS]
        wrong += [f"{len(keys)} of {stops} took effect"] if len(keys) != stops else []
        receipts = [one for one in self.world.receipts() if one.by == "HUB"]
        wrong += [f"false receipt of {one.result_id}" for one in receipts if one.key not in keys]
        seen = {one.key for one in receipts if one.stage is Stage.OBSERVED}
        return wrong + [f"{key} was never seen stopped" for key in keys.keys() - seen]


def _said(value: bytes | None) -> Disclosure:
    return Disclosure.model_validate_json(value or b"")


def _processed(entry: Entry, site: str, at: int) -> Receipt:
    return Receipt(
        site=site, uscc=entry.uscc, result_id=entry.result_id, version=entry.version,
        state=entry.state, stage=Stage.PROCESSED, by="SITE", key=entry.key,
        body_sha256=entry.body_sha256, site_receipt_id=f"ST-{entry.key[:8]}", at=at,
    )  # fmt: skip


async def an_hour_without_systems(places: Sequence[Place], clock: Clock) -> int:
    """Stops come in every minute, and nobody answers. Returns how many each system is owed."""
    stops = 0
    for place in places:
        place.system.down = True
    for _ in range(OUTAGE_MINUTES):
        for _ in range(STOPS_A_MINUTE):
            clock.ms += MINUTE_MS // STOPS_A_MINUTE
            stops += 1
            for place in places:
                place.world.ask(f"R-{stops:05}")
        await asyncio.sleep(STEP_S)
    return stops


async def make_up(places: Sequence[Place], clock: Clock, stops: int) -> None:
    """The systems are back, time goes on, until every stop is seen."""
    for place in places:
        place.system.down = False

    def all_seen(counts: Sequence[dict[str, int]]) -> bool:
        return all(one["seen"] == sum(one.values()) == stops for one in counts)

    while not all_seen([await place.counts() for place in places]):
        assert clock.ms < DUE_MS, [await place.counts() for place in places]
        clock.ms += 5_000
        for place in places:
            place.help_itself()
            assert not place.process.causes, place.process.causes
        await asyncio.sleep(STEP_S)


async def test_an_hour_without_any_system_is_made_up_in_time_and_costs_little(redis_url: str):
    clock = Clock()
    async with AsyncExitStack() as stack:
        client = connect(redis_url)
        stack.push_async_callback(client.aclose)
        stack.push_async_callback(asyncio.sleep, STEP_S)
        places = [Place(site, RedisLedger(client, redis_url, site), clock) for site in SITES]
        for place in places:
            place.process.start()
            stack.callback(place.process.kill)
        empty = (await client.info("memory"))["used_memory"]

        stops = await an_hour_without_systems(places, clock)

        owed = [stops] * len(places)
        await until_async(lambda: [len_of(place) for place in places] == owed, "all is taken in")
        taken = (await client.info("memory"))["used_memory"] - empty
        assert taken / (stops * len(places)) < REDIS_BYTES_AN_ENTRY_MAX
        for place in places:
            assert place.process.site.courier.taken <= TAKEN_MAX
            assert place.system.tries < TRIES_AN_HOUR_MAX
            assert place.system.effects == []
            assert await place.holds() is place.system.pushes, "the breaker holds"

        await make_up(places, clock, stops)

        assert [place.wrong(stops) for place in places] == [[]] * len(places)
        assert clock.ms < BASE_MS + 4 * 3_600_000


def len_of(place: Place) -> int:
    """How many feed records are in the ledger."""
    return place.process.site.desk.next.get("feed", 0)
