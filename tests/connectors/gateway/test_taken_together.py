"""Events that come together are taken in together, and none answers for another's fate."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from aiokafka.errors import KafkaConnectionError
from gateway_world import DEPT, OTHER, Answered, World, an_event

from connectors.departments.gateway.intake.gather import BATCH_MAX, Gatherer
from schemas.topics import in_topic


class Held:
    """A broker that holds what comes until it is let go, and has topics that fail."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.batches: list[list[Any]] = []
        self.let_go = asyncio.Event()
        self.failing: set[str] = set()
        self._publish = World.publish
        monkeypatch.setattr(World, "publish", self.publish)
        self._world = world

    async def publish(self, records: Sequence[Any]) -> Any:
        self.batches.append([dict(one.headers)["ce_id"] for one in records])
        await self.let_go.wait()
        if records[0].topic in self.failing:
            raise KafkaConnectionError("gone")
        return await self._publish(self._world, records)


@pytest.fixture
def held(world: World, monkeypatch: pytest.MonkeyPatch) -> Held:
    """The world's broker, holding."""
    made = Held(world, monkeypatch)
    world.start()
    return made


def post(world: World, number: int, dept: str = DEPT) -> asyncio.Task[Answered]:
    event = an_event(f"E-{number}", task_id=f"T-{number}") | {"source": dept}
    return asyncio.create_task(world.post(event, dept=dept))


async def settled() -> None:
    """Let everything go on that can without the broker."""
    for _ in range(30):
        await asyncio.sleep(0)


async def test_what_comes_together_is_stored_in_one_go_and_answered_one_by_one(
    world: World, held: Held
):
    asked = [post(world, number) for number in range(20)]
    await settled()
    held.let_go.set()
    answers = await asyncio.gather(*asked)

    assert len(held.batches) <= 2
    assert [one.json["event_id"] for one in answers] == [f"E-{number}" for number in range(20)]
    assert {one.status for one in answers} == {202}
    assert [dict(r.headers)["ce_id"] for r in world.produced()] == [
        f"E-{number}".encode() for number in range(20)
    ]


async def test_while_some_are_stored_the_next_are_claimed(world: World, held: Held):
    first = post(world, 1)
    await settled()
    second = post(world, 2)
    await settled()

    assert held.batches == [[b"E-1"], [b"E-2"]]
    assert len(world.redis.strings) == 2
    assert b'"stored":true' not in b"".join(world.redis.strings.values())
    assert not first.done()
    held.let_go.set()
    assert {one.status for one in await asyncio.gather(first, second)} == {202}


async def test_a_topic_that_fails_fails_for_its_own_department_only(world: World, held: Held):
    held.failing.add(in_topic(OTHER))
    asked = [post(world, 1), post(world, 2, OTHER), post(world, 3)]
    await settled()
    held.let_go.set()
    answers = await asyncio.gather(*asked)

    assert [one.status for one in answers] == [202, 503, 202]
    assert answers[1].json["reason"] == "BROKER_AWAY"


async def test_who_goes_away_takes_nobody_along(world: World, held: Held):
    gone, stays = post(world, 1), post(world, 2)
    await settled()
    gone.cancel()
    await settled()
    held.let_go.set()

    assert (await stays).status == 202
    assert len(world.produced()) == 2


async def test_what_is_stored_already_waits_for_no_broker(world: World, held: Held):
    held.let_go.set()
    await post(world, 1)
    held.let_go.clear()
    new, known = post(world, 2), post(world, 1)
    await settled()

    assert (known.done(), new.done()) == (True, False)
    held.failing.add(in_topic(DEPT))
    held.let_go.set()
    assert (known.result().json["duplicate"], (await new).status) == (True, 503)


async def test_one_event_twice_in_one_go_has_one_receipt(world: World, held: Held):
    asked = [post(world, 1), post(world, 1)]
    await settled()
    held.let_go.set()
    answers = await asyncio.gather(*asked)

    assert len({one.json["receipt_id"] for one in answers}) == 1
    assert len([one for one in world.redis.strings.values() if b'"stored":true' in one]) == 1


async def test_two_contents_under_one_id_in_one_go_are_not_both_taken(world: World, held: Held):
    first = post(world, 1)
    other = asyncio.create_task(world.post(an_event("E-1", task_id="T-other")))
    await settled()
    held.let_go.set()
    answers = await asyncio.gather(first, other)

    assert [one.status for one in answers] == [202, 409]
    assert len(world.produced()) == 1


async def test_a_redis_that_forgot_the_scripts_is_told_them_in_the_middle(world: World, held: Held):
    asked = post(world, 1)
    await settled()
    world.redis.scripts.clear()
    later = post(world, 2)
    held.let_go.set()
    answers = await asyncio.gather(asked, later)

    assert [(one.status, one.json["duplicate"]) for one in answers] == [(202, False)] * 2
    assert (await world.post(an_event("E-1", task_id="T-1"))).json["duplicate"] is True


async def test_a_large_batch_beside_small_requests_keeps_its_order(world: World, held: Held):
    events = [an_event(f"B-{number}", task_id=f"B-{number}") for number in range(300)]
    headers = {"content-type": "application/cloudevents-batch+json"}
    batches = [
        asyncio.create_task(
            world.ask("POST", "/v1/events:batch", dept=DEPT, headers=headers, body=body)
        )
        for body in (orjson.dumps(events[:200]), orjson.dumps(events[200:]))
    ]
    single = post(world, 1)
    await settled()
    held.let_go.set()
    await asyncio.gather(*batches, single)

    ids = [dict(record.headers)["ce_id"].decode() for record in world.produced()]
    for some in (events[:200], events[200:]):
        named = [event["id"] for event in some]
        assert [one for one in ids if one in set(named)] == named


async def test_a_batch_weighs_no_more_than_it_may_unless_one_question_does():
    carried: list[list[int]] = []

    async def carry(questions: Sequence[int]) -> list[int]:
        carried.append(list(questions))
        await asyncio.sleep(0)
        return list(questions)

    gatherer: Gatherer[int, int] = Gatherer(carry, lambda weight: weight)
    weights = [BATCH_MAX - 1, 1, 1, 3 * BATCH_MAX, 2]

    assert await asyncio.gather(*map(gatherer.ask, weights)) == weights
    assert carried == [[BATCH_MAX - 1, 1], [1], [3 * BATCH_MAX], [2]]
