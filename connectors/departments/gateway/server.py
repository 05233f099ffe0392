"""How is the application served? uvicorn in our own event loop, with a clock on slow heads."""

from __future__ import annotations

import asyncio
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from connectors.departments.gateway.one_write import OneWrite
from connectors.departments.gateway.ways_in.certificates import STATE_KEY, certificate_of
from schemas.settings import Settings

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
        super().connection_made(OneWrite(transport, self.loop))  # type: ignore[arg-type] # as one
        connection = transport.get_extra_info("ssl_object")
        if connection is not None:
            # Every request of this connection gets a copy of its state; nothing else reaches it.
            self.app_state = {**self.app_state, STATE_KEY: certificate_of(connection)}
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


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of the server's certificate; `client_ca`: whose client certificates are believed."""

    cert: Path
    key: Path
    client_ca: Path | None = None


def tls_of(settings: Settings) -> Tls | None:
    """What the settings say; None: a proxy ends TLS.

    Raises:
        ValueError: others may read the key.
    """
    if settings.gateway_tls_cert is None or settings.gateway_tls_key is None:
        return None
    key = settings.gateway_tls_key
    if stat.S_IMODE(key.stat().st_mode) & 0o077:
        raise ValueError(f"others may read {key}: run: chmod 0400 {key}")
    return Tls(settings.gateway_tls_cert, key, settings.gateway_tls_client_ca)


def new_server(
    app: ASGIApp, host: str, port: int, proxies: str = "", tls: Tls | None = None
) -> HubServer:
    """A server that is not started yet. What proxies say is believed of those named only."""
    encrypted: dict[str, Any] = {}
    if tls is not None:
        encrypted = {"ssl_certfile": tls.cert, "ssl_keyfile": tls.key}
        if tls.client_ca is not None:
            # Optional: people who look at pages have none, and a token will do as well.
            encrypted |= {"ssl_ca_certs": tls.client_ca, "ssl_cert_reqs": ssl.CERT_OPTIONAL}
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
            **encrypted,
        )
    )


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    stop: asyncio.Event,
    proxies: str = "",
    tls: Tls | None = None,
) -> None:
    """Serve until `stop` is set; requests in hand are finished.

    Raises:
        OSError: the address is taken.
    """
    server = new_server(app, host, port, proxies, tls)
    running = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await running
