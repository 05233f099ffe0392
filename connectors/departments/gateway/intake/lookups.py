"""What does a department see of its own tasks, receipts and codes? Never another department's.

What belongs to another department is not found: even that it exists is not said.
"""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from connectors.departments.gateway.answers import Code, Receipt, Task
from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.intake.acceptance import Taken
from connectors.departments.gateway.intake.cases import Case
from connectors.departments.gateway.intake.events import EventDesk, receipt_answer
from connectors.departments.gateway.openapi import problems
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.people.pages import Pages, code_page
from connectors.departments.gateway.problems import Problem, Why
from connectors.qr import qr_png, qr_svg
from schemas.desk import OfficerShown, TaskStanding

TaskId = Annotated[str, Path(min_length=1, max_length=128)]
Uscc = Annotated[
    str, Query(min_length=1, max_length=64, description="Credit code of the enterprise.")
]
ReceiptId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
CodeText = Annotated[
    str, Path(min_length=1, max_length=64, description="With or without hyphens; O is read as 0.")
]
_DENIED = problems(401, 404, 422, 429, 500, 503)


def lookups_router(parts: Parts, pages: Pages, reads: PersonalReads) -> APIRouter:
    """The routes for looking things up."""
    router = APIRouter(tags=["look-ups"])
    desk = LookupDesk(parts, reads)
    picture: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}

    @router.get("/v1/tasks/{task_id:path}", response_model=Task, responses=_DENIED)
    async def get_task(request: Request, task_id: TaskId, uscc: Uscc) -> Response:
        """Where one of your tasks stands, and what was decided on it."""
        return await desk.task(request, task_id, uscc)

    @router.get("/v1/receipts/{receipt_id}", response_model=Receipt, responses=_DENIED)
    async def get_receipt(request: Request, receipt_id: ReceiptId) -> Response:
        """What became of an event of yours that came in over HTTP."""
        return await desk.receipt(request, receipt_id)

    @router.get(
        "/v1/codes/{code}.svg",
        responses={200: {"content": {"image/svg+xml": picture}}, **_DENIED},
        response_class=Response,
    )
    async def get_svg(request: Request, code: CodeText) -> Response:
        """The QR symbol of one of your codes."""
        return Response(qr_svg(await desk.qr_text(request, code)), media_type="image/svg+xml")

    @router.get(
        "/v1/codes/{code}.png",
        responses={200: {"content": {"image/png": picture}}, **_DENIED},
        response_class=Response,
    )
    async def get_png(request: Request, code: CodeText) -> Response:
        """The QR symbol of one of your codes."""
        return Response(qr_png(await desk.qr_text(request, code)), media_type="image/png")

    @router.get(
        "/v1/codes/{code}/print",
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}, **_DENIED},
        response_class=Response,
    )
    async def get_print(request: Request, code: CodeText) -> Response:
        """A page to be shown on a telephone or printed."""
        case = await desk.case(request, code)
        return code_page(pages, parts.desk, case)

    @router.get("/v1/codes/{code}", response_model=Code, responses=_DENIED)
    async def get_code(request: Request, code: CodeText) -> Response:
        """One of your codes: its state, task, officers' qualification, and which visit it is."""
        return await desk.code(request, code)

    return router


class LookupDesk:
    """Handles look-ups of departments."""

    def __init__(self, parts: Parts, reads: PersonalReads) -> None:
        self._parts = parts
        self._reads = reads
        self._events = EventDesk(parts)

    async def task(self, request: Request, task_id: str, uscc: str) -> Response:
        """The answer to who asks for a task."""
        dept = await self._who(request)
        key = self._parts.desk.credit_code(uscc)
        if key is None:
            raise Problem(Why.PARAMETER, "this is no credit code", field="uscc")
        found = await self._parts.cases.standing(key, task_id)
        if found is None or found[0].dept != dept:
            raise Problem(Why.NOT_FOUND, field="task_id")
        standing, made = found
        decision = None if made is None else orjson.Fragment(made)
        return _json({**_standing(standing), "uscc": key, "decision": decision})

    async def receipt(self, request: Request, receipt_id: str) -> Response:
        """The answer to who asks for a receipt."""
        dept = await self._who(request)
        claim = await self._parts.receipts.find(dept, receipt_id)
        if claim is None or not claim.stored:
            raise Problem(Why.NOT_FOUND, field="receipt_id")
        decision = await self._events.decision_on(claim, 0)
        return _json(receipt_answer(Taken(receipt_id, claim, duplicate=False), decision))

    async def code(self, request: Request, code: str) -> Response:
        """The answer to who asks for a code."""
        case = await self.case(request, code)
        parts, made, standing = self._parts, case.made, case.standing
        officers = officers_of(parts, case)
        self._reads.record(
            field="officer.cert_no", reader=made.dept, about=made.task_id, count=len(officers)
        )
        token = (made.qr_text or "").rpartition("/")[2]
        verdict = parts.desk.scan(token, made.task_id, case.state, parts.today())
        return _json(
            {
                "code": made.code,
                "state": standing.code_state,
                "verdict": verdict,
                "task_id": made.task_id,
                "uscc": case.uscc,
                "entity_name": parts.desk.subject_name(case.uscc),
                "dept": made.dept,
                "members": [one.made.dept for one in case.everyone],
                "items": standing.items,
                "day": standing.day,
                "valid_until": made.valid_until,
                "officers": [{"cert_no": o.cert_no, "standing": o.standing} for o in officers],
                "visit": made.used if made.used is not None else standing.visits,
                "cap": made.cap,
                "year": made.year,
                "qr_text": made.qr_text,
            }
        )

    async def qr_text(self, request: Request, code: str) -> str:
        """What the QR symbol of a code says."""
        case = await self.case(request, code)
        if case.made.qr_text is None:
            raise Problem(Why.NOT_FOUND, field="code")
        return case.made.qr_text

    async def case(self, request: Request, code: str) -> Case:
        """The case of a code that belongs to whoever asks.

        Raises:
            Problem: there is none, or it is another department's.
        """
        dept = await self._who(request)
        read = self._parts.desk.read_code(code)
        case = await self._parts.cases.by_code(read, dept) if read is not None else None
        if case is None or case.made.dept != dept:
            raise Problem(Why.NOT_FOUND, field="code")
        return case

    async def _who(self, request: Request) -> str:
        principal = await self._parts.doorkeeper.identify(request)
        self._parts.lookups_rate.take(principal.dept)
        return principal.dept


def officers_of(parts: Parts, case: Case, *, everyone: bool = False) -> tuple[OfficerShown, ...]:
    """The officers of a case as the registry has them today; empty if they cannot be told now.

    `everyone`: of a joint visit those of all members, as the enterprise must see them (art. 7).
    """
    found: list[OfficerShown] = []
    for one in case.everyone if everyone else (case,):
        if one.submitted is not None:
            found += parts.desk.officers(one.submitted.officers, one.made.dept, parts.today())
    return tuple(found)


def _standing(standing: TaskStanding) -> dict[str, Any]:
    return {
        "task_id": standing.task_id,
        "dept": standing.dept,
        "code_state": standing.code_state,
        "day": standing.day,
        "code": standing.code,
        "valid_until": standing.valid_until,
        "items": standing.items,
        "joint_id": standing.joint_id,
        "result_id": standing.result_id,
    }


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
