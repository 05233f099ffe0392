"""A site's ledger follows its feed and its receipts, whatever they hold."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from delivery_world import SITE, USCC, DeliveryWorld, Process, until
from odd_parts import crash_at
from virtual_time import run_virtual

from schemas.dead_letter import from_headers
from schemas.feed import DisclosureState, Receipt, Stage, delivery_key
from schemas.reasons import Refusal
from schemas.topics import feed_topic, receipt_topic
from streams.ports import Outgoing
from streams.rules.delivery.ledger import Standing


def by_site(world: DeliveryWorld, about: str, version: int = 1, **fields: Any) -> Receipt:
    """A receipt as the system would write it itself."""
    entry = world.entry(about)
    usual = {
        "site": world.site, "uscc": USCC, "result_id": about, "version": version,
        "state": entry.state, "stage": Stage.PROCESSED, "by": "SITE",
        "key": delivery_key(world.site, USCC, about, version),
        "body_sha256": entry.body_sha256, "status": "imported", "site_receipt_id": "S-1", "at": 1,
    }  # fmt: skip
    return Receipt(**{**usual, **fields})


def pulling() -> DeliveryWorld:
    """A site whose system takes from its feed itself, and shows no page."""
    world = DeliveryWorld()
    world.system.pushes = False
    world.system.down = True
    return world


async def settled(world: DeliveryWorld) -> None:
    """Everything published so far is in the ledger."""

    def level() -> bool:
        return all(
            world.committed.get(topic, 0) == len(world.kafka.logs[topic, 0])
            for topic in (feed_topic(world.site), receipt_topic(world.site))
        )

    await until(level, hours=0.1)


def test_what_a_system_says_itself_is_countersigned_once():
    async def main() -> None:
        world = pulling()
        world.ask("R-1")
        process = Process(world).start()
        await settled(world)
        for _ in range(3):
            world.say(by_site(world, "R-1"))
        await settled(world)
        assert world.entry("R-1").processed
        process.kill()
        again = Process(world).start()
        world.say(by_site(world, "R-1"))
        await settled(world)

        (signed,) = [receipt for receipt in world.receipts() if receipt.by == "HUB"]
        assert (signed.stage, signed.site_receipt_id, signed.status) == (
            Stage.PROCESSED, "S-1", "imported",
        )  # fmt: skip
        assert signed.hash == signed.computed_hash()
        assert not world.letters()
        assert not [*process.causes, *again.causes]

    run_virtual(main())


UNASKED = [
    # what is different about the receipt, why it is parked
    pytest.param({"result_id": "R-9"}, Refusal.UNASKED, id="unknown result"),
    pytest.param({"uscc": "91120116MA05BBBB1B"}, Refusal.UNASKED, id="another enterprise"),
    pytest.param({"version": 3}, Refusal.UNASKED, id="a version nobody asked for"),
    pytest.param({"body_sha256": "0" * 64}, Refusal.UNASKED, id="another body"),
    pytest.param({"key": "0" * 32}, Refusal.UNASKED, id="another key"),
    pytest.param({"state": DisclosureState.DISCLOSED}, Refusal.UNASKED, id="another state"),
    pytest.param({"site": "GSXT-TJ"}, Refusal.FOREIGN_SOURCE, id="another site"),
    pytest.param({"stage": Stage.OBSERVED}, Refusal.INVALID_FIELD, id="observed by itself"),
    pytest.param({"at": -1}, Refusal.INVALID_FIELD, id="before all time"),
    pytest.param({"by": "HUB", "hash": "forged"}, Refusal.INVALID_FIELD, id="in our name"),
]


@pytest.mark.parametrize(("fields", "reason"), UNASKED)
def test_a_receipt_nobody_asked_for_is_parked_once_and_changes_nothing(
    fields: dict[str, Any], reason: Refusal
):
    async def main() -> None:
        world = pulling()
        world.ask("R-1", 2)
        process = Process(world).start()
        await settled(world)
        before = world.ledger.snapshot()
        record = world.say(by_site(world, "R-1", **{"version": 2, **fields}))
        await settled(world)
        process.kill()
        Process(world).start()
        await settled(world)

        (letter,) = world.letters()
        found = from_headers(letter.headers, letter.value)
        assert (found.reason, found.stage, found.offset) == (reason, "deliver", record.offset)
        assert letter.value == record.value
        assert world.ledger.content.entries == before.entries
        assert world.ledger.content.lanes == before.lanes
        assert not process.causes

    run_virtual(main())


@pytest.mark.parametrize(
    "value", [b"", b"\xff", b"[]", b'{"by":"HUB"}', b'{"a":' * 3000], ids=range(5)
)
def test_what_is_no_receipt_at_all_is_parked(value: bytes):
    async def main() -> None:
        world = pulling()
        process = Process(world).start()
        world.kafka.append(Outgoing(receipt_topic(SITE), 0, b"R", value))
        await settled(world)
        assert len(world.letters()) == 1
        assert not process.causes

    run_virtual(main())


def test_a_receipt_of_an_overtaken_version_is_no_fault_and_no_proof():
    async def main() -> None:
        world = pulling()
        world.ask("R-1", 1, "DISCLOSED")
        process = Process(world).start()
        await settled(world)
        late = by_site(world, "R-1", 1)
        world.ask("R-1", 2)
        world.say(late)
        await settled(world)

        assert world.standings() == {"R-1": Standing.OWED}
        assert not world.letters()
        assert not process.causes

    run_virtual(main())


def test_a_receipt_that_overtakes_its_feed_record_waits_for_it():
    async def main() -> None:
        other = pulling()
        other.ask("R-1")
        Process(other).start()
        await settled(other)
        receipt = by_site(other, "R-1")
        world = pulling()
        process = Process(world).start()
        await until(process.site.desk.ready.is_set)
        world.flows[feed_topic(SITE)].clear()
        world.ask("R-1")
        world.say(receipt)
        await asyncio.sleep(60)
        assert not world.letters()
        assert not world.standings()
        world.flows[feed_topic(SITE)].set()
        await settled(world)
        assert world.standings() == {"R-1": Standing.PROCESSED}

    run_virtual(main())


def test_what_was_answered_for_is_not_answered_again_when_the_ledger_is_made_anew():
    async def main() -> None:
        world = pulling()
        world.ask("R-1", 2)
        world.ask("R-1", 1, "DISCLOSED")
        first = Process(world).start()
        await settled(world)
        world.say(by_site(world, "R-1", 2))
        world.say(by_site(world, "R-1", 2, key="0" * 32))
        world.kafka.append(Outgoing(feed_topic(SITE), 0, b"R-1", b"{}"))
        await settled(world)
        first.kill()
        await asyncio.sleep(0)
        before = {topic: len(log) for topic, log in world.kafka.logs.items()}
        await world.ledger.forget()
        Process(world).start()
        await asyncio.sleep(60)

        assert world.standings() == {"R-1": Standing.PROCESSED}
        assert {topic: len(log) for topic, log in world.kafka.logs.items()} == before
        assert len(world.letters()) == 2

    run_virtual(main())


def test_reading_ahead_holds_no_more_than_what_it_needs():
    async def main() -> None:
        world = pulling()
        for number in range(40):
            world.ask(f"R-{number:02}")
        first = Process(world).start()
        await settled(world)
        for number in range(40):
            world.say(by_site(world, f"R-{number:02}"))
        await settled(world)
        first.kill()
        # Redis was wiped and the commits have expired: all there ever was lies ahead.
        await world.ledger.forget()
        world.committed.clear()
        held, seen, scan = [], 0, world.kafka.scan

        async def one_by_one(topic: str, *args: int) -> Any:
            nonlocal seen
            async for records in scan(topic, *args):
                for record in records:
                    if topic == receipt_topic(world.site):
                        # Whoever holds them holds more and more: now and then is often enough.
                        if seen % 16 == 0:
                            held.append(sum(isinstance(one, Receipt) for one in gc.get_objects()))
                        seen += 1
                    yield [record]

        world.kafka.scan = one_by_one
        Process(world).start()
        await settled(world)

        assert seen >= 2 * 80
        assert max(held) - held[0] < 10
        assert world.all(Standing.PROCESSED)
        assert len(world.receipts()) == 80, "nothing is countersigned twice"

    run_virtual(main())


def test_a_death_after_a_countersignature_does_not_make_a_second_one():
    async def main() -> None:
        world = pulling()
        world.ask("R-1")
        first = Process(world, crash_at("before script", 2)).start()
        await until(lambda: world.ledger.content.entries, hours=0.1)
        world.say(by_site(world, "R-1"))
        await until(lambda: first.causes, hours=0.1)
        assert len(world.receipts()) == 2
        Process(world).start()
        await settled(world)

        assert [receipt.by for receipt in world.receipts()] == ["SITE", "HUB"]
        assert world.standings() == {"R-1": Standing.PROCESSED}

    run_virtual(main())
