"""Is this answer one that the OpenAPI document declares? Asked of every answer in these tests."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from connectors.departments.gateway.openapi import describe


def check_documented(app: Any, method: str, path: str, answer: Any) -> None:
    """Fail unless status, media type and content of an answer are declared for its operation."""
    document = _document(app)
    paths = sorted(document["paths"], key=lambda p: (p.count("{"), -len(p)))
    template = next((one for one in paths if _pattern(one).fullmatch(path)), None)
    operation = document["paths"].get(template, {}).get(method.lower())
    if operation is None:
        return
    declared = operation["responses"].get(str(answer.status))
    assert declared is not None, f"{method} {template} answered {answer.status}, not documented"
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if not answer.body:
        return
    assert media_type in declared.get("content", {}), f"{method} {template}: {media_type}"
    schema = declared["content"][media_type].get("schema", {})
    if media_type.endswith("json"):
        whole = {**schema, "components": document["components"]}
        jsonschema_rs.validator_for(whole).validate(orjson.loads(answer.body))


_made: list[dict[str, Any]] = []


def _document(app: Any) -> dict[str, Any]:
    """The document, which is the same for every gateway; making it takes a while."""
    if not _made:
        _made.append(describe(app))
    return _made[0]


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", template)
    return re.compile("".join("[^/]+" if p.startswith("{") else re.escape(p) for p in parts))
