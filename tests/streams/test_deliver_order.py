"""What puts a feed right again whose records came late, twice, or not at all?"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from delivery_world import SITE, USCC, DeliveryWorld, Process, a_disclosure, until
from virtual_time import run_virtual

from schemas.dead_letter import from_headers
from schemas.feed import Receipt, Stage, delivery_key
from schemas.reasons import Refusal
from schemas.topics import feed_topic, receipt_topic
from streams.delivery.nightly import tombstone
from streams.lanes import Partition
from streams.ports import Outgoing
from streams.recovery import RefusedStartError
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


def test_an_older_version_behind_a_newer_one_is_put_right_once():
    async def main() -> None:
        world = pulling()
        newest = world.ask("R-1", 2)
        process = Process(world).start()
        await settled(world)
        world.ask("R-1", 1, "DISCLOSED")
        await settled(world)
        process.kill()
        Process(world).start()
        await settled(world)

        feed = world.kafka.all(feed_topic(SITE))
        assert [record.value for record in feed[2:]] == [newest.value]
        assert feed[2].key == newest.key
        assert world.entry("R-1").version == 2

    run_virtual(main())


def test_a_newer_version_in_the_same_batch_needs_no_putting_right():
    async def main() -> None:
        world = pulling()
        for version in (2, 1, 2, 1, 3):
            world.ask("R-1", version)
        Process(world).start()
        await settled(world)

        assert len(world.kafka.all(feed_topic(SITE))) == 5

    run_virtual(main())


def test_a_tombstone_of_ours_removes_the_entry_and_others_do_not():
    async def main() -> None:
        world = pulling()
        world.ask("R-1", 1, "DISCLOSED")
        world.ask("R-2", 1)
        Process(world).start()
        await settled(world)
        for key in (f"{USCC}|R-1", "R-1"):
            world.kafka.append(Outgoing(feed_topic(SITE), 0, key.encode(), None))
        world.kafka.append(tombstone(SITE, world.entry("R-2"), 1))
        await settled(world)

        assert set(world.standings()) == {"R-1"}
        content = world.ledger.content
        assert not any(name.endswith("R-2") for lane in content.lanes.values() for name in lane)

    run_virtual(main())


def test_a_tombstone_that_overtakes_a_newer_version_is_put_right():
    async def main() -> None:
        world = pulling()
        world.ask("R-1", 1)
        Process(world).start()
        await settled(world)
        grave = tombstone(SITE, world.entry("R-1"), 1)
        newest = world.ask("R-1", 2, "DISCLOSED")
        world.kafka.append(grave)
        await settled(world)

        assert world.kafka.all(feed_topic(SITE))[-1].value == newest.value
        assert world.entry("R-1").version == 2

    run_virtual(main())


def test_a_feed_record_nobody_can_read_is_parked():
    async def main() -> None:
        world = pulling()
        world.kafka.append(Outgoing(feed_topic(SITE), 0, b"R-1", b"{}"))
        world.ask("R-2")
        process = Process(world).start()
        await settled(world)

        assert len(world.letters()) == 1
        assert set(world.standings()) == {"R-2"}
        assert not process.causes

    run_virtual(main())


def test_a_feed_record_under_another_key_than_its_own_is_parked():
    async def main() -> None:
        world = pulling()
        value = a_disclosure(SITE, "R-1", 1, "STOPPED", USCC)
        world.kafka.append(Outgoing(feed_topic(SITE), 0, b"R-1", value))
        world.ask("R-2")
        Process(world).start()
        await settled(world)

        (letter,) = world.letters()
        assert from_headers(letter.headers, letter.value).reason is Refusal.WRONG_KEY
        assert set(world.standings()) == {"R-2"}

    run_virtual(main())


def test_results_of_two_enterprises_with_one_id_are_two_entries():
    async def main() -> None:
        world = pulling()
        other = "91350211M0000XUF46"
        world.ask("R-1", 1, "DISCLOSED")
        world.ask("R-1", 2, uscc=other)
        Process(world).start()
        await settled(world)

        assert (world.entry("R-1").stops, world.entry("R-1", other).stops) == (False, True)
        assert world.ledger.content.shown == {f"R-1\x1f1\x1f{USCC}"}

    run_virtual(main())


@pytest.mark.parametrize("topic", [feed_topic(SITE), receipt_topic(SITE)])
@pytest.mark.parametrize("fault", ["cut at its end", "cut at its head"])
def test_contradictions_refuse_to_start(topic: str, fault: str):
    async def main() -> None:
        world = DeliveryWorld()
        for number in range(5):
            world.ask(f"R-{number}")
        process = Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))
        process.kill()
        if fault == "cut at its end":
            del world.kafka.logs[topic, 0][2:]
        else:
            world.kafka.cut_head(topic, 0, len(world.kafka.logs[topic, 0]))
            world.kafka.starts[topic, 0] += 1
        again = Process(world).start()
        await until(lambda: again.causes)

        assert isinstance(again.causes[0], RefusedStartError)
        assert topic in str(again.causes[0])

    run_virtual(main())


def test_a_ledger_wiped_at_night_ends_the_process():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-1")
        process = Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))
        await world.ledger.forget()
        with pytest.raises(Exception, match="expected"):
            await process.site.handler.idle(process.tp(feed_topic(SITE)))

    run_virtual(main())


def test_records_in_a_partition_nobody_reads_are_parked_and_stop_nothing():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-1")
        process = Process(world).start()
        for topic in process.site.desk.topics.values():
            stray = world.kafka.append(Outgoing(topic, 2, b"k", b"hostile"))
            await process.site.handler.handle(Partition(topic, 2), [stray])
        await until(lambda: world.all(Standing.OBSERVED))

        letters = [from_headers(one.headers, one.value) for one in world.letters()]
        assert [one.reason for one in letters] == [Refusal.WRONG_PARTITION] * 2
        assert {(one.topic, one.partition) for one in letters} == {
            (feed_topic(SITE), 2), (receipt_topic(SITE), 2),
        }  # fmt: skip
        assert not process.causes

    run_virtual(main())


@pytest.mark.parametrize("moment", ["control", "due", "entries", "attempts", "values", "next_due"])
@pytest.mark.parametrize("back", [True, False])
def test_what_is_under_way_when_the_ledger_is_given_away_writes_nothing_and_ends_nothing(
    moment: str, back: bool
):
    """At each question to the ledger the group takes the topics away, and gives them back."""

    async def main() -> None:
        world = DeliveryWorld(poll_every_s=1.0)
        world.ask("R-1")
        process, asked = Process(world), getattr(world.ledger, moment)
        moves, is_moving = 0, False

        async def moved(*args: Any) -> Any:
            nonlocal moves, is_moving
            found = await asked(*args)
            if (
                moves < 20
                and not is_moving  # a group moves topics once at a time
                and process.site.desk.ready.is_set()
                and not process.site.desk.lock.locked()
            ):
                moves, is_moving = moves + 1, True
                await process.lose()
                await world.ledger.claim(f"another process {moves}")
                process.take()
                is_moving = False
                if back:
                    await process.site.desk.ready.wait()
            return found

        setattr(world.ledger, moment, moved)
        process.start()
        for number in range(2, 5):
            await asyncio.sleep(30)
            world.ask(f"R-{number}")
        await asyncio.sleep(300)
        setattr(world.ledger, moment, asked)
        await until(lambda: world.all(Standing.OBSERVED))

        assert moves
        assert not process.causes

    run_virtual(main())
