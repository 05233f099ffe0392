"""`/c/{token}`: the page that a scan opens. Works without a script (art. 8)."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.people.page_docs import (
    HTML,
    SEEN,
    SENT,
    LangAsked,
    Notice,
    Short,
    Token,
    form_of,
)
from connectors.departments.gateway.people.page_kit import Fields, first, go, read_form
from connectors.departments.gateway.people.pages import Pages, facts_of, lang_of
from connectors.departments.gateway.people.scan_desk import Scan, ScanDesk
from connectors.departments.gateway.people.wording import Lang, standing_text, verdict_text
from connectors.departments.gateway.people.wording_problems import problem_text
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.licence import (
    Identified,
    LicenceVerifier,
    NotIdentified,
)
from connectors.departments.gateway.ways_in.quota import address_of
from connectors.departments.gateway.ways_in.sessions import Session, Sessions
from schemas.desk import ScanVerdict
from schemas.enums import EntryHow, Standing

log = structlog.get_logger()

CALLBACK = "/licence/callback"
OWN_PAGE = "/e"
OFFICER_PAGE = "/o"
DONE = {
    EntryHow.SCANNED: "recorded_scanned",
    EntryHow.REFUSED: "recorded_refused",
    EntryHow.LICENCE_FAILED: "recorded_failed",
}
_NOTICES = {*DONE.values(), "not_verified", "no_licence_service"}
_FORM = form_of("how")
_OUR_OWN = (OWN_PAGE, OFFICER_PAGE)
_PAGES = ("/c/", "/licence/", f"{OWN_PAGE}/", f"{OFFICER_PAGE}/")


def scan_router(
    parts: Parts,
    pages: Pages,
    sessions: Sessions,
    desk: ScanDesk,
    licence: LicenceVerifier | None,
    base_url: str,
) -> APIRouter:
    """The routes of the scan page."""
    router = APIRouter(tags=["pages"], default_response_class=Response)
    page = ScanPage(parts, pages, sessions, desk, licence, base_url)

    @router.get("/c/{token}", responses={200: HTML, **SEEN})
    async def show(
        request: Request, token: Token, lang: LangAsked = None, notice: Notice = ""
    ) -> Response:
        """Whether a code is good, for whom, by whom, and which visit of the year it is."""
        return await page.show(request, token, lang_of(lang), notice)

    @router.post("/c/{token}/verify", status_code=303, responses=SENT, openapi_extra=_FORM)
    async def verify(request: Request, token: Token, lang: LangAsked = None) -> Response:
        """Go to the licence service."""
        return await page.verify(request, token, lang_of(lang))

    @router.post("/c/{token}/entry", status_code=303, responses=SENT, openapi_extra=_FORM)
    async def entry(request: Request, token: Token, lang: LangAsked = None) -> Response:
        """Record a scan by a verified enterprise, a refusal to scan, or a failed check."""
        return await page.entry(request, token, lang_of(lang))

    @router.get(CALLBACK, status_code=303, responses={303: SENT[303], 403: SENT[403], **SEEN})
    async def callback(request: Request, state: Short = "", code: Short = "") -> Response:
        """Where the licence service sends the browser back."""
        return await page.callback(request, state, code)

    return router


class ScanPage:
    """Handles the requests of the scan page."""

    def __init__(
        self,
        parts: Parts,
        pages: Pages,
        sessions: Sessions,
        desk: ScanDesk,
        licence: LicenceVerifier | None,
        base_url: str,
    ) -> None:
        self._parts = parts
        self._pages = pages
        self._sessions = sessions
        self._desk = desk
        self._licence = licence
        self._return_to = f"{base_url.rstrip('/')}{CALLBACK}"

    async def show(self, request: Request, token: str, lang: Lang, notice: str) -> Response:
        """The page."""
        self._limit(request)
        session = self._sessions.of(request)
        scan = await self._desk.look(token, await self._sessions.enterprise(session))
        response = self._page(scan, token, session, lang, notice if notice in _NOTICES else "")
        self._sessions.remember(session, response)
        return response

    async def verify(self, request: Request, token: str, lang: Lang) -> Response:
        """The way to the licence service."""
        self._limit(request)
        session, _ = await self._form(request, token)
        if self._licence is None:
            return _back(token, lang, "no_licence_service")
        login = await self._sessions.begin(session, token)
        return RedirectResponse(self._licence.address(login, self._return_to), 303)

    async def entry(self, request: Request, token: str, lang: Lang) -> Response:
        """What was pressed is recorded."""
        self._limit(request)
        session, form = await self._form(request, token)
        how = next((one for one in DONE if one.value == first(form, "how")), None)
        if how is None:
            raise Problem(Why.PARAMETER, field="how")
        scan = await self._desk.look(token, await self._sessions.enterprise(session))
        done = await self._desk.record(scan, how)
        return _back(token, lang, DONE[how] if done else "")

    async def callback(self, request: Request, state: str, code: str) -> Response:
        """The licence service's answer."""
        self._limit(request)
        session = self._sessions.of(request)
        back = await self._sessions.finish(session, state) if state else None
        if back is None or self._licence is None:
            raise Problem(Why.FORM_EXPIRED)
        attempt, login = back
        who: Identified | NotIdentified = NotIdentified("no code: denied")
        if code:
            who = await self._licence.identify(login, code, self._return_to)
        if isinstance(who, NotIdentified):
            log.info("licence not verified", reason=who.reason)
            if not attempt.token:
                return go(OWN_PAGE, "zh", notice="not_verified")
            return _back(attempt.token, "zh", "not_verified")
        # A new name: whoever knew the old one before the check gains nothing by it.
        proven = self._sessions.renewed()
        await self._sessions.verified(proven, who)
        if not attempt.token:
            response = go(OWN_PAGE, "zh")
            self._sessions.remember(proven, response)
            return response
        scan = await self._desk.look(attempt.token, who)
        done = await self._desk.record(scan, EntryHow.SCANNED)
        response = _back(attempt.token, "zh", DONE[EntryHow.SCANNED] if done else "")
        self._sessions.remember(proven, response)
        return response

    def _page(self, scan: Scan, token: str, session: Session, lang: Lang, notice: str) -> Response:
        heading, advice = verdict_text(scan.verdict, lang)
        good = scan.verdict is ScanVerdict.GOOD or (
            scan.verified and scan.verdict is ScanVerdict.SCANNED
        )
        colour = "good" if good else "wait" if scan.verdict is ScanVerdict.SCANNED else "bad"
        bad_officers = sum(one.standing is not Standing.VALID for one in scan.officers)
        other_day = scan.case is not None and scan.case.standing.day != self._parts.today()
        return self._pages.page(
            "scan.html", lang,
            404 if scan.verdict in (ScanVerdict.FORGED, ScanVerdict.UNKNOWN) else 200,
            heading=heading, advice=advice, colour=colour, scan=scan, token=token, notice=notice,
            facts=facts_of(self._parts.desk, scan.case, lang) if scan.case else [],
            officers=[(o.name, o.cert_no, standing_text(o.standing, lang)) for o in scan.officers],
            bad_officers=bad_officers, open=scan.verdict is ScanVerdict.GOOD,
            other_day=other_day and scan.verdict is ScanVerdict.GOOD,
            form=self._sessions.form_token(session, token),
        )  # fmt: skip

    async def _form(self, request: Request, token: str) -> tuple[Session, Fields]:
        fields = await read_form(request)
        session = self._sessions.of(request)
        self._sessions.check_form(session, token, first(fields, "form"))
        return session, fields

    def _limit(self, request: Request) -> None:
        self._parts.lookups_rate.take(address_of(request))


def problem_page(pages: Pages, request: Request, problem: Problem) -> Response | None:
    """A problem as people read it, on pages that people see; None elsewhere."""
    path = request.url.path
    if path not in _OUR_OWN and not path.startswith(_PAGES):
        return None
    lang = lang_of(request.query_params.get("lang"))
    heading, says = problem_text(problem, english=lang == "en")
    response = pages.page(
        "problem.html", lang, problem.status, heading=heading, says=says, title=problem.title,
        advice=problem.advice,
    )  # fmt: skip
    response.headers.update(problem.headers())
    return response


def _back(token: str, lang: Lang, notice: str) -> Response:
    query = "&".join(
        part for part in ("lang=en" if lang == "en" else "", f"notice={notice}" if notice else "")
        if part
    )  # fmt: skip
    return RedirectResponse(f"/c/{token}" + (f"?{query}" if query else ""), 303)
