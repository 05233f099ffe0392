"""Special inspections over HTTP: a department makes its tasks from the list (art. 5, 6)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from connectors.departments.gateway.intake.asked_json import asked_of
from connectors.departments.gateway.intake.events import DryRunAsked
from connectors.departments.gateway.openapi import json_body, problems
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.planning.special_answers import TasksAsked, TasksShown
from connectors.departments.gateway.planning.special_desk import SpecialTasksDesk
from schemas.codec import JSON

SpecialId = Annotated[str, Path(min_length=1, max_length=128)]
_DENIED = problems(401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503)


def specials_router(parts: Parts, desk: SpecialTasksDesk) -> APIRouter:
    """The routes about special inspections."""
    router = APIRouter(tags=["special inspections"])

    @router.post(
        "/v1/special-inspections/{special_id}/tasks",
        status_code=202,
        response_model=TasksShown,
        responses={200: {"description": "Nothing new, or a dry run.", "model": TasksShown},
                   **_DENIED},
        openapi_extra=json_body(TasksAsked),
    )  # fmt: skip
    async def tasks(
        request: Request, special_id: SpecialId, *, dry_run: DryRunAsked = False
    ) -> Response:
        """Submit a task for each object of the list in your territory: each once, ever.

        You must have claimed the special inspection, or plan it. The decisions come on your topic
        and at `/v1/tasks/{task_id}`. The same again submits what is not on record yet.
        """
        async with asked_of(parts, request, TasksAsked) as (who, asked):
            shown = await desk.tasks(who, special_id, asked, dry_run=dry_run)
        status = 202 if shown.submitted and not dry_run else 200
        return Response(shown.model_dump_json(), status, media_type=JSON)

    return router
