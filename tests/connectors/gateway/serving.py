"""An application on a port of this machine, in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from waiting import until_async

from connectors.departments.gateway.server import Tls, new_server


@asynccontextmanager
async def served(
    app: Any, port: int, proxies: str = "", tls: Tls | None = None
) -> AsyncIterator[None]:
    """Serve beside the test."""
    server = new_server(app, "127.0.0.1", port, proxies, tls)
    running = asyncio.create_task(server.serve())
    await until_async(lambda: server.started, "the server listens")
    try:
        yield
    finally:
        server.should_exit = True
        await running
