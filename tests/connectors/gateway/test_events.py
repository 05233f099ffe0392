"""`POST /v1/events`: stored once, answered always the same, refused before anything is stored."""

from __future__ import annotations

import json

import orjson
import pytest
from gateway_world import A_TASK, BINARY, DEPT, USCC, World, an_event

from schemas.envelope import read_record
from schemas.topics import JOURNAL


async def test_an_event_is_on_its_topic_before_it_is_answered(world: World):
    answer = await world.post(an_event())

    assert answer.status == 202
    assert answer.json["duplicate"] is False
    (record,) = world.produced()
    assert record.key == USCC.encode()
    envelope, content = read_record(record.headers, record.value)
    assert (envelope.id, envelope.source) == ("E-1", DEPT)
    assert orjson.loads(content.value) == A_TASK


async def test_binary_and_structured_mode_are_one_event(world: World):
    first = await world.post(an_event())
    body = json.dumps(A_TASK, indent=2).encode()
    again = await world.ask("POST", "/v1/events", dept=DEPT, headers=BINARY, body=body)

    assert again.status == 200
    assert again.json["duplicate"] is True
    assert again.json["receipt_id"] == first.json["receipt_id"]
    assert len(world.produced()) == 1


async def test_prefer_wait_answers_with_the_decision_itself(world: World):
    answer = await world.post(an_event(), prefer="respond-async, wait=2")

    assert answer.status == 200
    assert answer.headers["preference-applied"] == "wait=2"
    made = answer.json["decision"]
    assert (made["decision"], made["used"], made["cap"]) == ("ISSUED", 1, 2)
    assert made["code"]
    assert made["qr_text"].startswith("https://hub.test/c/")


async def test_a_wait_that_ends_in_vain_is_a_plain_receipt(world: World):
    world.deciding = False

    answer = await world.post(an_event(), prefer="wait=0")

    assert answer.status == 202
    assert answer.json["decision"] is None


async def test_the_first_decision_is_no_answer_to_other_content_of_the_task(world: World):
    await world.post(an_event())

    answer = await world.post(an_event("E-2", planned_on="2026-03-17"), prefer="wait=1")

    assert answer.status == 202
    assert answer.json["decision"] is None


async def test_the_same_event_gets_the_first_answer_also_after_a_restart(world: World):
    first = (await world.post(an_event(), prefer="wait=1")).json
    world.start()

    again = await world.post(an_event(), prefer="wait=1")

    assert again.status == 200
    assert again.json == {**first, "duplicate": True}
    assert len(world.produced()) == 1


async def test_a_crash_between_producing_and_marking_neither_loses_nor_counts_twice(world: World):
    world.redis.fail_sets_of_stored = True
    lost = await world.post(an_event())
    world.redis.fail_sets_of_stored = False
    world.start()

    again = await world.post(an_event(), prefer="wait=1")

    assert lost.status == 503
    assert again.status == 200
    assert again.json["duplicate"] is False
    assert (again.json["decision"]["used"], len(world.produced())) == (1, 2)
    third = await world.post(an_event())
    assert (third.json["duplicate"], len(world.produced())) == (True, 2)


async def test_what_the_broker_did_not_take_is_taken_when_sent_again(world: World):
    world.broker_gone = True
    lost = await world.post(an_event())
    world.broker_gone = False

    again = await world.post(an_event())

    assert lost.status == 503
    assert int(lost.headers["retry-after"]) > 0
    assert (again.status, len(world.produced())) == (202, 1)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"data": {**A_TASK, "planned_on": "2026-03-17"}}, id="other content"),
        pytest.param({"time": "2026-03-10T08:58:00+08:00"}, id="other time"),
    ],
)
async def test_the_same_id_with_something_else_in_it_is_refused(world: World, changed):
    await world.post(an_event())

    answer = await world.post(an_event() | changed)

    assert (answer.status, answer.json["reason"]) == (409, "ID_REUSED")
    assert len(world.produced()) == 1


async def test_a_dry_run_tells_the_decision_and_changes_nothing(world: World):
    await world.post(an_event())
    before = (dict(world.redis.strings), world.redis.hashes, len(world.kafka.all(JOURNAL)))

    answer = await world.post(an_event("E-2", task_id="T-2"), query="?dry_run=true")

    assert answer.status == 200
    would = answer.json["would"]["data"]
    assert answer.json["dry_run"] is True
    assert (would["decision"], would["used"], would["cap"]) == ("ISSUED", 2, 2)
    assert "REPEAT_INSPECTION" in would["warnings"]
    assert "code" not in would
    assert (dict(world.redis.strings), world.redis.hashes, len(world.kafka.all(JOURNAL))) == before


async def test_a_dry_run_foresees_exactly_what_is_then_decided(world: World):
    for number in (1, 2, 3):
        event = an_event(f"E-{number}", task_id=f"T-{number}")
        foreseen = (await world.post(event, query="?dry_run=true")).json["would"]["data"]
        made = (await world.post(event, prefer="wait=1")).json["decision"]
        for name in ("code", "qr_text", "source", "decided_at"):
            del made[name]

        assert foreseen == made

    assert made["decision"] == "INTERCEPTED_OVER_CAP"


async def test_a_dry_run_of_a_decided_task_shows_the_first_decision(world: World):
    made = (await world.post(an_event(), prefer="wait=1")).json["decision"]

    foreseen = await world.post(an_event("E-2"), query="?dry_run=true")

    assert foreseen.json["would"]["data"] == made


async def test_only_for_a_task_is_a_decision_waited_for(world: World):
    cancelled = {"task_id": "T-1", "uscc": USCC, "reason": "雨"}
    world.deciding = False

    other = await world.post(
        an_event(type_="inspection.task.cancelled", data=cancelled), prefer="wait=9"
    )
    task = await world.post(an_event("E-2"), prefer="wait=0, respond-async; wait=0")

    assert other.status == 202
    assert "preference-applied" not in other.headers
    assert "preference-applied" not in task.headers
