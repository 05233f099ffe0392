"""The pages on a port of this machine, for a real browser: the real application, rules and flow.

Broker, Redis and clock are fakes in memory; the licence service is its stand-in, on a port too.
Everything runs in one loop of its own thread, so that the test may wait for the browser.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from gateway_world import START, World
from nacl.signing import SigningKey
from waiting import until

from connectors.child import free_port
from connectors.dashboard.operations import Operations
from connectors.departments.gateway.people.scan_pages import CALLBACK
from connectors.departments.gateway.server import HubServer, new_server
from connectors.departments.gateway.ways_in.licence import OidcLicence
from connectors.sandbox.licence import LicenceSandbox

CLIENT = "inspection-hub"
LOOPBACK = "127.0.0.1"


class PageSite:
    """A gateway in memory and a licence service, served until `close`."""

    def __init__(
        self, folder: Path, operations: Operations | None = None, **overrides: Any
    ) -> None:
        self._operations = operations
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        ports = free_port(), free_port()
        self.address, issuer = (f"http://{LOOPBACK}:{port}" for port in ports)
        key = SigningKey.generate()

        def now_s() -> float:
            return self.world.clock.timestamp() if hasattr(self, "world") else START.timestamp()

        licence = OidcLicence(issuer, CLIENT, key.verify_key, now_s)
        self.world = self.run(self._made(folder, licence, overrides))
        sandbox = LicenceSandbox(
            issuer=issuer, client_id=CLIENT, return_to=f"{self.address}{CALLBACK}", key=key,
            now_s=now_s,
        )  # fmt: skip
        apps = (self.world.app, sandbox.app())
        self._servers: list[HubServer] = [
            new_server(app, LOOPBACK, port) for app, port in zip(apps, ports, strict=True)
        ]
        self._running = [
            asyncio.run_coroutine_threadsafe(server.serve(), self.loop) for server in self._servers
        ]
        for server in self._servers:
            until(lambda server=server: server.started, "the pages are served")

    async def _made(self, folder: Path, licence: OidcLicence, overrides: dict[str, Any]) -> World:
        more = {"gateway_lookups_burst": 100_000, **overrides}
        return World(
            folder, more, licence=licence, base_url=self.address, operations=self._operations
        )

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something in the pages' own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=60)

    def close(self) -> None:
        """Stop serving."""
        for server in self._servers:
            server.should_exit = True
        for running in self._running:
            running.result(timeout=30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=30)
