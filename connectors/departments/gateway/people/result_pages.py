"""`/o/result`, `/o/backfill`: an officer fills in what was found, at once or later (art. 5, 16)."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Request, Response

from connectors.departments.gateway.people.officer_desk import OfficerDesk
from connectors.departments.gateway.people.officer_forms import (
    read_backfill,
    read_points,
    read_result,
)
from connectors.departments.gateway.people.officer_pages import (
    BACKFILL,
    RESULT,
    TASK,
    OfficerShell,
)
from connectors.departments.gateway.people.officer_rows import outcome_rows, point_rows, task_row
from connectors.departments.gateway.people.officer_session import OfficerDoor
from connectors.departments.gateway.people.page_docs import SENT, SHOWN, IdAsked, LangAsked, form_of
from connectors.departments.gateway.people.page_kit import first, go, read_form
from connectors.departments.gateway.people.page_shell import bound
from connectors.departments.gateway.people.wording_officer import KINDS, TRIGGERS
from connectors.departments.gateway.problems import Problem, Why
from schemas.messages import RESULT_RECORDED, TASK_SUBMITTED

_RESULT_FIELDS = ("inspected_on", "outcome", "publish", "follow_up")
_TASK_FIELDS = (
    "task", "uscc", "entity_name", "items", "kind", "trigger", "clue_no", "premises_region",
    "officers", "approval_no", "approval_by", "approval_on",
)  # fmt: skip


def result_router(desk: OfficerDesk, door: OfficerDoor) -> APIRouter:
    """The routes for filling in results."""
    router = APIRouter(tags=["pages of officers"], default_response_class=Response)
    page = ResultPages(desk, door)
    sent: dict[str, Any] = {"methods": ["POST"], "status_code": 303, "responses": SENT}
    router.add_api_route(RESULT, page.form, responses=SHOWN)
    router.add_api_route(RESULT, page.fill_in, openapi_extra=form_of(*_RESULT_FIELDS), **sent)
    router.add_api_route(BACKFILL, page.backfill_form, responses=SHOWN)
    fields = form_of(*_TASK_FIELDS, *_RESULT_FIELDS)
    router.add_api_route(BACKFILL, page.backfill, openapi_extra=fields, **sent)
    return router


class ResultPages(OfficerShell):
    """Handles the requests of these pages."""

    async def form(
        self, request: Request, uscc: IdAsked, task: IdAsked, lang: LangAsked = None
    ) -> Response:
        """The form for a task's result, against the check points of its items."""
        visitor = await self.visitor(request, lang)
        found, _ = await self.desk.task(visitor.who.dept, uscc, task)
        desk, today = self.kit.parts.desk, self.kit.parts.today()
        return self.page(
            "desk_result.html", visitor, row=task_row(desk, found, visitor.lang),
            items=point_rows(desk, found.standing.items, today), outcomes=outcome_rows(),
            today=today.isoformat(),
            form=self.bind(visitor, bound(RESULT, uscc, task)),
        )  # fmt: skip

    async def fill_in(
        self, request: Request, uscc: IdAsked, task: IdAsked, lang: LangAsked = None
    ) -> Response:
        """Record a task's result."""
        visitor = await self.visitor(request, lang)
        fields = await self.fields(request, visitor, bound(RESULT, uscc, task))
        found, state = await self.desk.task(visitor.who.dept, uscc, task)
        desk, today = self.kit.parts.desk, self.kit.parts.today()
        points = read_points(desk, fields, found.standing.items, today)
        result = read_result(fields, found.uscc, task, points, backfill=False)
        await self.desk.send(visitor.who, [(RESULT_RECORDED, result)])
        seen = await self.kit.seen(found.uscc, state)
        return go(
            TASK, visitor.lang, uscc=uscc, task=task, notice="done_result" if seen else "pending"
        )

    async def backfill_form(self, request: Request, lang: LangAsked = None) -> Response:
        """The form for an inspection that was not entered before (补录)."""
        visitor = await self.visitor(request, lang)
        parts = self.kit.parts
        # The id is given with the form: the same form sent twice is one inspection.
        task = f"BL-{parts.today():%Y%m%d}-{secrets.token_hex(6)}"
        return self.page(
            "desk_backfill.html", visitor, task=task, today=parts.today().isoformat(),
            region=parts.desk.department_region(visitor.who.dept), outcomes=outcome_rows(),
            kinds=[(kind.value, words) for kind, words in KINDS.items()],
            triggers=[(trigger.value, words) for trigger, words in TRIGGERS.items()],
            form=self.bind(visitor, bound(BACKFILL, task)),
        )  # fmt: skip

    async def backfill(self, request: Request, lang: LangAsked = None) -> Response:
        """Record an inspection that took place, and its result."""
        visitor = await self.visitor(request, lang)
        fields = await read_form(request)
        task = first(fields, "task")
        self.kit.sessions.check_form(visitor.session, bound(BACKFILL, task), first(fields, "form"))
        desk, view = self.kit.parts.desk, self.kit.parts.view
        uscc = desk.credit_code(first(fields, "uscc").strip())
        if uscc is None:
            raise Problem(Why.PARAMETER, "this is no credit code", field="uscc")
        submitted = read_backfill(fields, visitor.who, task, uscc)
        named = [{"item": item} for item in submitted.items]
        result = read_result(fields, uscc, task, named, backfill=True)
        before = await view.state(desk.partition(uscc), uscc)
        await self.desk.send(visitor.who, [(TASK_SUBMITTED, submitted), (RESULT_RECORDED, result)])
        seen = await self.kit.seen(uscc, before)
        return go(
            TASK, visitor.lang, uscc=uscc, task=task, notice="done_backfill" if seen else "pending"
        )
