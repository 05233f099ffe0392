"""The gateway and intake judge alike: what one refuses the other refuses, for the same reason."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from gateway_world import A_TASK, DEPT, START, Answered, World
from hostile import TYPES, damaged, wrong_avro, wrong_json
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.desk import Posted
from schemas.topics import in_topic
from streams.accept import Refused, accept


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One gateway for many events; nothing is decided."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    return World(folder, {"gateway_events_burst": 10_000_000}, deciding=False)


BODIES = st.one_of(wrong_json(), damaged(), wrong_avro(), st.just(json.dumps(A_TASK).encode()))
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=BODIES,
    event_id=IDS,
    type_=st.sampled_from(TYPES),
    media_type=st.sampled_from(["application/json", "application/avro"]),
)
def test_a_binary_event_fares_as_it_would_on_kafka(world: World, body, event_id, type_, media_type):
    headers = {
        "ce-specversion": "1.0", "ce-id": quote(event_id), "ce-source": DEPT, "ce-type": type_,
        "ce-time": "2026-03-10T08:59:00+08:00", "content-type": media_type,
    }  # fmt: skip
    on_kafka = [
        (name.replace("ce-", "ce_"), (event_id if name == "ce-id" else value).encode())
        for name, value in headers.items()
    ]
    at_ms = int(START.timestamp() * 1000)
    intake = accept(Posted(in_topic(DEPT), at_ms, body, on_kafka), world.registry)
    before = len(world.produced())

    answer: Answered = asyncio.run(
        world.ask("POST", "/v1/events", dept=DEPT, headers=headers, body=body)
    )

    if isinstance(intake, Refused):
        assert answer.json["reason"] == intake.reason
        assert answer.json["field"] == intake.field
        assert len(world.produced()) == before
    else:
        assert answer.status in (200, 202, 409)
