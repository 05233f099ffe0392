"""A gateway of the tests' own: an HTTP server that records events and answers as it is told."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote


@dataclass
class FakeGateway:
    """An HTTP server that records events and answers as `script` says: (status, headers, body)."""

    script: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    receipts: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

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

    def post(
        self, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], Any]:
        self.paths.append(path)
        self.headers.append(headers)
        if self.script:
            return self.script.pop(0)
        self.events.append(json.loads(body))
        return 202, {}, {"receipt_id": f"R-{self.events[-1]['id']}"}

    def get(self, path: str) -> tuple[int, dict[str, str], Any]:
        found = self.receipts.get(unquote(path.rpartition("/")[2]))
        return (404, {}, {"reason": "NOT_FOUND"}) if found is None else (200, {}, found)


def _handler(gateway: FakeGateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._write(*gateway.post(self.path, dict(self.headers), body))

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
