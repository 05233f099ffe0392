"""Which routes are there, and what answers when one of them fails?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.docs import docs_router
from connectors.departments.gateway.health import health_router
from connectors.departments.gateway.intake.direct import Application
from connectors.departments.gateway.intake.events import (
    BATCH_PATH,
    EVENT_PATH,
    EventDesk,
    events_router,
)
from connectors.departments.gateway.intake.lookups import lookups_router
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.people.page_kit import go
from connectors.departments.gateway.people.page_shell import SignedOut
from connectors.departments.gateway.people.pages import STATIC, Pages
from connectors.departments.gateway.problems import Problem, Why, problem_of
from connectors.departments.gateway.shell import Shell, security_headers
from schemas.desk import Declined
from schemas.malformed import Malformed, path, visible

_DESCRIPTION = (
    "Inspection events in over HTTP, decisions and codes out. An event that is answered with 202 "
    "is stored durably; the same event sent again gets the same receipt."
)
_WHY_OF_STATUS = {404: Why.NOT_FOUND, 405: Why.METHOD_NOT_ALLOWED}


def build_app(
    parts: Parts,
    pages: Pages,
    reads: PersonalReads,
    *,
    more: Sequence[APIRouter] = (),
    form_targets: Sequence[str] = (),
    https: bool = False,
    on_page: Callable[[Request, Problem], Response | None] = lambda _request, _problem: None,
) -> FastAPI:
    """The whole application.

    Args:
        parts: What it works with.
        pages: Fills templates in.
        reads: Records reads of personal fields.
        more: Routes of the pages.
        form_targets: Where forms may lead besides here.
        https: Whether the public address is a secure one.
        on_page: The answer to a problem on a page that people see; None where it is not one.
    """
    # Its own documentation pages load scripts from elsewhere; ours is in `docs`.
    app = Application(
        title="Inspection hub", version="1", description=_DESCRIPTION,
        docs_url=None, redoc_url=None, openapi_url=None,
    )  # fmt: skip
    events = EventDesk(parts)
    app.include_router(events_router(events))
    app.include_router(lookups_router(parts, pages, reads))
    app.include_router(health_router(parts))
    for router in more:
        app.include_router(router)
    app.include_router(docs_router(app, pages))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _answer_failures(app, on_page)
    headers = security_headers(form_targets=form_targets, https=https)
    app.add_middleware(Shell, headers=headers, counts=parts.counts)
    app.answer_directly(
        {EVENT_PATH: events.one, BATCH_PATH: events.batch},
        lambda direct: Shell(direct, headers, parts.counts),
    )
    return app


def _answer_failures(app: FastAPI, on_page: Callable[[Request, Problem], Response | None]) -> None:
    """Every failure becomes problem details, or a page where people look."""

    def answer(request: Request, problem: Problem, more: dict[str, str] | None = None) -> Response:
        return on_page(request, problem) or problem.response(more)

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        return answer(request, problem)

    @app.exception_handler(SignedOut)
    async def on_signed_out(_request: Request, out: SignedOut) -> Response:
        return go(out.page, out.lang)

    @app.exception_handler(Malformed)
    async def on_malformed(request: Request, cause: Malformed) -> Response:
        return answer(request, problem_of(Declined(cause.reason, cause.field, cause.message)))

    @app.exception_handler(RequestValidationError)
    async def on_parameter(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = path(tuple(step for step in first["loc"][1:] if isinstance(step, str | int)))
        return answer(request, Problem(Why.PARAMETER, visible(first["msg"], 200), field=where))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        reason = _WHY_OF_STATUS.get(error.status_code, Why.PARAMETER)
        return answer(request, Problem(reason), dict(error.headers or {}))

    @app.exception_handler(RedisError)
    async def on_redis(request: Request, _error: RedisError) -> Response:
        return answer(request, Problem(Why.VIEW_AWAY))

    @app.exception_handler(KafkaError)
    async def on_kafka(request: Request, _error: KafkaError) -> Response:
        return answer(request, Problem(Why.BROKER_AWAY))
