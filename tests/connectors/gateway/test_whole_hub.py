"""A whole hub of processes: broker, Redis, intake, decide, gateway; also when the gateway dies."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from gateway_registry import DEPT, REGISTERED, USCC
from gateway_world import A_TASK
from waiting import until

from connectors.child import free_port
from connectors.departments.gateway.token_file import FILE_NAME, issue_token
from connectors.redis_view import key as view_key
from connectors.stack import GATEWAY, ROLES, Stack
from schemas.identity import check_character
from schemas.registry import REGISTRY_SOURCE
from schemas.settings import Settings

EVENTS = 60
TRIES_MAX = 200


@dataclass
class Running:
    """A hub that runs, and a client of its gateway."""

    address: str
    tokens: dict[str, str]
    stack: Stack

    def ask(self, method: str, path: str, content: Any = None, **more: str) -> tuple[int, Any]:
        """Ask; status 0 when nobody answers."""
        dept = more.pop("dept", DEPT)
        media = "cloudevents-batch" if isinstance(content, list) else "cloudevents"
        headers = {
            "authorization": f"Bearer {self.tokens[dept]}",
            "content-type": f"application/{media}+json",
            **more,
        }
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(  # noqa: S310 - our own address
            self.address + path, data=body, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, None

    def post(self, event: dict[str, Any], query: str = "", wait_s: int = 10) -> tuple[int, Any]:
        return self.ask("POST", f"/v1/events{query}", event, prefer=f"wait={wait_s}")


def an_event(event_id: str, type_: str, data: Any, source: str = DEPT) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": event_id, "source": source, "type": type_,
        "time": datetime.now(UTC).isoformat(), "data": data,
    }  # fmt: skip


def a_task(task_id: str, **fields: Any) -> dict[str, Any]:
    data = {**A_TASK, "task_id": task_id, "officers": ["TJ0001"], **fields}
    return an_event(f"E-{task_id}", "inspection.task.submitted", data)


def an_enterprise(number: int) -> str:
    """A credit code of its own."""
    first17 = f"91120116MB{number:07}"
    return first17 + check_character(first17)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A hub with everything registered over HTTP by the administrators."""
    home: Path = tmp_path_factory.mktemp("hub")
    settings = Settings(data_dir=home, gateway_port=free_port())
    expires = int(time.time()) + 3600
    tokens = {
        dept: issue_token(settings.gateway / FILE_NAME, dept, expires)[0]
        for dept in (DEPT, REGISTRY_SOURCE)
    }
    roles = (*ROLES, GATEWAY)
    with Stack(settings, lambda _: None, roles=roles, departments=[DEPT]) as stack:
        running = Running(f"http://127.0.0.1:{settings.gateway_port}", tokens, stack)
        until(lambda: running.ask("GET", "/readyz")[0] == 200, "the gateway is ready", 120)
        events = [
            an_event(f"R-{number}", type_, content, REGISTRY_SOURCE)
            for number, (type_, content) in enumerate(REGISTERED)
        ]
        status, answer = running.ask("POST", "/v1/events:batch", events, dept=REGISTRY_SOURCE)
        assert (status, {one["status"] for one in answer["outcomes"]}) == (207, {202})
        probe = a_task("T-probe")
        until(lambda: running.post(probe, "?dry_run=true")[0] == 200, "registries arrive", 60)
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


def test_a_gateway_that_is_killed_loses_and_doubles_nothing(hub: Running):
    """Clients that retry get one receipt an event, and every task is decided exactly once."""
    events = [a_task(f"K-{n}", uscc=an_enterprise(n // 2)) for n in range(EVENTS)]

    def deliver(event: dict[str, Any]) -> str:
        for _ in range(TRIES_MAX):
            status, answer = hub.post(event, wait_s=0)
            if status in (200, 202):
                return answer["receipt_id"]
            time.sleep(0.1)
        raise AssertionError(f"{event['id']} was never taken in")

    with ThreadPoolExecutor(8) as clients:
        sent = [clients.submit(deliver, event) for event in events]
        until(lambda: sum(one.done() for one in sent) >= 10, "the load is under way")
        assert hub.stack.supervisor is not None
        os.kill(hub.stack.supervisor.pids()[GATEWAY], signal.SIGKILL)
        first = [one.result() for one in sent]
    again = [deliver(event) for event in events]

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
