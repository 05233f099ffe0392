"""`/o`: the pages of officers: tasks of the day, show a code, record an entry (art. 7, 8, 14)."""

from __future__ import annotations

from base64 import b64encode
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from connectors.departments.gateway.people.officer_desk import OfficerDesk
from connectors.departments.gateway.people.officer_forms import read_choice, read_entry
from connectors.departments.gateway.people.officer_rows import (
    joint_row,
    offsite_rows,
    prompt_rows,
    task_row,
)
from connectors.departments.gateway.people.officer_session import KEPT_S, Officer, OfficerDoor
from connectors.departments.gateway.people.own_rows import instant, outcome_title
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
from connectors.departments.gateway.people.pages import code_page, facts_of, lang_of
from connectors.departments.gateway.people.scan_pages import OFFICER_PAGE
from connectors.departments.gateway.people.wording import pick, standing_text
from connectors.departments.gateway.people.wording_officer import CHOICES, ENTRIES
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.sessions import Session
from connectors.qr import qr_png
from schemas.messages import CHOICE_RECORDED, ENTRY_RECORDED

SIGN_IN, SIGN_OUT = f"{OFFICER_PAGE}/sign-in", f"{OFFICER_PAGE}/sign-out"
TASK, PRINT, BACKFILL = f"{OFFICER_PAGE}/task", f"{OFFICER_PAGE}/print", f"{OFFICER_PAGE}/backfill"
RESULT, CHOICE = f"{OFFICER_PAGE}/result", f"{OFFICER_PAGE}/choice"
DayAsked = Annotated[str, Query(max_length=10, description="YYYY-MM-DD; today if left out.")]
_NOTICES = {"done_entry", "done_result", "done_backfill", "done_choice", "pending", "desk_wrong"}
_QR_SCALE = 10


def officer_router(desk: OfficerDesk, door: OfficerDoor) -> APIRouter:
    """The routes of the pages of officers, but for results."""
    router = APIRouter(tags=["pages of officers"], default_response_class=Response)
    page = OfficerPages(desk, door)
    sent: dict[str, Any] = {"methods": ["POST"], "status_code": 303, "responses": SENT}
    router.add_api_route(OFFICER_PAGE, page.tasks, responses=SHOWN)
    router.add_api_route(SIGN_IN, page.sign_in, openapi_extra=form_of("token"), **sent)
    router.add_api_route(SIGN_OUT, page.sign_out, openapi_extra=form_of(), **sent)
    router.add_api_route(TASK, page.task, responses=SHOWN)
    router.add_api_route(TASK, page.entry, openapi_extra=form_of("how", "note"), **sent)
    router.add_api_route(CHOICE, page.choice, openapi_extra=form_of("choice", "reason"), **sent)
    router.add_api_route(PRINT, page.print_page, responses=SHOWN)
    return router


class OfficerShell(SignedInPages[Officer]):
    """What all pages of officers do alike."""

    home, sign_in_page, notices = OFFICER_PAGE, "desk_sign_in.html", _NOTICES

    def __init__(self, desk: OfficerDesk, door: OfficerDoor) -> None:
        super().__init__(desk.kit)
        self.desk = desk
        self.door = door

    async def who_is(self, session: Session) -> Officer | None:
        """The officer who is signed in."""
        return await self.door.officer(session)

    def frame(self, who: Officer) -> dict[str, Any]:
        """The department, and the certificate."""
        return {"dept": self.kit.parts.desk.department_name(who.dept), "cert_no": who.cert_no}


