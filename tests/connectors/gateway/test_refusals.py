"""What is not taken in over HTTP: each fault has its documented answer, and nothing is stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from gateway_world import A_TASK, BINARY, DEPT, OTHER, UNREGISTERED, World, an_event


def _without(name: str) -> dict:
    return {key: value for key, value in A_TASK.items() if key != name}


REFUSED = [
    # what is wrong, status, reason, field
    pytest.param(an_event(uscc="9112"), 422, "CREDIT_CODE", "uscc", id="no credit code"),
    pytest.param(an_event(data=_without("items")), 422, "INVALID_FIELD", "items", id="no items"),
    pytest.param(
        an_event(approval={"mode": "LATER"}), 422, "INVALID_FIELD", "approval.mode", id="nested"
    ),
    pytest.param(an_event(type_="no.such.type"), 422, "UNKNOWN_TYPE", "type", id="unknown type"),
    pytest.param(
        an_event(type_="inspection.code.expired"), 403, "NOT_FOR_DEPARTMENTS", "type", id="timer"
    ),
    pytest.param(
        an_event() | {"time": "2026-03-10T10:00:00+08:00"}, 422, "FUTURE_TIME", "time", id="future"
    ),
    pytest.param(an_event() | {"specversion": "0.3"}, 422, "ENVELOPE", "specversion", id="0.3"),
    pytest.param(
        an_event() | {"datacontenttype": "application/cloudevents+json"},
        422, "ENVELOPE", "datacontenttype", id="event in an event",
    ),
    pytest.param(an_event() | {"data": None}, 422, "EMPTY", "data", id="no data"),
    pytest.param(
        an_event(entity_name="x" * 300_000), 413, "TOO_LARGE", "", id="over the record's limit"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "status", "reason", "field"), REFUSED)
async def test_what_intake_would_refuse_is_refused_before_it_is_stored(
    world: World, event, status, reason, field
):
    answer = await world.post(event)

    problem = answer.json
    assert (answer.status, problem["status"], problem["reason"]) == (status, status, reason)
    assert problem["field"] == field
    assert problem["type"] == f"urn:insp:problem:{reason}"
    assert problem["advice"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert not world.produced()
    assert not [key for key in world.redis.strings if ":event:" in key]


async def test_an_event_in_another_departments_name_is_refused_and_counted(world: World):
    answer = await world.post(an_event(), dept=OTHER)

    assert (answer.status, answer.json["reason"]) == (403, "FOREIGN_SOURCE")
    metrics = (await world.ask("GET", "/metrics")).text
    assert f'hub_gateway_foreign_total{{what="{OTHER}"}} 1' in metrics
    assert not world.kafka.logs


async def test_a_department_outside_the_registry_sends_nothing(world: World):
    event = an_event() | {"source": UNREGISTERED}

    answer = await world.post(event, dept=UNREGISTERED)

    assert (answer.status, answer.json["reason"]) == (403, "UNKNOWN_DEPARTMENT")


async def _slow() -> AsyncIterator[bytes]:
    yield b'{"specversion":'
    await asyncio.sleep(30)


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"[" * 65536


HEADERS = {"content-type": "application/cloudevents+json"}
BODIES = [
    # headers, body, status, reason
    pytest.param(HEADERS, b"{", 422, "UNDECODABLE", id="truncated"),
    pytest.param(HEADERS, b"", 422, "EMPTY", id="empty"),
    pytest.param(HEADERS, b"\xff\xfe", 422, "UNDECODABLE", id="not UTF-8"),
    pytest.param(HEADERS, b"[" * 100_000, 422, "TOO_DEEP", id="deep"),
    pytest.param(HEADERS, b" " * 600_000, 413, "TOO_LARGE", id="declared too large"),
    pytest.param(HEADERS, _endless, 413, "TOO_LARGE", id="endless"),
    pytest.param(
        HEADERS | {"content-encoding": "gzip"}, b"x", 415, "CONTENT_ENCODING", id="compressed"
    ),
    pytest.param({"content-type": "text/xml"}, b"<a/>", 415, "MEDIA_TYPE", id="XML"),
    pytest.param({}, b"{}", 415, "MEDIA_TYPE", id="no media type"),
    pytest.param(
        {"content-type": "application/json"}, b"{}", 422, "ENVELOPE", id="binary, no attributes"
    ),
    pytest.param(BINARY | {"ce-id": "%FF"}, b"{}", 422, "ENVELOPE", id="escape that is no UTF-8"),
    pytest.param(
        BINARY | {"content-type": "application/avro"}, b"\0\0\0", 422, "UNDECODABLE", id="no Avro"
    ),
]


@pytest.mark.parametrize(("headers", "body", "status", "reason"), BODIES)
async def test_a_body_that_is_no_event_is_told_so(world: World, headers, body, status, reason):
    sent = body() if callable(body) else body

    answer = await world.ask("POST", "/v1/events", dept=DEPT, headers=headers, body=sent)

    assert (answer.status, answer.json["reason"]) == (status, reason)


async def test_a_body_that_does_not_arrive_is_not_waited_for(tmp_path):
    world = World(tmp_path, {"gateway_body_wait_s": 0.05})

    answer = await world.ask("POST", "/v1/events", dept=DEPT, headers=HEADERS, body=_slow())

    assert (answer.status, answer.json["reason"]) == (408, "BODY_TOO_SLOW")


async def test_an_id_with_chinese_letters_is_the_same_in_both_modes(world: World):
    await world.post(an_event("任务-1"))
    escaped = {**BINARY, "ce-id": "%E4%BB%BB%E5%8A%A1-1"}

    again = await world.ask(
        "POST", "/v1/events", dept=DEPT, headers=escaped, body=json.dumps(A_TASK).encode()
    )

    assert again.json["duplicate"] is True


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events:batch"])
async def test_nobody_gets_in_without_credentials(world: World, path):
    answer = await world.ask("POST", path, headers=HEADERS, body=b"{}")

    assert (answer.status, answer.json["reason"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_while_redis_is_away_nothing_is_produced(world: World):
    world.redis.gone = True

    answer = await world.post(an_event())

    assert (answer.status, answer.json["reason"]) == (503, "VIEW_AWAY")
    assert answer.headers["retry-after"]
    assert not world.produced()
