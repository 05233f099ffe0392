"""`POST /v1/events` and `POST /v1/events:batch`: how events come in over HTTP."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from connectors.departments.gateway.answers import Batch, DryRun, Receipt
from connectors.departments.gateway.intake.acceptance import Taken
from connectors.departments.gateway.intake.reading import (
    read_body,
    read_event,
    read_one_of_batch,
    split_batch,
    wait_s_of,
)
from connectors.departments.gateway.intake.receipts import Claim, receipt_id
from connectors.departments.gateway.openapi import BATCH_BODY, EVENT_BODY, PREFER, problems
from connectors.departments.gateway.parts import SHANGHAI, Parts
from connectors.departments.gateway.problems import Problem, Why, problem_of
from connectors.departments.gateway.ways_in.auth import Principal
from schemas.desk import Admitted, Declined, Posted
from schemas.envelope import Envelope
from schemas.malformed import Malformed
from schemas.messages import TASK_SUBMITTED

JSON = "application/json"
EVENT_PATH, BATCH_PATH = "/v1/events", "/v1/events:batch"
DryRunAsked = Annotated[
    bool, Query(description="Say what would be decided now, by the same rules; change nothing.")
]


def events_router(desk: EventDesk) -> APIRouter:
    """The routes for events."""
    router = APIRouter(tags=["events"])
    denied = problems(401, 403, 408, 413, 415, 422, 429, 500, 503)

    @router.post(
        EVENT_PATH,
        status_code=202,
        response_model=Receipt,
        responses={
            200: {
                "model": Receipt | DryRun,
                "description": "Decided within the wait, taken in before, or a dry run.",
            },
            **problems(409),
            **denied,
        },
        openapi_extra={"requestBody": EVENT_BODY, "parameters": [PREFER]},
    )
    async def post_event(request: Request, *, dry_run: DryRunAsked = False) -> Response:
        """Take one CloudEvent in, binary or structured; it is stored durably when this answers."""
        return await desk.one(request, dry_run=dry_run)

    @router.post(
        BATCH_PATH,
        status_code=207,
        response_model=Batch,
        responses=denied,
        openapi_extra={"requestBody": BATCH_BODY},
    )
    async def post_batch(request: Request, *, dry_run: DryRunAsked = False) -> Response:
        """Take a list of structured CloudEvents in, in their order; one outcome an event."""
        return await desk.batch(request, dry_run=dry_run)

    return router


class EventDesk:
    """Handles requests with events."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def one(self, request: Request, *, dry_run: bool = False) -> Response:
        """The answer to one event."""
        parts, limits = self._parts, self._parts.limits
        principal = await parts.doorkeeper.identify(request)
        parts.events_rate.take(principal.dept)
        with parts.in_hand.hold(principal.dept, 1, declared(request, limits.size_max)):
            body = await read_body(request, limits.size_max, limits.seconds_max)
            principal.check_body(body)
            envelope, posted = read_event(request.headers, body, self._now_ms())
            admitted = await parts.acceptance.admit(principal, envelope, posted)
            if dry_run:
                return _json(200, await self._foresee(admitted))
            (outcome,) = await parts.acceptance.take([(posted, admitted)])
        if isinstance(outcome, Problem):
            raise outcome
        return await self._answer(outcome, request.headers.get("prefer"))

    async def batch(self, request: Request, *, dry_run: bool = False) -> Response:
        """The answer to a list of events."""
        parts, limits = self._parts, self._parts.limits
        principal = await parts.doorkeeper.identify(request)
        with parts.in_hand.hold(principal.dept, 1, declared(request, limits.batch_size_max)):
            body = await read_body(request, limits.batch_size_max, limits.seconds_max)
            principal.check_body(body)
            events = split_batch(request.headers, body)
            parts.events_rate.take(principal.dept, len(events))
            at_ms = self._now_ms()
            judged = [await self._judge(principal, event, at_ms) for event in events]
            if dry_run:
                outcomes = [await self._dry_outcome(one) for one in judged]
            else:
                outcomes = await self._take(judged)
        return _json(207, {"outcomes": outcomes})

    async def _judge(
        self, principal: Principal, event: bytes, at_ms: int
    ) -> tuple[Posted, Admitted] | Problem:
        envelope: Envelope | None = None
        try:
            envelope, posted = read_one_of_batch(event, at_ms)
            return posted, await self._parts.acceptance.admit(principal, envelope, posted)
        except Malformed as cause:
            event_id = envelope.id if envelope else None
            return problem_of(Declined(cause.reason, cause.field, cause.message, event_id))
        except Problem as problem:
            return problem

    async def _take(self, judged: list[tuple[Posted, Admitted] | Problem]) -> list[dict[str, Any]]:
        good = [one for one in judged if not isinstance(one, Problem)]
        taken = iter(await self._parts.acceptance.take(good))
        return [_outcome(one if isinstance(one, Problem) else next(taken)) for one in judged]

    async def _dry_outcome(self, judged: tuple[Posted, Admitted] | Problem) -> dict[str, Any]:
        if isinstance(judged, Problem):
            return _outcome(judged)
        try:
            return {"status": 200, "dry_run": await self._foresee(judged[1])}
        except Problem as problem:
            return _outcome(problem)

    async def _foresee(self, admitted: Admitted) -> dict[str, Any]:
        parts = self._parts
        known = await parts.receipts.find(
            admitted.dept, receipt_id(admitted.dept, admitted.event_id)
        )
        if known is not None and known.digest != admitted.digest:
            raise Problem(Why.ID_REUSED, field="id", event_id=admitted.event_id)
        state = first = None
        if admitted.key is not None:
            at = parts.desk.partition(admitted.key)
            state, first = await asyncio.gather(
                parts.view.state(at, admitted.key),
                parts.view.decision(at, admitted.key, admitted.task_id or ""),
            )
        foreseen = parts.desk.foresee(admitted, self._now_ms(), state, first)
        if isinstance(foreseen, Declined):
            raise problem_of(foreseen)
        would = {"type": foreseen.type, "data": foreseen.body} if foreseen.type else None
        return {"dry_run": True, "event_id": admitted.event_id, "would": would}

    async def _answer(self, taken: Taken, prefer: str | None) -> Response:
        # Only a submitted task has one decision; for all else nothing is waited for, and not
        # saying `Preference-Applied` tells so (RFC 7240).
        wait_s = wait_s_of(prefer) if taken.claim.type == TASK_SUBMITTED else 0.0
        decision = None
        if wait_s or taken.duplicate:
            decision = await self.decision_on(taken.claim, wait_s)
        status = 200 if decision is not None or taken.duplicate else 202
        headers = {"preference-applied": f"wait={wait_s:g}"} if wait_s else {}
        return _json(status, receipt_answer(taken, decision), headers)

    async def decision_on(self, claim: Claim, wait_s: float) -> bytes | None:
        """The decision that answers a submitted task, if it is there within the wait."""
        if claim.type != TASK_SUBMITTED or claim.key is None or claim.task_id is None:
            return None
        parts, at = self._parts, self._parts.desk.partition(claim.key)
        made = await parts.waiting.decision(at, claim.key, claim.task_id, wait_s)
        if made is None:
            return None
        # The view has first decisions only; that one on other content of this task is no answer.
        state = await parts.view.state(at, claim.key)
        return made if parts.desk.settles(claim.task_id, claim.task_digest, state) else None

    def _now_ms(self) -> int:
        return int(self._parts.now().timestamp() * 1000)


def receipt_answer(taken: Taken, decision: bytes | None) -> dict[str, Any]:
    """A receipt as it is shown."""
    return {
        "receipt_id": taken.receipt_id,
        "event_id": taken.claim.event_id,
        "duplicate": taken.duplicate,
        "received_at": _instant(taken.claim.at_ms),
        "decision": None if decision is None else orjson.Fragment(decision),
    }


@lru_cache(256)
def _instant(at_ms: int) -> str:
    """In RFC 3339; the events of a batch are all received at one instant."""
    return datetime.fromtimestamp(at_ms / 1000, SHANGHAI).isoformat(timespec="milliseconds")


def _outcome(outcome: Taken | Problem) -> dict[str, Any]:
    if isinstance(outcome, Problem):
        return {"status": outcome.status, "problem": outcome.body()}
    status = 200 if outcome.duplicate else 202
    return {"status": status, "receipt": receipt_answer(outcome, None)}


def declared(request: Request, size_max: int) -> int:
    """How many bytes to count as in hand: as declared, else the most there may be."""
    declared = request.headers.get("content-length", "")
    known = declared.isascii() and declared.isdigit()
    return min(int(declared), size_max) if known else size_max


def _json(status: int, content: object, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, JSON)
