"""How is the application served? uvicorn in our own event loop, with a clock on slow heads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WAIT_S = 10.0
HEAD_BYTES_MAX = 16 * 1024
KEEP_ALIVE_S = 30
CONNECTIONS_QUEUED_MAX = 1024


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that hangs up on whoever does not finish the head of a request in time."""

    head_wait_s = HEAD_WAIT_S
    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        """A client has come: its first head is awaited."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have come: of a head, a body, or a further request."""
        super().data_received(data)
        if self._between_requests():
            self._expect_head()
        else:
            self._stop_waiting()

    def _between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(self.head_wait_s, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _too_slow(self) -> None:
        self._head = None
        if self._between_requests() and not self.transport.is_closing():
            self.transport.close()


class HubServer(uvicorn.Server):
    """A server that leaves signals to whoever runs the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def new_server(app: ASGIApp, host: str, port: int, proxies: str = "") -> HubServer:
    """A server that is not started yet. What proxies say is believed of those named only."""
    return HubServer(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            loop="none",
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies,
            server_header=False,
            date_header=True,
            access_log=False,
            log_config=None,
            backlog=CONNECTIONS_QUEUED_MAX,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=15,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        )
    )


async def serve(app: ASGIApp, host: str, port: int, stop: asyncio.Event, proxies: str = "") -> None:
    """Serve until `stop` is set; requests in hand are finished.

    Raises:
        OSError: the address is taken.
    """
    server = new_server(app, host, port, proxies)
    running = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await running
