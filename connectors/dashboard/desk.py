"""What do all pages of the dashboard do alike? Who is it, what stands around, what is loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request, Response

from connectors.console.command import failures
from connectors.dashboard.board import VIEWS, Board
from connectors.dashboard.door import Operator, OperatorDoor
from connectors.dashboard.sheets import Asked, Block, Sheet, drawn
from connectors.dashboard.tools import tools
from connectors.departments.gateway.people.page_kit import Kit, go
from connectors.departments.gateway.people.pages import Pages, lang_of, link
from connectors.departments.gateway.people.wording_problems import problem_text
from connectors.departments.gateway.problems import Problem
from connectors.departments.gateway.ways_in.sessions import Session

OPS = "/ops"
SIGN_IN, SIGN_OUT = f"{OPS}/sign-in", f"{OPS}/sign-out"
CONTENT_POLICY = {
    # Scripts of our own address only, none of them inline; and nothing is asked of anybody else.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
NOTICES = ("done_pause", "done_resume", "done_requeue", "done_replay", "done_compare")
_QUERY_MAX = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages are made with. `threads` wait for broker and Redis beside the loop."""

    kit: Kit
    pages: Pages
    door: OperatorDoor
    board: Board
    threads: Executor

    def now_ms(self) -> int:
        """Unix milliseconds."""
        return int(self.kit.parts.now().timestamp() * 1000)

    async def who(self, request: Request) -> tuple[Session, Operator | None]:
        """The browser, and the operator who is signed in."""
        self.kit.limit(request)
        session = self.kit.sessions.of(request)
        return session, await self.door.operator(session)

    def way_in(self, request: Request) -> Response:
        """To where one signs in."""
        return go(OPS, lang_of(request.query_params.get("lang")), notice="signed_out")

    def asked(self, request: Request, who: Operator, **more: str) -> Asked:
        """Who asks for what."""
        query = {name: text[:_QUERY_MAX] for name, text in request.query_params.items()}
        return Asked(who, lang_of(query.pop("lang", None)), self.now_ms(), {**query, **more})

    async def in_thread(self, work: Callable[[], T]) -> T:
        """What `work` finds out, which may wait."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    async def tried(self, work: Callable[[], object]) -> str:
        """Why `work` failed, for people; empty if it did not."""
        try:
            await self.in_thread(work)
        except failures() as failure:
            return str(failure) or type(failure).__name__
        return ""

    async def sheet(
        self, request: Request, session: Session, who: Operator, view: str, **more: str
    ) -> Response:
        """A page that lives."""
        asked = self.asked(request, who, **more)
        return await self.framed(request, session, asked, await VIEWS[view](self.board, asked))

    async def framed(
        self, request: Request, session: Session, asked: Asked, sheet: Sheet, status: int = 200,
        *, here: str = "", fault: str = "",
    ) -> Response:  # fmt: skip
        """A sheet with everything around it."""
        state = drawn(self.pages, await self.board.state(), asked)
        notice = asked.query.get("notice", "")
        return self.page(
            "sheet.html", request, status, **tools(asked.who, asked.lang, asked.now_ms),
            here=here or sheet.view, state=state,
            live=link(f"{OPS}/live/{sheet.view}", asked.lang, **sheet.query),
            blocks=[(block, self._drawn(block, asked)) for block in sheet.blocks],
            notice=notice if notice in NOTICES else "",
            fault=fault, sign_out=self.kit.sessions.form_token(session, SIGN_OUT),
        )  # fmt: skip

    def page(self, name: str, request: Request, status: int = 200, **values: Any) -> Response:  # noqa: ANN401
        """A template, with what may be loaded by it."""
        lang = lang_of(request.query_params.get("lang"))
        other = dict(request.query_params) | {"lang": "en" if lang == "zh" else "zh"}
        response = self.pages.page(
            name, lang, status, other=f"{request.url.path}?{urlencode(other)}", **values
        )
        response.headers.update(CONTENT_POLICY)
        return response

    def problem(self, request: Request, problem: Problem) -> Response | None:
        """A problem as operators read it; None where the page is none of theirs."""
        if not f"{request.url.path}/".startswith(f"{OPS}/"):
            return None
        lang = lang_of(request.query_params.get("lang"))
        heading, advice = problem_text(problem, english=lang == "en")
        response = self.page(
            "problem.html", request, problem.status, heading=heading, advice=advice, problem=problem
        )
        response.headers.update(problem.headers())
        return response

    def _drawn(self, block: Block, asked: Asked) -> str:
        return drawn(self.pages, block, asked)
