"""A system that answers whatever a test wants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from connectors.sites.credit_tianjin import CreditTianjin
from connectors.sites.http import Http
from connectors.sites.tianjin_subjects import TianjinSubjects

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def saying(
    status: int, body: str | bytes, content_type: str = "application/json", **headers: str
) -> Handler:
    """Always the same answer."""

    async def handler(_: web.Request) -> web.StreamResponse:
        raw = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=raw, content_type=content_type, headers=named)

    return handler


async def endless(request: web.Request) -> web.StreamResponse:
    """A body that never ends."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b'{"key":"' + b"x" * 65_536)


async def dripping(request: web.Request) -> web.StreamResponse:
    """A body that comes byte by byte, for ever."""
    import asyncio

    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


async def cutting(request: web.Request) -> web.StreamResponse:
    """The connection is cut."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


class Served:
    """What a hostile system was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.paths: list[str] = []

    def credit(self, signer: object, wait_s: float = 0.5) -> CreditTianjin:
        """The HTTP connector, pointed at it."""
        http = Http(wait_s=wait_s)
        return CreditTianjin(
            f"{self.address}/exchange", f"{self.address}/public", [signer], http=http
        )

    def subjects(self) -> TianjinSubjects:
        """A connector that only reads its page."""
        return TianjinSubjects(f"{self.address}/public", http=Http(wait_s=0.5))


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Served]:
    """A server that answers everything with one handler."""
    served = Served("")

    async def note(request: web.Request) -> web.StreamResponse:
        served.paths.append(request.path)
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", note)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    served.address = f"http://{host}:{port}"
    try:
        yield served
    finally:
        await runner.cleanup()
