"""A file gives the same decisions by `hub replay` and through a real Kafka."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.city import YEAR, city_file
from benchmarks.replay_identity import check, compare, digest, place_of
from benchmarks.site import Site
from connectors.broker import GivenBroker
from connectors.generate import CitySpec
from connectors.local_kafka import KafkaNode
from connectors.redis_server import GivenRedis

EVENTS = 20_000


def a_decision(offset: int, **changed: Any) -> dict[str, Any]:
    return {
        "task_id": f"T-{offset}",
        "decision": "ISSUED",
        "code": "07-A03K",
        "source": {"topic": "insp.journal", "partition": 1, "offset": offset},
        "decided_at": "2025-03-01T09:00:00+08:00",
        **changed,
    }


def digests_of(*decisions: dict[str, Any]) -> dict[tuple[int, int], bytes]:
    return {place_of(decision): digest(decision) for decision in decisions}


def test_equal_decisions_are_identical_whenever_they_were_made():
    on_kafka = digests_of(a_decision(1, decided_at="2026-11-23T09:00:00+08:00"), a_decision(2))

    found = compare([a_decision(1), a_decision(2)], on_kafka)

    assert found.identical
    assert (found.replayed, found.decided, found.same) == (2, 2, 2)


@pytest.mark.parametrize(
    "on_kafka",
    [
        pytest.param([a_decision(1), a_decision(2, code="07-B14L")], id="another code"),
        pytest.param([a_decision(1), a_decision(2, decision="CANCELLED")], id="another decision"),
        pytest.param([a_decision(1)], id="one is missing on Kafka"),
        pytest.param([a_decision(n) for n in (1, 2, 3)], id="one more on Kafka"),
        pytest.param([a_decision(1), a_decision(3, task_id="T-2")], id="at another place"),
        pytest.param([], id="nothing on Kafka"),
    ],
)
def test_any_difference_is_seen(on_kafka: list[dict[str, Any]]):
    found = compare([a_decision(1), a_decision(2)], digests_of(*on_kafka))

    assert not found.identical


def test_nothing_compared_is_not_identical():
    assert not compare([], {}).identical


def test_other_answers_are_counted_too():
    found = compare([a_decision(1)], digests_of(a_decision(1)))
    found.other = {"ENTERED": (7, 6)}

    assert not found.identical


@pytest.mark.kafka
def test_replay_and_kafka_decide_the_same(clean_kafka: KafkaNode, redis_url: str, tmp_path: Path):
    spec = CitySpec(year=YEAR, districts=1, subjects=5_000, tasks=6_600, events=EVENTS)
    file = city_file(tmp_path, spec)
    broker, redis_server = GivenBroker(clean_kafka.bootstrap), GivenRedis(redis_url)

    with Site(tmp_path, broker, redis_server, print) as site:
        found = check(site, file)

    assert found.identical, found.examples
    assert found.lines > EVENTS
    assert found.kinds["ISSUED"] > 1_000
    assert found.kinds["INTERCEPTED_OVER_CAP"] > 100
    assert len(found.other) > 5
