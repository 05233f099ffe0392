"""`/e`: an enterprise's own pages: visits and results, ratings, what is disclosed (art. 9, 13)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from connectors.departments.gateway.people.own_desk import OwnDesk, can_be_repaired
from connectors.departments.gateway.people.own_rows import disclosed_row, result_rows, visit_row
from connectors.departments.gateway.people.page_docs import (
    SENT,
    SHOWN,
    IdAsked,
    LangAsked,
    Notice,
    form_of,
)
from connectors.departments.gateway.people.page_kit import first, go
from connectors.departments.gateway.people.page_shell import SignedInPages, Visitor, bound
from connectors.departments.gateway.people.pages import lang_of
from connectors.departments.gateway.people.scan_pages import CALLBACK, OWN_PAGE
from connectors.departments.gateway.people.wording import pick
from connectors.departments.gateway.people.wording_enterprise import STARS
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.licence import Identified, LicenceVerifier
from connectors.departments.gateway.ways_in.sessions import Session

SIGN_IN, SIGN_OUT = f"{OWN_PAGE}/sign-in", f"{OWN_PAGE}/sign-out"
VISIT, DISCLOSED, REPAIRS = f"{OWN_PAGE}/visit", f"{OWN_PAGE}/disclosed", f"{OWN_PAGE}/repairs"
_NOTICES = {"done_rated", "done_applied", "done_supplement", "pending", "not_verified"}


def own_router(desk: OwnDesk, licence: LicenceVerifier | None, base_url: str) -> APIRouter:
    """The routes of an enterprise's own pages."""
    router = APIRouter(tags=["pages of enterprises"], default_response_class=Response)
    page = OwnPages(desk, licence, base_url)
    sent: dict[str, Any] = {"methods": ["POST"], "status_code": 303, "responses": SENT}
    router.add_api_route(OWN_PAGE, page.visits, responses=SHOWN)
    router.add_api_route(SIGN_IN, page.sign_in, openapi_extra=form_of(), **sent)
    router.add_api_route(SIGN_OUT, page.sign_out, openapi_extra=form_of(), **sent)
    router.add_api_route(VISIT, page.visit, responses=SHOWN)
    router.add_api_route(VISIT, page.rate, openapi_extra=form_of("stars", "comment"), **sent)
    router.add_api_route(DISCLOSED, page.disclosed, responses=SHOWN)
    return router


class OwnShell(SignedInPages[Identified]):
    """What all of an enterprise's pages do alike."""

    home, sign_in_page, notices = OWN_PAGE, "own_sign_in.html", _NOTICES

    def __init__(self, desk: OwnDesk) -> None:
        super().__init__(desk.kit)
        self.desk = desk

    async def who_is(self, session: Session) -> Identified | None:
        """The enterprise that was verified in this browser."""
        return await self.kit.sessions.enterprise(session)

    def frame(self, who: Identified) -> dict[str, Any]:
        """The enterprise's name and credit code."""
        name = self.kit.parts.desk.subject_name(who.uscc) or who.name
        return {"enterprise": name, "uscc": who.uscc}


class OwnPages(OwnShell):
    """Handles the requests of these pages."""

    def __init__(self, desk: OwnDesk, licence: LicenceVerifier | None, base_url: str) -> None:
        super().__init__(desk)
        self._licence = licence
        self._return_to = f"{base_url.rstrip('/')}{CALLBACK}"

    async def visits(
        self, request: Request, lang: LangAsked = None, notice: Notice = ""
    ) -> Response:
        """All visits of the enterprise; the way in for whoever is not signed in."""
        session, who = await self.browser(request)
        if who is None:
            return self.way_in(session, lang_of(lang), notice)
        visitor = Visitor(who, session, lang_of(lang))
        own = await self.desk.own(who.uscc)
        rows = [visit_row(self.kit.parts.desk, one, visitor.lang) for one in own.shown.visits]
        return self.page("own_visits.html", visitor, rows=rows, notice=notice)

    async def sign_in(self, request: Request, lang: LangAsked = None) -> Response:
        """Go to the licence service."""
        self.kit.limit(request)
        session = self.kit.sessions.of(request)
        await self.kit.form(request, SIGN_IN, session)
        if self._licence is None:
            raise Problem(Why.BUSY, "there is no licence service")
        login = await self.kit.sessions.begin(session, "")
        return RedirectResponse(self._licence.address(login, self._return_to), 303)

    async def sign_out(self, request: Request, lang: LangAsked = None) -> Response:
        """Forget who was verified in this browser."""
        session, _ = await self.browser(request)
        await self.kit.form(request, SIGN_OUT, session)
        await self.kit.sessions.forget(session)
        return go(OWN_PAGE, lang_of(lang))

    async def visit(
        self, request: Request, task: IdAsked, lang: LangAsked = None, notice: Notice = ""
    ) -> Response:
        """One visit: its result, and its rating."""
        visitor = await self.visitor(request, lang)
        own = await self.desk.own(visitor.who.uscc)
        visit, desk = own.visit(task), self.kit.parts.desk
        result = await self.desk.result(visitor.who.uscc, visit)
        others = [
            visit_row(desk, one, visitor.lang)
            for one in own.shown.visits
            if visit.joint_id and one.joint_id == visit.joint_id and one is not visit
        ]
        return self.page(
            "own_visit.html", visitor,
            row=visit_row(desk, visit, visitor.lang), visit=visit, others=others, notice=notice,
            result=result_rows(desk, own.shown, visit, result, visitor.lang),
            open=visit.rate_until is not None and self.kit.parts.today() <= visit.rate_until,
            stars=[(number, pick(words, visitor.lang)) for number, words in STARS.items()],
            form=self.bind(visitor, bound(VISIT, task)),
        )  # fmt: skip

    async def rate(self, request: Request, task: IdAsked, lang: LangAsked = None) -> Response:
        """Rate one department's visit."""
        visitor = await self.visitor(request, lang)
        fields = await self.fields(request, visitor, bound(VISIT, task))
        stars = first(fields, "stars")
        if stars not in ("1", "2", "3", "4", "5"):
            raise Problem(Why.PARAMETER, "1 to 5 stars expected", field="stars")
        own = await self.desk.own(visitor.who.uscc)
        seen = await self.desk.rate(own, own.visit(task), int(stars), first(fields, "comment"))
        return go(VISIT, visitor.lang, task=task, notice="done_rated" if seen else "pending")

    async def disclosed(self, request: Request, lang: LangAsked = None) -> Response:
        """What is disclosed about the enterprise, and where it has stopped."""
        visitor = await self.visitor(request, lang)
        own, parts = await self.desk.own(visitor.who.uscc), self.kit.parts
        now_ms = int(parts.now().timestamp() * 1000)
        rows = []
        for one in own.shown.disclosed:
            places = await self.desk.sites.places(visitor.who.uscc, one.result_id, now_ms)
            row = disclosed_row(parts.desk, one, places, visitor.lang)
            rows.append({**row, "repairable": can_be_repaired(one, own.shown)})
        return self.page("own_disclosed.html", visitor, rows=rows)
