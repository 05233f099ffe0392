"""Who asks for what, in a body of JSON? Credentials first, then the body, then its content."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from connectors.departments.gateway.intake.events import declared
from connectors.departments.gateway.intake.reading import media_type_of, read_body
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.auth import Principal
from schemas.border import check_depth
from schemas.codec import JSON
from schemas.malformed import Malformed, from_validation
from schemas.reasons import Refusal

Asked = TypeVar("Asked", bound=BaseModel)


@asynccontextmanager
async def asked_of(
    parts: Parts, request: Request, model: type[Asked]
) -> AsyncIterator[tuple[Principal, Asked]]:
    """Who asks for what; it counts as in hand until that is done."""
    who = await parts.doorkeeper.identify(request)
    with parts.in_hand.hold(who.dept, 1, declared(request, parts.limits.batch_size_max)):
        body = await body_of(parts, request)
        who.check_body(body)
        yield who, model_of(request, body, model)


async def body_of(parts: Parts, request: Request) -> bytes:
    """The body, as large and as slow as a batch may be."""
    return await read_body(request, parts.limits.batch_size_max, parts.limits.seconds_max)


def model_of(request: Request, body: bytes, model: type[Asked]) -> Asked:
    """What a body of JSON says.

    Raises:
        Problem: it is of another media type.
        Malformed: it says something else.
    """
    if media_type_of(request.headers) != JSON:
        raise Problem(Why.MEDIA_TYPE, f"{JSON} expected")
    if not body:
        raise Malformed(Refusal.EMPTY, "", "a request without a body was found")
    check_depth(body)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise from_validation(error) from None
