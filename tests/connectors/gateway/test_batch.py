"""`POST /v1/events:batch`: one outcome an event, in their order, no error hidden in 200."""

from __future__ import annotations

import orjson
import pytest
from gateway_world import DEPT, OTHER, World, an_event

HEADERS = {"content-type": "application/cloudevents-batch+json"}


async def post(world: World, events: object, query: str = "", dept: str = DEPT):
    body = orjson.dumps(events)
    path = f"/v1/events:batch{query}"
    return await world.ask("POST", path, dept=dept, headers=HEADERS, body=body)


async def test_every_event_has_an_outcome_of_its_own(world: World):
    events = [
        an_event("E-1"),
        an_event("E-2", uscc="9112"),
        an_event("E-3", task_id="T-3"),
        {"no": "event"},
        an_event("E-4") | {"source": OTHER},
    ]

    answer = await post(world, events)

    assert answer.status == 207
    outcomes = answer.json["outcomes"]
    assert [one["status"] for one in outcomes] == [202, 422, 202, 422, 403]
    assert [one.get("problem", {}).get("reason") for one in outcomes] == [
        None, "CREDIT_CODE", None, "ENVELOPE", "FOREIGN_SOURCE",
    ]  # fmt: skip
    assert len(world.produced()) == 2


async def test_the_order_of_a_batch_is_the_order_on_the_topic(world: World):
    cancel = {"task_id": "T-1", "uscc": an_event()["data"]["uscc"], "reason": ""}
    events = [
        an_event("E-1"),
        an_event("E-2", "inspection.task.cancelled", data=cancel),
        an_event("E-3", task_id="T-2"),
    ]

    await post(world, events)

    ids = [dict(record.headers)["ce_id"] for record in world.produced()]
    assert ids == [b"E-1", b"E-2", b"E-3"]


async def test_a_batch_sent_again_is_taken_in_once(world: World):
    events = [an_event(f"E-{n}", task_id=f"T-{n}") for n in range(20)]
    first = await post(world, events)

    again = await post(world, events)

    assert {one["status"] for one in again.json["outcomes"]} == {200}
    receipts = [
        [one["receipt"]["receipt_id"] for one in answer.json["outcomes"]]
        for answer in (first, again)
    ]
    assert receipts[0] == receipts[1]
    assert len(world.produced()) == 20


async def test_an_event_twice_in_one_batch_is_stored_once(world: World):
    answer = await post(world, [an_event(), an_event(), an_event(planned_on="2026-03-17")])

    assert [one["status"] for one in answer.json["outcomes"]] == [202, 200, 409]
    assert len(world.produced()) == 1


async def test_a_dry_run_of_a_batch_stores_nothing(world: World):
    answer = await post(world, [an_event(), an_event("E-2", uscc="9112")], "?dry_run=true")

    assert [one["status"] for one in answer.json["outcomes"]] == [200, 422]
    assert answer.json["outcomes"][0]["dry_run"]["would"]["data"]["decision"] == "ISSUED"
    assert not world.kafka.logs


async def test_while_the_broker_is_away_every_outcome_says_so(world: World):
    world.broker_gone = True

    answer = await post(world, [an_event(), an_event("E-2", task_id="T-2")])

    assert [one["status"] for one in answer.json["outcomes"]] == [503, 503]


@pytest.mark.parametrize(
    ("events", "status", "reason"),
    [
        pytest.param({}, 422, "UNDECODABLE", id="an object"),
        pytest.param([], 422, "EMPTY", id="empty"),
        pytest.param([1] * 501, 413, "TOO_LARGE", id="too many"),
    ],
)
async def test_what_is_no_batch_is_refused_whole(world: World, events, status, reason):
    answer = await post(world, events)

    assert (answer.status, answer.json["reason"]) == (status, reason)
