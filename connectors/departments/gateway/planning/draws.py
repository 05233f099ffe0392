"""Draws over HTTP: a department commits and reveals, anybody reads and checks (art. 3, 5)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.params import Depends
from pydantic import BaseModel

from connectors.departments.gateway.answers import Draw
from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.intake.asked_json import asked_of, body_of, model_of
from connectors.departments.gateway.intake.events import DryRunAsked, declared
from connectors.departments.gateway.openapi import json_body, problems
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.planning.draw_answers import (
    DrawAsked,
    DrawMade,
    DrawShown,
    DrawVerdict,
    OwnDraw,
    RevealAsked,
)
from connectors.departments.gateway.planning.draw_desk import DrawDesk
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.quota import address_of
from schemas.codec import JSON
from schemas.draw import DrawClaim, DrawDocument

DrawId = Annotated[str, Path(min_length=1, max_length=128)]
_DENIED = problems(404, 422, 429, 500)
_OWN_DENIED = problems(401, 403, 404, 422, 429, 500, 503)
_SENT_DENIED = problems(401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503)
CHECK_COSTS = 20
"""To draw once more for somebody counts like so many look-ups of his."""


def draws_router(
    parts: Parts, desk: DrawDesk, reads: PersonalReads, before: list[Depends]
) -> APIRouter:
    """The routes about draws.

    Args:
        parts: What they work with.
        desk: Carries out what is asked.
        reads: Records that officers' certificates were shown.
        before: What every request without credentials must pass first: draws are public.
    """
    router = APIRouter(tags=["draws"])
    routes = DrawRoutes(parts, desk, reads)
    sent = {
        "status_code": 202,
        "responses": {200: {"description": "It was so before, or a dry run."}, **_SENT_DENIED},
    }
    router.add_api_route(
        "/v1/draws", routes.commit, methods=["POST"], response_model=DrawShown,
        openapi_extra=json_body(DrawAsked), **_also(sent, DrawShown),
    )  # fmt: skip
    router.add_api_route(
        "/v1/draws/{draw_id}/reveal", routes.reveal, methods=["POST"], response_model=DrawMade,
        openapi_extra=json_body(RevealAsked), **_also(sent, DrawMade),
    )  # fmt: skip
    router.add_api_route(
        "/v1/draws/{draw_id}", routes.own, response_model=OwnDraw, responses=_OWN_DENIED
    )
    router.add_api_route(
        "/draws/{draw_id}", routes.look, response_model=Draw, responses=_DENIED,
        dependencies=before,
    )  # fmt: skip
    router.add_api_route(
        "/draws/{draw_id}/document", routes.document, response_model=DrawDocument,
        responses=_DENIED, dependencies=before,
    )  # fmt: skip
    router.add_api_route(
        "/draws:verify", routes.verify, methods=["POST"], response_model=DrawVerdict,
        responses=problems(408, 413, 415, 422, 429, 500, 503), dependencies=before,
        openapi_extra=json_body(DrawClaim),
    )  # fmt: skip
    return router


class DrawRoutes:
    """Handles requests about draws."""

    def __init__(self, parts: Parts, desk: DrawDesk, reads: PersonalReads) -> None:
        self._parts = parts
        self._desk = desk
        self._reads = reads

    async def commit(self, request: Request, *, dry_run: DryRunAsked = False) -> Response:
        """Fix what you will draw from; its hash and that of a secret seed are published.

        Nothing is drawn yet. Classes, whitelist and earlier visits are the hub's; officers are
        yours whose certificates are valid to the end of the quarter. The same again is harmless.
        """
        async with asked_of(self._parts, request, DrawAsked) as (who, asked):
            self._parts.events_rate.take(who.dept, len(asked.objects))
            made = await self._desk.commit(who, asked, dry_run=dry_run)
        return _answer(200 if dry_run or made.duplicate else 202, made)

    async def reveal(self, request: Request, draw_id: DrawId) -> Response:
        """Draw: publish the seed, and submit the objects as `draw.submitted`. Cannot be undone."""
        async with asked_of(self._parts, request, RevealAsked) as (who, asked):
            self._parts.events_rate.take(who.dept)
            made = await self._desk.reveal(who, draw_id, asked.public_value)
        self._shown(who.dept, draw_id, len(made.document.frame.officers))
        answer = DrawMade(duplicate=made.duplicate, document=made.document)
        return _answer(200 if made.duplicate else 202, answer)

    async def own(self, request: Request, draw_id: DrawId) -> Response:
        """One of your draws: what is drawn from, and how far it is. Never a seed that is secret."""
        who = await self._parts.doorkeeper.identify(request)
        self._parts.lookups_rate.take(who.dept)
        found = await self._desk.own(who.dept, draw_id)
        self._shown(who.dept, draw_id, len(found.frame.officers))
        return _answer(200, found)

    async def look(self, _request: Request, draw_id: DrawId) -> Response:
        """What was committed to before a draw, and the seed that was revealed after it."""
        committed, revealed = self._parts.desk.draw(draw_id)
        if committed is None:
            raise Problem(Why.NOT_FOUND, field="draw_id")
        return _answer(200, Draw(committed=committed, revealed=revealed))

    async def document(self, request: Request, draw_id: DrawId) -> Response:
        """The whole of a draw that was revealed: `examples/recompute_draw.py` draws it again."""
        found, committed = await self._desk.document(draw_id)
        self._shown(address_of(request), draw_id, committed.officers)
        return Response(found, media_type=JSON)

    async def verify(self, request: Request) -> Response:
        """Draw once more from a draw's document, and compare it with what was committed to."""
        self._parts.lookups_rate.take(address_of(request), CHECK_COSTS - 1)
        limits, client = self._parts.limits, address_of(request)
        with self._parts.in_hand.hold(client, 1, declared(request, limits.batch_size_max)):
            claim = model_of(request, await body_of(self._parts, request), DrawClaim)
            faults = await self._desk.verify(claim)
        answer = DrawVerdict(draw_id=claim.frame.draw_id, true=not faults, faults=faults)
        return _answer(200, answer)

    def _shown(self, reader: str, draw_id: str, count: int) -> None:
        self._reads.record(field="officer.cert_no", reader=reader, about=draw_id, count=count)


def _answer(status: int, answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(by_alias=True), status, media_type=JSON)


def _also(sent: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """What both ways of saying yes look like."""
    known = {**sent["responses"], 200: {**sent["responses"][200], "model": model}}
    return {**sent, "responses": known}
