"""How are the pages described in the OpenAPI document? Parameters, answers and forms they share."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

Token = Annotated[str, Path(min_length=1, max_length=200, description="As the QR code has it.")]
LangAsked = Annotated[str | None, Query(max_length=8, description="`en` for English.")]
Notice = Annotated[str, Query(max_length=32, description="What was just done.")]
Short = Annotated[str, Query(max_length=256)]
IdAsked = Annotated[str, Query(min_length=1, max_length=128)]

Answers = dict[int | str, dict[str, Any]]

HTML: dict[str, Any] = {"content": {"text/html": {"schema": {"type": "string"}}}}
_SEEN = (
    (404, "Forged, or unknown; said in plain words."),
    (422, "The request has a fault."),
    (429, "Too many requests from this address."),
    (500, "The hub failed on this request."),
    (503, "Not now."),
)
SEEN: Answers = {status: {**HTML, "description": meaning} for status, meaning in _SEEN}
GONE_ON: Answers = {303: {"description": "Go on there."}}
SHOWN: Answers = {200: HTML, **GONE_ON, **SEEN}
SENT: Answers = {
    **GONE_ON,
    **SEEN,
    403: {**HTML, "description": "The form is too old or another browser's."},
    408: {**HTML, "description": "The form did not arrive in time."},
    409: {**HTML, "description": "Not possible as things stand."},
    413: {**HTML, "description": "The form is too large."},
    415: {**HTML, "description": "Compressed, or of a kind that is not taken."},
}


def form_of(*names: str, media_type: str = "application/x-www-form-urlencoded") -> dict[str, Any]:
    """The body of a form with these fields, as OpenAPI says it."""
    fields = {name: {"type": "string"} for name in ("form", *names)}
    schema = {"type": "object", "required": ["form"], "properties": fields}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}
