"""A site that an operator has parked stays parked, whatever becomes of Redis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest
from delivery_world import SITE, DeliveryWorld, Process, until
from virtual_time import run_virtual

from schemas.operator import Action, OperatorAction
from schemas.topics import OPERATOR
from streams.delivery.pauses import is_paused, restore_pause
from streams.ports import Outgoing
from streams.rules.delivery.ledger import Standing


def on_record(world: DeliveryWorld, action: Action, at: int = 1, site: str = SITE) -> None:
    """An operator's action, as the command writes it down."""
    one = OperatorAction(site=site, action=action, reason="works", by="ann", at=at)
    value = one.model_dump_json().encode()
    world.kafka.append(Outgoing(OPERATOR, 0, site.encode(), value))


def restored(prepare: Callable[[DeliveryWorld], None]) -> bool:
    """Whether the site is paused after a process took over a ledger so prepared."""

    async def main() -> bool:
        world = DeliveryWorld()
        prepare(world)
        await world.ledger.claim("f")
        await restore_pause(SITE, world.ledger, world.kafka, "f")
        return is_paused(world.ledger.controls.get("pause"))

    return bool(run_virtual(main()))


def test_a_pause_holds_after_redis_was_wiped_and_until_it_is_ended():
    async def main() -> None:
        world = DeliveryWorld()
        on_record(world, Action.PAUSE)
        world.ask("R-1")
        process = Process(world).start()
        await asyncio.sleep(7200)
        assert not world.system.arrivals
        kept = json.loads(world.ledger.controls["pause"])
        assert (kept["reason"], kept["who"], kept["since"]) == ("works", "ann", 1)

        process.kill()
        on_record(world, Action.RESUME, at=2)
        await world.ledger.forget()
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED), 0.5)

    run_virtual(main())


@pytest.mark.parametrize(
    ("actions", "paused"),
    [
        pytest.param([], False, id="nothing was ever done"),
        pytest.param([(Action.PAUSE, 1)], True, id="paused"),
        pytest.param([(Action.PAUSE, 1), (Action.RESUME, 2)], False, id="ended"),
        pytest.param(
            [(Action.PAUSE, 1), (Action.RESUME, 2), (Action.PAUSE, 3)], True, id="paused again"
        ),
        pytest.param(
            [(Action.PAUSE, 1), (Action.REQUEUE, 2), (Action.PROBE, 3)], True, id="others between"
        ),
    ],
)
def test_what_was_said_last_holds(actions: list[tuple[Action, int]], paused: bool):
    def prepare(world: DeliveryWorld) -> None:
        for action, at in actions:
            on_record(world, action, at)

    assert restored(prepare) is paused


def test_another_sites_pause_is_not_ours_and_what_cannot_be_read_is_passed_over():
    def prepare(world: DeliveryWorld) -> None:
        on_record(world, Action.PAUSE, site="OTHER")
        world.kafka.append(Outgoing(OPERATOR, 0, b"x", b"?"))

    assert not restored(prepare)


@pytest.mark.parametrize(("since", "paused"), [(3, True), (1, False)])
def test_a_pause_in_redis_ends_only_with_a_later_word(since: int, paused: bool):
    def prepare(world: DeliveryWorld) -> None:
        on_record(world, Action.RESUME, at=2)
        world.ledger.controls["pause"] = json.dumps({"since": since}).encode()

    assert restored(prepare) is paused


def test_a_pause_that_is_ended_while_it_is_restored_does_not_come_back():
    def prepare(world: DeliveryWorld) -> None:
        on_record(world, Action.PAUSE, at=1)
        keep = world.ledger.keep

        async def keep_and_resume(fence: str, field: str, value: bytes) -> None:
            if value:
                on_record(world, Action.RESUME, at=2)
            await keep(fence, field, value)

        world.ledger.keep = keep_and_resume

    assert not restored(prepare)
