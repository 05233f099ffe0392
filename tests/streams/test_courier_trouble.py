"""What becomes of a delivery when a system is away, hangs, forgets, or an operator pauses it?"""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any

import pytest
from delivery_world import USCC, DeliveryWorld, Process, now_ms, until
from virtual_time import run_virtual

from schemas.delivery import Delivery, Refused, Unavailable
from schemas.delivery import Standing as Stands
from schemas.feed import FORM_FAULT, DisclosureState, Stage
from streams.delivery.courier import CourierSettings
from streams.rules.delivery.attempts import decode_attempt
from streams.rules.delivery.ledger import Standing, Waits
from streams.rules.delivery.retry import end_of_ms

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


def test_what_was_accepted_and_lost_is_sent_again():
    async def main() -> None:
        world = a_world(waits=Waits(confirm=600_000))
        lost = iter("l")
        world.system.fault = lambda _: "lose" if next(lost, None) else None
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED), 1.0)

        assert len(world.system.arrivals) == 2
        assert once_in_effect(world)

    run_virtual(main())


def test_a_connector_that_hangs_or_miscounts_is_no_answer():
    async def main() -> None:
        world = a_world(4)
        send, calls = world.system.send, iter(("hang", "miscount"))

        async def odd(deliveries: Any) -> Any:
            how = next(calls, None)
            if how == "hang":
                await asyncio.sleep(10_000)
            answers = await send(deliveries)
            return answers[1:] if how == "miscount" else answers

        world.system.send = odd
        process = Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        assert once_in_effect(world)
        assert not process.causes

    run_virtual(main())


def test_a_retry_after_is_obeyed():
    async def main() -> None:
        world = a_world()
        tries: list[int] = []

        def busy(_: Delivery) -> Any:
            tries.append(now_ms())
            return Unavailable("429", 1800.0) if len(tries) == 1 else None

        world.system.fault = busy
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        assert tries[1] - tries[0] >= 1_800_000

    run_virtual(main())


def test_a_system_that_is_away_is_probed_not_stormed():
    async def main() -> None:
        world = a_world(200)
        world.system.down = True
        calls: list[int] = []
        send = world.system.send

        async def counted(deliveries: Any) -> Any:
            calls.append(len(deliveries))
            return await send(deliveries)

        world.system.send = counted
        process = Process(world).start()
        await asyncio.sleep(3600)
        assert len(calls) < 90, "a probe a minute, and a few at the beginning"
        assert set(calls[10:]) == {1}
        assert json.loads(world.ledger.controls["breaker"])["state"] == "OPEN"
        world.system.down = False
        await until(lambda: world.all(Standing.OBSERVED), 0.5)
        assert process.site.courier.taken == 0

    run_virtual(main())


@pytest.mark.parametrize("by", ["the hub", "the connector"])
def test_what_we_refuse_ourselves_does_not_close_the_breaker(by: str):
    async def main() -> None:
        world = a_world(3)
        world.system.down = True
        to_system = world.system.send

        async def send(deliveries: Any) -> Any:
            fit = iter(await to_system([one for one in deliveries if one.result_id[0] != "B"]))
            unfit = Refused("does not fit", ("ENTNAME: too long",), asked=False)
            return [unfit if one.result_id[0] == "B" else next(fit) for one in deliveries]

        world.system.send = send
        Process(world).start()
        await asyncio.sleep(1800)
        for number in range(40):
            world.ask(f"B-{number:03}", body={FORM_FAULT: "no columns"} if by == "the hub" else {})
        states = set()
        for _ in range(1800):
            await asyncio.sleep(1)
            states.add(json.loads(world.ledger.controls["breaker"])["state"])
        refused = [one for one in world.standings().values() if one is Standing.REJECTED]
        world.system.down = False
        await until(lambda: list(world.standings().values()).count(Standing.OBSERVED) == 3, 3.0)

        assert "CLOSED" not in states
        assert len(refused) == 40

    run_virtual(main())


def test_an_operators_pause_parks_and_drops_nothing():
    async def main() -> None:
        world = a_world(20)
        world.ledger.controls["pause"] = b'{"reason":"maintenance","who":"op","since":1}'
        Process(world).start()
        await asyncio.sleep(7200)
        assert not world.system.arrivals
        assert len(world.ledger.content.lanes["stop"]) == 20
        del world.ledger.controls["pause"]
        await until(lambda: world.all(Standing.OBSERVED), 0.5)

    run_virtual(main())


