"""A hub to publish to that does as it is told: in memory, and over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

from connectors.departments.sdk import Answer, Event, Receipt
from connectors.departments.sdk.events import TASK_SUBMITTED
from connectors.departments.sdk.transport import NotNow, Outcome

DEPT = "WJW-120116"
USCC = "91120116MA05ABCD0A"


def a_task(number: int = 1, uscc: str = USCC, **fields: Any) -> Event:
    """A task event whose id follows from its number."""
    data = {"task_id": f"T-{number}", "uscc": uscc, **fields}
    return Event(TASK_SUBMITTED, data, f"E-{number}", "2026-03-10T09:00:00+08:00")


def an_answer(task_id: str = "T-1", decision: str = "ISSUED", place: int = 0) -> Answer:
    """A decision as a transport gives it."""
    data = {"task_id": task_id, "decision": decision}
    return Answer("decision.made", data, json.dumps(data).encode(), f"place {place}", place)


@dataclass
class FakeTransport:
    """Takes what it is sent, in order, unless `script` says what to answer instead."""

    source: str = DEPT
    asks_by_task: bool = False
    script: dict[str, list[Outcome]] = field(default_factory=dict)
    away: bool = False
    taken: list[Event] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    committed: list[int] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)
    closed: bool = False

    def send(self, events: Sequence[Event]) -> list[Outcome]:
        return [self._outcome(event) for event in events]

    def poll(self, open_tasks: Sequence[str], wait_s: float) -> list[Answer]:
        self.asked.append(list(open_tasks))
        found, self.answers = self.answers, []
        return found

    def handled(self, answers: Sequence[Answer]) -> None:
        self.committed += [answer.mark for answer in answers]

    def close(self) -> None:
        self.closed = True

    def _outcome(self, event: Event) -> Outcome:
        if self.away:
            return NotNow("nobody answers")
        if self.script.get(event.id):
            return self.script[event.id].pop(0)
        self.taken.append(event)
        return Receipt(f"R-{event.id}")


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FakeGateway:
    """An HTTP server that records events and answers as `script` says: (status, headers, body)."""

    script: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    tasks: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def post(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        self.headers.append(headers)
        if self.script:
            return self.script.pop(0)
        self.events.append(json.loads(body))
        return 202, {}, {"receipt": f"R-{self.events[-1]['id']}"}

    def get(self, path: str) -> tuple[int, dict[str, str], Any]:
        found = self.tasks.get(unquote(path.rpartition("/")[2]))
        return (404, {}, {"reason": "NOT_FOUND"}) if found is None else (200, {}, found)


def _handler(gateway: FakeGateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._write(*gateway.post(dict(self.headers), body))

        def do_GET(self) -> None:
            self._write(*gateway.get(self.path))

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

        def _write(self, status: int, headers: dict[str, str], body: Any) -> None:
            if status == 0:
                self.close_connection = True
                return
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    return Handler
