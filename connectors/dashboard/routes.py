"""`/ops`: the pages of operators. Signed in by a token of one's own; acts are in `acts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from connectors.dashboard.board import VIEWS
from connectors.dashboard.desk import CONTENT_POLICY, OPS, SIGN_IN, SIGN_OUT, Desk
from connectors.dashboard.door import KEPT_S
from connectors.dashboard.live import stream
from connectors.departments.gateway.people.page_kit import first, go
from connectors.departments.gateway.people.pages import lang_of
from connectors.departments.gateway.problems import Problem, Why

LIVE = f"{OPS}/live"
_PLAIN = ("deadlines", "sites", "departments", "letters", "statistics", "policy", "log")


def dashboard_router(desk: Desk) -> APIRouter:
    """The routes of everything that only shows."""
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    pages = LookPages(desk)
    router.add_api_route(OPS, pages.overview)
    for view in _PLAIN:
        router.add_api_route(f"{OPS}/{view}", pages.page(view), name=view)
    router.add_api_route(f"{LIVE}/{{view}}", pages.live)
    router.add_api_route(SIGN_IN, pages.sign_in, methods=["POST"])
    router.add_api_route(SIGN_OUT, pages.sign_out, methods=["POST"])
    return router


class LookPages:
    """Handles the requests of these pages."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kit = desk.kit

    async def overview(self, request: Request) -> Response:
        """Everything at one look; the way in for whoever is not signed in."""
        session, who = await self.desk.who(request)
        if who is not None:
            return await self.desk.sheet(request, session, who, "overview")
        form = self.kit.sessions.form_token(session, SIGN_IN)
        notice = request.query_params.get("notice", "")
        response = self.desk.page(
            "sign_in.html", request, form=form, notice=notice if notice in _NOTICES else ""
        )
        self.kit.sessions.remember(session, response)
        return response

    def page(self, view: str) -> Any:  # noqa: ANN401 - a handler
        """The handler of a page that lives."""

        async def show(request: Request) -> Response:
            session, who = await self.desk.who(request)
            if who is None:
                return self.desk.way_in(request)
            return await self.desk.sheet(request, session, who, view)

        return show

    async def live(self, request: Request, view: str) -> Response:
        """What changes on a page, for as long as somebody looks at it."""
        session, who = await self.desk.who(request)
        if who is None or view not in VIEWS:
            raise Problem(Why.NOT_FOUND, field="view")

        async def still() -> bool:
            return await self.desk.door.operator(session) is not None

        asked = self.desk.asked(request, who)
        events = stream(
            self.desk.board, self.desk.pages, view, asked, still=still, now_ms=self.desk.now_ms,
            stopping=self.kit.parts.stopping,
        )  # fmt: skip
        headers: Mapping[str, str] = {"x-accel-buffering": "no", **CONTENT_POLICY}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    async def sign_in(self, request: Request) -> Response:
        """Let an operator in by his own token."""
        self.kit.limit(request)
        session, lang = self.kit.sessions.of(request), lang_of(request.query_params.get("lang"))
        fields = await self.kit.form(request, SIGN_IN, session)
        proven = await self.desk.door.sign_in(first(fields, "token").strip())
        if proven is None:
            self.kit.parts.counts.add("denied", "OPERATOR")
            return go(OPS, lang, notice="wrong_token")
        response = go(OPS, lang)
        self.kit.sessions.remember(proven, response, KEPT_S)
        return response

    async def sign_out(self, request: Request) -> Response:
        """Forget who is signed in."""
        session, _ = await self.desk.who(request)
        await self.kit.form(request, SIGN_OUT, session)
        await self.desk.door.sign_out(session)
        return go(OPS, lang_of(request.query_params.get("lang")))


_NOTICES = {"wrong_token", "signed_out"}
