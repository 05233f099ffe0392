"""How what is owed is brought to a system: once in effect, stops first, whatever it answers."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from delivery_fakes import refusal
from delivery_world import USCC, DeliveryWorld, Process, now_ms, until
from virtual_time import run_virtual

from schemas.delivery import Delivery, Unavailable
from schemas.feed import DisclosureState, Stage
from schemas.topics import receipt_topic
from streams.delivery.courier import CourierSettings
from streams.rules.delivery.attempts import decode_attempt
from streams.rules.delivery.ledger import Standing

DUE_ON = date(2026, 3, 19)


def a_world(count: int = 1, **settings: Any) -> DeliveryWorld:
    world = DeliveryWorld(**settings)
    for number in range(count):
        world.ask(f"R-{number:03}")
    return world


def attempt_of(world: DeliveryWorld, result_id: str) -> Any:
    return decode_attempt(world.ledger.content.attempts[f"{USCC}\x1f{result_id}"])


def once_in_effect(world: DeliveryWorld) -> bool:
    keys = [effect.key for effect in world.system.effects]
    return len(keys) == len(set(keys)) and world.system.side_by_side <= 1


def test_a_stop_is_sent_receipted_and_seen():
    async def main() -> None:
        world = a_world(10)
        process = Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        stages = [receipt.stage for receipt in world.receipts()]
        assert [stages.count(stage) for stage in Stage] == [10, 10, 10, 0]
        assert once_in_effect(world)
        assert not process.causes

    run_virtual(main())


@pytest.mark.parametrize("lost", ["nothing", "everything", "the last hour"])
def test_the_receipts_are_one_chain_whatever_was_lost(lost: str):
    async def main() -> None:
        world = a_world(10)
        first = Process(world).start()
        await until(lambda: world.receipts())
        copy = world.ledger.snapshot()
        await until(lambda: world.all(Standing.OBSERVED))
        first.kill()
        await asyncio.sleep(0)
        if lost == "everything":
            await world.ledger.forget()
        elif lost == "the last hour":
            world.ledger.restore(copy)
        world.ask("R-later")
        Process(world).start()
        await until(lambda: len(world.standings()) == 11 and world.all(Standing.OBSERVED))

        receipts = world.receipts()
        assert [receipt.seq for receipt in receipts] == list(range(len(receipts)))
        assert all(receipt.hash == receipt.computed_hash() for receipt in receipts)
        prevs = [receipt.prev for receipt in receipts]
        assert prevs == ["", *(receipt.hash for receipt in receipts[:-1])]

    run_virtual(main())


def test_stops_go_before_disclosures_and_disclosures_still_go():
    async def main() -> None:
        world = DeliveryWorld(courier=CourierSettings(calls_max=1, taken_max=400, idle_s=20.0))
        for number in range(60):
            world.ask(f"D-{number:02}", 1, "DISCLOSED")
        for number in range(60):
            world.ask(f"S-{number:02}")
        Process(world).start()
        await until(lambda: len(world.system.arrivals) >= 60)

        first = [one.state for one in world.system.arrivals[:60]]
        assert first.count(DisclosureState.STOPPED) == 45
        assert first.count(DisclosureState.DISCLOSED) == 15

    run_virtual(main())


def test_what_was_overtaken_before_it_left_is_not_sent():
    async def main() -> None:
        world = DeliveryWorld()
        world.system.down = True
        world.ask("R-1", 1, "DISCLOSED")
        Process(world).start()
        await until(lambda: world.system.calls_most)
        world.ask("R-1", 2)
        world.system.down = False
        await until(lambda: world.all(Standing.OBSERVED))

        assert [one.version for one in world.system.arrivals] == [2]

    run_virtual(main())


def test_what_was_overtaken_while_it_waited_for_a_free_call_is_not_sent():
    async def main() -> None:
        world = a_world(50, courier=CourierSettings(calls_max=1, taken_max=400, idle_s=20.0))
        world.system.latency_s = 10.0
        Process(world).start()
        await until(lambda: world.system.arrivals)
        world.ask("R-049", 2, "DISCLOSED")
        await until(lambda: world.all(Standing.OBSERVED))

        sent = [one.version for one in world.system.arrivals if one.result_id == "R-049"]
        assert sent == [2]

    run_virtual(main())


def test_a_failure_of_an_older_version_does_not_delay_the_newer_one():
    async def main() -> None:
        world = a_world()
        world.system.latency_s = 5.0
        world.system.fault = lambda one: Unavailable("429", 30_000.0) if one.version == 1 else None
        Process(world).start()
        await until(lambda: world.system.arrivals)
        world.ask("R-000", 2)
        await until(lambda: len(world.system.effects) == 1, 0.05)

        assert attempt_of(world, "R-000").version == 2

    run_virtual(main())


def test_what_was_answered_is_not_sent_again_however_late_its_receipt_is_read():
    async def main() -> None:
        world = a_world(5)
        world.system.receipt_after_ms = 10**12
        world.flows[receipt_topic(world.site)].clear()
        process = Process(world).start()
        await asyncio.sleep(3 * 3600)
        assert len(world.system.arrivals) == 5
        world.flows[receipt_topic(world.site)].set()
        await until(lambda: not process.site.courier.taken)

    run_virtual(main())


def test_what_was_taken_is_forgotten_when_the_topics_go_to_another_process():
    async def main() -> None:
        world = a_world(50, courier=CourierSettings(calls_max=1, taken_max=400, idle_s=1.0))
        world.system.latency_s = 0.5
        first = Process(world).start()
        await until(lambda: len(world.system.arrivals) >= 8)
        await first.lose()
        second = Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))
        second.kill()
        await asyncio.sleep(0)
        sent = len(world.system.arrivals)
        first.take()
        await asyncio.sleep(600)

        assert first.site.desk.ready.is_set()
        assert len(world.system.arrivals) == sent
        assert once_in_effect(world)

    run_virtual(main())


def test_an_attempt_is_written_before_it_is_made():
    async def main() -> None:
        world = a_world()
        seen: list[tuple[int, int]] = []

        def look(delivery: Delivery) -> Any:
            attempt = attempt_of(world, delivery.result_id)
            seen.append((attempt.count, delivery.attempt))
            return Unavailable("500") if len(seen) < 3 else None

        world.system.fault = look
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        assert seen == [(1, 1), (2, 2), (3, 3)]
        assert [r.attempt for r in world.receipts() if r.stage is Stage.ACCEPTED] == [3]

    run_virtual(main())


def test_every_attempt_brings_the_same_bytes_under_the_same_key():
    async def main() -> None:
        world = a_world(3)
        tries = iter(range(40))
        world.system.fault = lambda _: "no answer" if next(tries, 40) < 40 else None
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        assert len({(one.key, one.value) for one in world.system.arrivals}) == 3
        assert once_in_effect(world)

    run_virtual(main())


def test_one_stuck_result_blocks_nobody():
    async def main() -> None:
        world = a_world(40)
        world.system.fault = lambda one: Unavailable("500") if one.result_id == "R-007" else None
        Process(world).start()
        await until(lambda: list(world.standings().values()).count(Standing.OBSERVED) == 39, 1.0)

        assert world.standings()["R-007"] is Standing.OWED
        assert attempt_of(world, "R-007").error == "500"

    run_virtual(main())


def test_refused_content_waits_for_an_operator_with_its_errors():
    async def main() -> None:
        world = a_world(2)
        stuck = world.system.fault = lambda one: (
            refusal("ENTNAME: too long") if one.result_id == "R-000" else None
        )
        process = Process(world).start()
        await until(lambda: world.standings().get("R-001") is Standing.OBSERVED)
        await asyncio.sleep(3600)
        sent = [one.result_id for one in world.system.arrivals].count("R-000")
        assert (sent, world.standings()["R-000"]) == (1, Standing.REJECTED)
        assert world.entry("R-000").errors == ("ENTNAME: too long",)

        assert stuck is world.system.fault
        world.system.fault = lambda _: None
        names = [f"{USCC}\x1fR-000", f"{USCC}\x1fR-001"]
        assert await world.ledger.try_again("stop", names, now_ms()) == 1
        await until(lambda: world.all(Standing.OBSERVED))
        assert not process.causes

    run_virtual(main())