class OfficerPages(OfficerShell):
    """Handles the requests of these pages."""

    async def tasks(
        self, request: Request, day: DayAsked = "", lang: LangAsked = None, notice: Notice = ""
    ) -> Response:
        """The department's tasks of a day; the way in for whoever is not signed in."""
        session, who = await self.browser(request)
        if who is None:
            return self.way_in(session, lang_of(lang), notice)
        visitor = Visitor(who, session, lang_of(lang))
        on = _day(day) if day else self.kit.parts.today()
        found = await self.desk.agenda(who.dept, on)
        rows = [task_row(self.kit.parts.desk, one, visitor.lang) for one in found]
        joints = await self.desk.joints(who.dept, on)
        before, after = (on + timedelta(days=step) for step in (-1, 1))
        return self.page(
            "desk_tasks.html", visitor, rows=rows, notice=notice,
            joints=[joint_row(self.kit.parts.desk, one, who.dept) for one in joints],
            on=on.isoformat(), before=before.isoformat(), after=after.isoformat(),
        )  # fmt: skip

    async def sign_in(self, request: Request, lang: LangAsked = None) -> Response:
        """Let an officer in by his own token."""
        self.kit.limit(request)
        session = self.kit.sessions.of(request)
        fields = await self.kit.form(request, SIGN_IN, session)
        proven = await self.door.sign_in(first(fields, "token").strip())
        if proven is None:
            self.kit.parts.counts.add("denied", "OFFICER")
            return go(OFFICER_PAGE, lang_of(lang), notice="desk_wrong")
        response = go(OFFICER_PAGE, lang_of(lang))
        self.kit.sessions.remember(proven, response, KEPT_S)
        return response

    async def sign_out(self, request: Request, lang: LangAsked = None) -> Response:
        """Forget who is signed in."""
        session, _ = await self.browser(request)
        await self.kit.form(request, SIGN_OUT, session)
        await self.door.sign_out(session)
        return go(OFFICER_PAGE, lang_of(lang))

    async def task(
        self, request: Request, uscc: IdAsked, task: IdAsked, lang: LangAsked = None,
        notice: Notice = "",
    ) -> Response:  # fmt: skip
        """One task: its code to be shown, its officers, how they entered, its result."""
        visitor = await self.visitor(request, lang)
        found, state = await self.desk.task(visitor.who.dept, uscc, task)
        case, desk = await self.desk.case(found), self.kit.parts.desk
        recorded = await self.desk.recorded(found, state)
        visit, result = recorded or (None, None)
        row = task_row(desk, found, visitor.lang)
        text = case.made.qr_text if case is not None else None
        return self.page(
            "desk_task.html", visitor, row=row, notice=notice,
            picture=_picture(text) if text and row["open"] else "",
            facts=facts_of(desk, case, visitor.lang) if case is not None else [],
            officers=[
                (one.cert_no, standing_text(one.standing, visitor.lang))
                for one in (self.desk.officers(visitor.who, case) if case is not None else ())
            ],
            entries=[(how.value, pick(words, visitor.lang)) for how, words in ENTRIES.items()],
            outcomes=[outcome_title(code) for code in result.outcomes] if result else [],
            rating=visit.rating if visit else None,
            rated_at=instant(visit.rating.at_ms) if visit and visit.rating else "",
            prompts=prompt_rows(found, visitor.lang),
            offsite=offsite_rows(desk, found, visitor.lang),
            choices=[(one.value, pick(words, visitor.lang)) for one, words in CHOICES.items()],
            choice_form=self.bind(visitor, bound(CHOICE, uscc, task)),
            form=self.bind(visitor, bound(TASK, uscc, task)),
        )  # fmt: skip

    async def entry(
        self, request: Request, uscc: IdAsked, task: IdAsked, lang: LangAsked = None
    ) -> Response:
        """Record how officers entered: never a reason to stop."""
        visitor = await self.visitor(request, lang)
        fields = await self.fields(request, visitor, bound(TASK, uscc, task))
        found, state = await self.desk.task(visitor.who.dept, uscc, task)
        entry = read_entry(fields, found.uscc, task, self.kit.parts.now(), visitor.who)
        await self.desk.send(visitor.who, [(ENTRY_RECORDED, entry)])
        seen = await self.kit.seen(found.uscc, state)
        return go(
            TASK, visitor.lang, uscc=uscc, task=task, notice="done_entry" if seen else "pending"
        )

    async def choice(
        self, request: Request, uscc: IdAsked, task: IdAsked, lang: LangAsked = None
    ) -> Response:
        """Record what the officer does after the prompts: stop, or go and say why (art. 10)."""
        visitor = await self.visitor(request, lang)
        fields = await self.fields(request, visitor, bound(CHOICE, uscc, task))
        found, _ = await self.desk.task(visitor.who.dept, uscc, task)
        prompts = found.made.warnings if found.made is not None else ()
        chosen = read_choice(fields, found.uscc, task, prompts)
        await self.desk.send(visitor.who, [(CHOICE_RECORDED, chosen)])
        return go(TASK, visitor.lang, uscc=uscc, task=task, notice="done_choice")

    async def print_page(
        self, request: Request, uscc: IdAsked, task: IdAsked, lang: LangAsked = None
    ) -> Response:
        """A code on paper (A4) or as the whole screen of a telephone."""
        visitor = await self.visitor(request, lang)
        found, _ = await self.desk.task(visitor.who.dept, uscc, task)
        case = await self.desk.case(found)
        if case is None or case.made.qr_text is None:
            raise Problem(Why.NOT_FOUND, field="task")
        return code_page(self.kit.pages, self.kit.parts.desk, case, visitor.lang)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(Why.PARAMETER, "a day expected", field="day") from None


def _picture(text: str) -> str:
    return b64encode(qr_png(text, scale=_QR_SCALE)).decode()
