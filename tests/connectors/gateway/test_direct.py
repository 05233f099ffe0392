"""What is answered directly is answered as by its route: the same status, headers and body."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka.errors import KafkaConnectionError
from gateway_world import A_TASK, BINARY, DEPT, OTHER, Answered, World, an_event
from redis.exceptions import ConnectionError as RedisGone

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
ONE, MANY = "/v1/events", "/v1/events:batch"
USUAL = "?dry_run=false"
"""With a query a request takes the framework's way; this one says what holds without it."""


def raw(content: Any) -> bytes:
    return orjson.dumps(content)


CASES: dict[str, tuple[str, str | None, dict[str, str], bytes]] = {
    "an event": (ONE, DEPT, STRUCTURED, raw(an_event())),
    "an event in binary mode": (ONE, DEPT, BINARY, raw(A_TASK)),
    "a decision waited for": (ONE, DEPT, {**STRUCTURED, "prefer": "wait=1"}, raw(an_event())),
    "a batch": (MANY, DEPT, BATCH, raw([an_event(), an_event("E-2", task_id="T-2"), {}])),
    "no credentials": (ONE, None, STRUCTURED, raw(an_event())),
    "a batch without credentials": (MANY, None, BATCH, raw([an_event()])),
    "another's name": (ONE, OTHER, STRUCTURED, raw(an_event())),
    "no JSON": (ONE, DEPT, STRUCTURED, b"{"),
    "no list": (MANY, DEPT, BATCH, b"{}"),
    "an unknown media type": (ONE, DEPT, {"content-type": "text/html"}, b"x"),
    "compressed": (ONE, DEPT, {**STRUCTURED, "content-encoding": "gzip"}, b"x"),
    "a field at fault": (ONE, DEPT, STRUCTURED, raw(an_event(mode="SIDEWAYS"))),
}


async def both(
    folder: Path, break_: str, case: tuple[str, str | None, dict[str, str], bytes]
) -> list[Answered]:
    """The answers of two gateways that know the same: directly, and the framework's way."""
    path, dept, headers, body = case
    found = []
    for place, query in enumerate(("", USUAL)):
        world = World(folder / str(place), {"gateway_events_burst": 5})
        world.broker_gone = break_ == "broker"
        world.redis.gone = break_ == "redis"
        answers = [
            await world.ask("POST", path + query, dept=dept, headers=headers, body=body)
            for _ in range(2)
        ]
        found += [answers]
    return [*found[0], *found[1]]


@pytest.mark.parametrize("break_", ["", "broker", "redis"])
@pytest.mark.parametrize("name", CASES)
async def test_directly_or_by_its_route_the_answer_is_the_same(tmp_path, name: str, break_: str):
    first, again, usual_first, usual_again = await both(tmp_path, break_, CASES[name])

    for direct, usual in ((first, usual_first), (again, usual_again)):
        assert direct.status == usual.status
        assert direct.headers == usual.headers
        assert without_code(direct) == without_code(usual)


def without_code(answer: Answered) -> Any:
    """The body, without the code: the signature in its text is another one each time."""
    content = answer.json
    for one in (content, *content.get("outcomes", ())):
        if isinstance(one.get("decision"), dict):
            one["decision"].pop("qr_text", None)
    return content


@pytest.mark.parametrize(
    ("cause", "status", "reason"),
    [
        pytest.param(RedisGone("a secret of ours"), 503, "VIEW_AWAY", id="Redis"),
        pytest.param(KafkaConnectionError("a secret of ours"), 503, "BROKER_AWAY", id="Kafka"),
        pytest.param(ZeroDivisionError("a secret of ours"), 500, "FAULT", id="a fault of ours"),
    ],
)
@pytest.mark.parametrize("query", ["", USUAL])
async def test_whatever_fails_is_told_in_its_words_and_nothing_more(
    world: World, monkeypatch, cause: Exception, status: int, reason: str, query: str
):
    def fail(_posted: object) -> None:
        raise cause

    monkeypatch.setattr(world.desk, "judge", fail)

    answer = await world.post(an_event(), query=query)

    assert (answer.status, answer.json["reason"]) == (status, reason)
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_answers_are_counted_whichever_way_they_were_made(world: World):
    await world.post(an_event())
    await world.post(an_event("E-2", task_id="T-2"), query=USUAL)
    await world.ask("POST", ONE, headers=STRUCTURED, body=b"{}")

    metrics = await world.ask("GET", "/metrics")

    assert 'hub_gateway_answers_total{what="202"} 2.0' in metrics.text
    assert 'hub_gateway_answers_total{what="401"} 1.0' in metrics.text
    assert 'hub_gateway_events_total{what="TAKEN"} 2.0' in metrics.text
