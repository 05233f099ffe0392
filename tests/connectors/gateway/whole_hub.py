"""A whole hub of processes with everything registered over HTTP, and a client of its gateway."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway_registry import DEPT, REGISTERED
from gateway_world import A_TASK
from waiting import until

from connectors.departments.gateway.ways_in.token_file import (
    FILE_NAME,
    SITES_FILE_NAME,
    issue_token,
)
from connectors.stack import GATEWAY, ROLES, Stack
from connectors.stand_ins import StandIns
from schemas.identity import check_character
from schemas.registry import REGISTRY_SOURCE
from schemas.settings import Settings
from schemas.sites import SITES

DELIVER_WAIT_S = 90.0


@dataclass
class Running:
    """A hub that runs, and a client of its gateway."""

    address: str
    tokens: dict[str, str]
    stack: Stack
    settings: Settings

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
        except (OSError, ValueError):
            return 0, None

    def post(self, event: dict[str, Any], query: str = "", wait_s: int = 10) -> tuple[int, Any]:
        return self.ask("POST", f"/v1/events{query}", event, prefer=f"wait={wait_s}")

    def deliver(self, event: dict[str, Any]) -> str:
        """Send an event until it is taken in; its receipt."""
        ends = time.monotonic() + DELIVER_WAIT_S
        while time.monotonic() < ends:
            status, answer = self.post(event, wait_s=0)
            if status in (200, 202):
                return str(answer["receipt_id"])
            time.sleep(0.1)
        raise AssertionError(f"{event['id']} was never taken in")

    def kill_gateway(self) -> None:
        """`kill -9`; its supervisor starts another one."""
        assert self.stack.supervisor is not None
        os.kill(self.stack.supervisor.pids()[GATEWAY], signal.SIGKILL)


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


@contextmanager
def started(settings: Settings, stand_ins: StandIns | None = None) -> Iterator[Running]:
    """A hub with everything registered over HTTP by the administrators."""
    expires = int(time.time()) + 3600
    owners = {DEPT: FILE_NAME, REGISTRY_SOURCE: FILE_NAME, **dict.fromkeys(SITES, SITES_FILE_NAME)}
    tokens = {
        owner: issue_token(settings.gateway / name, owner, expires)[0]
        for owner, name in owners.items()
    }
    roles = (*ROLES, GATEWAY)
    with Stack(
        settings, lambda _: None, roles=roles, departments=[DEPT], stand_ins=stand_ins
    ) as stack:
        address = f"http://127.0.0.1:{settings.gateway_port}"
        running = Running(address, tokens, stack, settings)
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
