"""How does the schema registry answer, and refuse? As Confluent's clients read it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from connectors.departments.gateway.intake.reading import read_body
from connectors.departments.gateway.problems import Problem

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
BODY_BYTES_MAX = 512 * 1024
BODY_WAIT_S = 10.0

SUBJECT_NOT_FOUND = 40401
VERSION_NOT_FOUND = 40402
SCHEMA_NOT_FOUND = 40403
INVALID_SCHEMA = 42201
INVALID_VERSION = 42202
READ_ONLY = 42205


class RegistryError(BaseModel):
    """An error as Confluent's clients read it."""

    error_code: int
    message: str


ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": RegistryError, "description": "No such subject, version or schema"},
    408: {"model": RegistryError, "description": "The body did not arrive in time"},
    413: {"model": RegistryError, "description": "Too large"},
    415: {"model": RegistryError, "description": "Compressed bodies are not taken in"},
    422: {"model": RegistryError, "description": "No version number, or no Avro schema"},
    429: {"model": RegistryError, "description": "Too many questions from this address"},
}


class RegistryAnswer(JSONResponse):
    """An answer under the registry's media type."""

    media_type = MEDIA_TYPE


class RegistryRefused(Exception):  # noqa: N818 - an answer, not a fault
    """Ends a request with an error in Confluent's form."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.answer = RegistryAnswer(
            {"error_code": code, "message": message}, status_code=code // 100
        )


class RegistryRoute(APIRoute):
    """Answers every error of these paths in Confluent's form, whatever the application does.

    Bodies are read here, within limits: anybody may ask, and the framework would read on for ever.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI has it, with limits before and our errors after."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(await _within_limits(request))
            except RegistryRefused as ended:
                return ended.answer
            except Problem as problem:
                said = f"{problem.title}: {problem.detail}"
                answer = RegistryRefused(problem.status * 100 + 1, said).answer
                answer.headers.update(problem.headers())
                return answer
            except (RequestValidationError, HTTPException):  # the latter: a body that is no JSON
                return RegistryRefused(
                    INVALID_SCHEMA, "a JSON object with a schema expected"
                ).answer

        return answer


async def _within_limits(request: Request) -> Request:
    """The same request, its body read."""
    body = await read_body(request, BODY_BYTES_MAX, BODY_WAIT_S)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(request.scope, receive)
