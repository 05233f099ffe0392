"""Where can a process be asked how it is? `/metrics` and `/healthz` on a port of its own.

A thread answers, so the figures of a process whose loop is stuck can still be read; `/healthz` says
that it is stuck.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog

from connectors.metrics.meter import Meter
from schemas.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = structlog.get_logger()

BEAT_S = 1.0
STUCK_AFTER_S = 30.0
"""A batch gives way to the loop every few milliseconds; a takeover reads on and on, but waits."""
_TEXT = "text/plain; charset=utf-8"


class Pulse:
    """When did the event loop last turn? Beaten from it, read from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beat = clock()

    def beat(self) -> None:
        """The loop has turned."""
        self._beat = self._clock()

    def age_s(self) -> float:
        """Seconds since then."""
        return self._clock() - self._beat

    async def run(self) -> None:
        """Beat for as long as the loop turns."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT_S)


class FiguresServer:
    """Serves one process's figures; usable with `with`."""

    def __init__(self, meter: Meter, pulse: Pulse, host: str, port: int) -> None:
        """Listen. Port 0: any that is free.

        Raises:
            OSError: nobody can listen there; the message names the setting.
        """
        self._meter, self._pulse = meter, pulse
        try:
            self._server = make_server(host, port, self._answer, _Server, _Quiet)
        except OSError as cause:
            raise OSError(
                cause.errno,
                f"metrics cannot be served on {host}:{port} ({cause.strerror}): give every process "
                "on this machine a HUB_METRICS_PORT of its own, or 0 for none",
            ) from cause
        self.port: int = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        log.info("figures are served", port=self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            status, kind, body = "405 Method Not Allowed", _TEXT, b"GET only\n"
        elif path == "/metrics":
            body, kind = self._meter.page(environ.get("HTTP_ACCEPT", ""))
            status = "200 OK"
        elif path == "/healthz":
            status, kind, body = self._health()
        else:
            status, kind, body = "404 Not Found", _TEXT, b"/metrics or /healthz\n"
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    def _health(self) -> tuple[str, str, bytes]:
        age = self._pulse.age_s()
        if age > STUCK_AFTER_S:
            return "503 Service Unavailable", _TEXT, f"stuck for {age:.0f} s\n".encode()
        return "200 OK", _TEXT, b"ok\n"


def figures_server(
    meter: Meter, pulse: Pulse, settings: Settings
) -> AbstractContextManager[object]:
    """The server that the settings ask for; nothing if they ask for none."""
    if not settings.metrics_port:
        return nullcontext()
    return FiguresServer(meter, pulse, settings.metrics_host, settings.metrics_port)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Prometheus asks every few seconds: that is nothing to be logged."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