def test_a_pause_in_the_middle_holds_what_was_taken():
    async def main() -> None:
        settings = CourierSettings(calls_max=1, taken_max=400, idle_s=1.0)
        world = a_world(100, courier=settings)
        world.system.latency_s = 0.5
        Process(world).start()
        await until(lambda: len(world.system.arrivals) > 10)
        world.ledger.controls["pause"] = b"{}"
        await asyncio.sleep(3)
        parked = len(world.system.arrivals)
        await asyncio.sleep(3600)
        assert len(world.system.arrivals) == parked < 100
        world.ledger.controls.clear()
        await until(lambda: world.all(Standing.OBSERVED), 0.5)

    run_virtual(main())


def test_after_half_of_the_key_memory_the_system_is_asked_first():
    async def main() -> None:
        world = a_world()
        world.system.key_memory_s, world.system.receipt_after_ms = 7200, 10**12
        world.system.fault = lambda _: "no answer" if not world.system.effects else Unavailable("5")
        Process(world).start()
        await asyncio.sleep(2 * 3600)
        world.system.keys.clear()  # it does not recognise our key any more
        world.system.fault = lambda _: None
        await until(lambda: world.all(Standing.OBSERVED))

        assert len(world.system.effects) == 1
        assert world.system.asked
        statuses = [r.status for r in world.receipts() if r.stage is Stage.PROCESSED]
        assert "asked" in statuses

    run_virtual(main())


@pytest.mark.parametrize("lost", ["wiped", "an old copy restored"])
def test_after_a_loss_of_redis_the_system_is_asked_before_anything_is_sent(lost: str):
    async def main() -> None:
        world = a_world(20)
        world.ledger.controls["pause"] = b"{}"
        world.system.fault = lambda _: "no answer"
        first = Process(world).start()
        await until(lambda: world.committed)
        copy = world.ledger.snapshot()
        world.ask("R-more")
        world.ledger.controls.clear()
        await until(lambda: len(world.system.effects) == 21)
        first.kill()
        await asyncio.sleep(1)
        if lost == "wiped":
            await world.ledger.forget()
        else:
            world.ledger.restore(copy)
        world.system.keys.clear()  # were anything sent again, it would take effect again
        world.system.receipts.clear()
        world.system.fault = lambda _: None
        world.system.arrivals.clear()
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        assert not world.system.arrivals
        assert len(world.system.effects) == 21

    run_virtual(main())


def test_what_a_system_has_without_a_receipt_of_its_own_is_accepted_and_no_more():
    async def main() -> None:
        world = a_world()
        world.system.fault = lambda _: "no answer"
        world.system.receipt_after_ms = 10**12
        first = Process(world).start()
        await until(lambda: world.system.effects)
        first.kill()
        await world.ledger.forget()

        async def ask(deliveries: Any) -> Any:
            return [Stands(1, DisclosureState.STOPPED, None)] * len(deliveries)

        world.system.ask = ask
        Process(world).start()
        await until(lambda: world.all(Standing.ACCEPTED))
        await asyncio.sleep(1800)

        assert {one.stage for one in world.receipts()} == {Stage.ACCEPTED}

    run_virtual(main())


def test_a_new_installation_does_not_ask():
    async def main() -> None:
        world = a_world(50)
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        assert not world.system.asked

    run_virtual(main())


def test_what_cannot_be_met_is_overdue_and_still_tried():
    async def main() -> None:
        world = a_world(poll_every_s=3600.0, courier=CourierSettings(idle_s=3600.0))
        world.system.down = True
        Process(world).start()
        await asyncio.sleep((end_of_ms(DUE_ON) - now_ms()) / 1000 + 86_400)
        before = attempt_of(world, "R-000").count
        await asyncio.sleep(3600)
        assert attempt_of(world, "R-000").count - before >= 8
        world.system.down = False
        await until(lambda: world.all(Standing.OBSERVED), 5.0)

    run_virtual(main())


def test_no_more_is_held_than_the_settings_allow():
    async def main() -> None:
        settings = CourierSettings(calls_max=3, taken_max=32, idle_s=5.0)
        world = a_world(300, courier=settings)
        process = Process(world).start()
        most = 0

        def look() -> bool:
            nonlocal most
            most = max(most, process.site.courier.taken)
            return world.all(Standing.OBSERVED)

        await until(look)
        assert most <= 32
        assert world.system.calls_most <= 3

    run_virtual(main())
