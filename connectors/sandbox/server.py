"""What have all three sandboxes in common? An HTTP server, a journal, faults, a public page."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import structlog
from aiohttp import web

from connectors.sandbox import ledger, pages
from connectors.sandbox.faults import Faults
from connectors.sandbox.hours import Hours
from connectors.sandbox.journal import Journal
from schemas.sites import Site

log = structlog.get_logger()

HOST = "127.0.0.1"
HANG_S = 600.0
TICK_S = 0.02
REQUEST_BYTES_MAX = 4 * 1024 * 1024

_ALWAYS_OPEN = ("/faults", "/healthz")
_PAGE_MAX = 1_000_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Sandbox:
    """One stand-in of a publicity system. A subclass says how records reach it.

    Args:
        folder: where its journal lies.
        delay_s: how long after arrival something takes effect.
        hours: its maintenance window and daily import.
        now: the time, in Unix seconds.
    """

    site: Site
    trusting = False
    """It compares no versions: what comes last is shown, and each time it comes it is done anew.

    So nobody but the hub sees to it that nothing takes effect twice or out of order.
    """

    def __init__(
        self,
        folder: Path,
        *,
        delay_s: float = 0.0,
        hours: Hours | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.journal = Journal(folder)
        self.faults = Faults()
        self.hours = hours or Hours()
        self._delay_s = delay_s
        self._now = now
        self._busy = asyncio.Event()
        self._busy.set()  # what a former run left may be due
        self._tasks: list[asyncio.Task[None]] = []
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0, host: str = HOST) -> str:
        """Listen and work; gives the address. Port 0: any that is free."""
        app = web.Application(client_max_size=REQUEST_BYTES_MAX, middlewares=[self._border])
        app.router.add_get("/public", self._list)
        app.router.add_get("/public/{result_id}", self._one)
        app.router.add_post("/faults", self._faults)
        app.router.add_get("/healthz", self._health)
        self.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._tasks = [asyncio.create_task(work()) for work in self.works()]
        for task in self._tasks:
            task.add_done_callback(_tell_failure)
        there, bound = self._runner.addresses[0][:2]
        return f"http://{there}:{bound}"

    async def stop(self) -> None:
        """Stop listening and working."""
        if self._runner is not None:
            await self._runner.cleanup()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.journal.close()

    def add_routes(self, app: web.Application) -> None:
        """Add what only this system has."""

    def works(self) -> list[Callable[[], Coroutine[None, None, None]]]:
        """What runs beside the server."""
        return [self._make_effective]

    def is_working(self) -> bool:
        """Whether it takes things in now: no outage, no maintenance."""
        return not self.faults.lasts("out") and self.hours.closed_for_s(self._now()) is None

    def now_ms(self) -> int:
        """Unix milliseconds."""
        return int(self._now() * 1000)

    def due_ms(self) -> int:
        """When something takes effect that arrives now."""
        return self.hours.due_ms(self._now(), self._delay_s)

    def something_waits(self) -> None:
        """Something was taken in that will be due."""
        self._busy.set()

    async def _make_effective(self) -> None:
        while True:
            await self._busy.wait()
            self._busy.clear()
            waits = await self.journal.run(
                lambda c: ledger.make_effective(c, self.now_ms(), trusting=self.trusting)
            )
            if waits:
                self._busy.set()
                await asyncio.sleep(TICK_S)

    @web.middleware
    async def _border(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in _ALWAYS_OPEN and self.faults.take("out"):
            if self.faults.drops("out") and request.transport is not None:
                request.transport.abort()
            return answer(503, {"errors": ["out of service"]})
        return await handler(request)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        text = request.query.get("page", "1")
        page = int(text) if text.isascii() and text.isdigit() else 1
        page = min(max(page, 1), _PAGE_MAX)
        total, rows = await self.journal.run(
            lambda c: ledger.shown(c, (page - 1) * pages.PAGE_ROWS, pages.PAGE_ROWS)
        )
        html = pages.listing(self.site.title, total, rows, page)
        return web.Response(text=html, content_type="text/html")

    async def _one(self, request: web.Request) -> web.StreamResponse:
        uscc, result_id = request.query.get("uscc", ""), request.match_info["result_id"]
        if not uscc:
            return answer(400, {"errors": ["uscc is missing"]})
        held = await self.journal.run(lambda c: ledger.held(c, uscc, result_id))
        return answer(200, pages.one(held, uscc, result_id))

    async def _faults(self, request: web.Request) -> web.StreamResponse:
        try:
            self.faults.ask(await request.json())
        except (ValueError, AttributeError) as cause:
            return answer(400, {"errors": [str(cause)]})
        await self.fault_asked()
        return answer(200, {"active": self.faults.active()})

    async def fault_asked(self) -> None:
        """Carry out a fault that happens at once."""

    async def _health(self, _: web.Request) -> web.StreamResponse:
        return answer(200, {"site": self.site.code, "faults": self.faults.active()})


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (cause := task.exception()) is not None:
        log.error("the sandbox works no longer", exc_info=cause)


def answer(status: int, content: object, *, retry_after_s: int | None = None) -> web.Response:
    """A JSON answer."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)
