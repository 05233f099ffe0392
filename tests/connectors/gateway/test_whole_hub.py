"""A whole hub of processes: broker, Redis, intake, decide, gateway; also when the gateway dies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import redis
import redis.asyncio as aioredis
from gateway_registry import DEPT, USCC
from waiting import until
from whole_hub import Running, a_task, an_enterprise, started

from connectors.child import free_port
from connectors.departments.gateway.parts import SHANGHAI
from connectors.departments.gateway.ways_in.quota_report import Quotas, read_quotas
from connectors.redis_view import key as view_key
from schemas.settings import Settings

EVENTS = 60


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hub on the embedded broker."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("hub"), gateway_port=free_port())
    with started(settings) as running:
        yield running


def test_a_waiting_client_gets_the_code_and_a_dry_run_changes_nothing(hub: Running):
    foreseen = hub.post(a_task("T-0"), "?dry_run=true")
    unknown = hub.ask("GET", f"/v1/tasks/T-0?uscc={USCC}")
    made = [hub.post(a_task(f"T-{number}")) for number in range(3)]
    shown = hub.ask("GET", f"/v1/codes/{made[0][1]['decision']['code']}")

    assert foreseen[1]["would"]["data"]["decision"] == "ISSUED"
    assert unknown[0] == 404
    assert [status for status, _ in made] == [200, 200, 200]
    assert [one["decision"]["decision"] for _, one in made] == [
        "ISSUED", "ISSUED", "INTERCEPTED_OVER_CAP",
    ]  # fmt: skip
    assert [one["standing"] for one in shown[1]["officers"]] == ["VALID"]


def test_what_a_department_used_of_its_quota_is_told_as_the_gateway_enforces_it(hub: Running):
    assert hub.post(a_task("Q-0"), wait_s=0)[0] in (200, 202)

    def told() -> Quotas:
        async def ask() -> Quotas:
            async with aioredis.from_url(hub.stack.redis_url) as client:
                return await read_quotas(client, datetime.now(SHANGHAI).date())

        return asyncio.run(ask())

    until(lambda: DEPT in told().uses, "the gateway has told what was used")
    found = told()
    assert (found.per_s, found.burst) == (
        hub.settings.gateway_events_per_s, hub.settings.gateway_events_burst
    )  # fmt: skip
    assert 1 <= found.uses[DEPT].peak < found.burst
    assert found.uses[DEPT].turned_away == 0


def test_a_gateway_that_is_killed_loses_and_doubles_nothing(hub: Running):
    """Clients that retry get one receipt an event, and every task is decided exactly once."""
    events = [a_task(f"K-{n}", uscc=an_enterprise(n // 2)) for n in range(EVENTS)]

    with ThreadPoolExecutor(8) as clients:
        sent = [clients.submit(hub.deliver, event) for event in events]
        until(lambda: sum(one.done() for one in sent) >= 10, "the load is under way")
        hub.kill_gateway()
        first = [one.result() for one in sent]
    again = [hub.deliver(event) for event in events]

    assert first == again
    assert len(set(first)) == EVENTS
    until(lambda: decided(hub) >= EVENTS, "every task is decided")
    for event in events:
        status, task = hub.ask(
            "GET", f"/v1/tasks/{event['data']['task_id']}?uscc={event['data']['uscc']}"
        )
        assert (status, task["decision"]["decision"]) == (200, "ISSUED")


def decided(hub: Running) -> int:
    """How many tasks of the second test the view has."""
    with redis.Redis.from_url(hub.stack.redis_url) as client:
        names = [name for p in range(4) for name in client.hkeys(view_key(p, "task"))]
    return sum(b"\x1fK-" in name for name in names)
