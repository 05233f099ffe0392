"""What does the OpenAPI document say that the routes' types do not?"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from connectors.departments.gateway.answers import Problem
from connectors.departments.gateway.problems import MEDIA_TYPE

_MEANINGS = {
    401: "No good credentials.",
    403: "In another department's name, or not for departments to send.",
    404: "There is none, or it is another department's.",
    405: "The address does not know this method.",
    408: "The body did not arrive in time.",
    409: "This id was used for an event with other content.",
    410: "The feed was made anew since this cursor was given.",
    413: "Too large.",
    415: "A media type or content encoding that is not taken in.",
    422: "The request or the event has a fault; says in which field.",
    429: "Too many requests of this department; says when to come again.",
    500: "The hub failed on this request.",
    503: "Not now; says when to come again.",
}
_SCHEMA = {"$ref": "#/components/schemas/Problem"}
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}

PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": (
        "`wait=N`: the decision itself if it is made within N (<= 10) seconds. Only a submitted "
        "task has one: for other events nothing is waited for and Preference-Applied is absent."
    ),
    "schema": {"type": "string"},
}
_STRUCTURED = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "time", "data"],
    "properties": {
        "specversion": {"type": "string", "enum": ["1.0"]},
        "id": {"type": "string", "minLength": 1, "maxLength": 128},
        "source": {"type": "string", "description": "The department's registry code."},
        "type": {"type": "string"},
        "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
}
EVENT_BODY: dict[str, Any] = {
    "required": True,
    "description": "A CloudEvent: structured, or its data with the attributes in ce-* headers.",
    "content": {
        "application/cloudevents+json": {"schema": _STRUCTURED},
        "application/json": {"schema": {"type": "object"}},
        "application/avro": {"schema": {"type": "string", "format": "binary"}},
    },
}
BATCH_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/cloudevents-batch+json": {
            "schema": {"type": "array", "minItems": 1, "maxItems": 500, "items": _STRUCTURED}
        }
    },
}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Issued by `hub tokens issue`."},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "HTTP Message Signature (RFC 9421) with Signature-Input; Ed25519.",
    },
    "certificate": {
        "type": "mutualTLS",
        "description": "Client certificate with one URI name `urn:insp:dept:CODE`.",
    },
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route, as FastAPI wants them."""
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {MEDIA_TYPE: {"schema": _SCHEMA}},
            **({"headers": _RETRY_AFTER} if status in (429, 503) else {}),
        }
        for status in statuses
    }


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """A request's body of JSON, for `openapi_extra`: bodies are read by hand, within limits."""
    return body_of(plain_schema(model))


def body_of(schema: dict[str, Any]) -> dict[str, Any]:
    """A request's body of JSON of this schema."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def plain_schema(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema without references, which would lead elsewhere inside the document."""
    schema = model.model_json_schema()
    known = schema.pop("$defs", {})

    def put_in(part: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(part, list):
            return [put_in(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return put_in(known[part["$ref"].rpartition("/")[2]])
        return {name: put_in(one) for name, one in part.items()}

    plain: dict[str, Any] = put_in(schema)
    return plain


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="Inspection hub", version=app.version, description=app.description,
            routes=app.routes,
        )  # fmt: skip
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        components["securitySchemes"] = _SECURITY
        for path, operations in document["paths"].items():
            if path.startswith("/v1/"):
                for operation in operations.values():
                    operation["security"] = [{"bearer": []}, {"signature": []}, {"certificate": []}]
        app.openapi_schema = document
    return app.openapi_schema
