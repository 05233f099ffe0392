"""`/draws/{draw_id}`: what was published of a random draw, for anybody to check (art. 3, 5)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.params import Depends

from connectors.departments.gateway.answers import Draw
from connectors.departments.gateway.openapi import problems
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.problems import Problem, Why

DrawId = Annotated[str, Path(min_length=1, max_length=128)]
_DENIED = problems(404, 422, 429, 500)


def draws_router(parts: Parts, before: list[Depends]) -> APIRouter:
    """The route for looking at a draw. It asks for no credentials: draws are public.

    Args:
        parts: What it works with.
        before: What every request must pass first.
    """
    router = APIRouter(tags=["draws"], dependencies=before)

    @router.get("/draws/{draw_id}", response_model=Draw, responses=_DENIED)
    async def get_draw(_request: Request, draw_id: DrawId) -> Response:
        """What was committed to before a draw, and the seed that was revealed after it."""
        committed, revealed = parts.desk.draw(draw_id)
        if committed is None:
            raise Problem(Why.NOT_FOUND, field="draw_id")
        body = Draw(committed=committed, revealed=revealed).model_dump_json()
        return Response(body, media_type="application/json")

    return router
