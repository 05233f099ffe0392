"""What does the gateway answer when it does not do what was asked? Problem details (RFC 9457).

Each says what happened, in which field, and what to do. `type` is a stable name of the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import orjson
from starlette.responses import Response

from schemas.desk import Declined
from schemas.reasons import REFUSALS, Refusal

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:insp:problem:"


class Why(StrEnum):
    """Reasons of the gateway itself; those of intake are `schemas.reasons.Refusal`."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    CREDENTIALS_EXPIRED = "CREDENTIALS_EXPIRED"
    CREDENTIALS_REVOKED = "CREDENTIALS_REVOKED"
    REVOCATION_UNKNOWN = "REVOCATION_UNKNOWN"
    SIGNATURE = "SIGNATURE"
    SIGNATURE_CLOCK = "SIGNATURE_CLOCK"
    SIGNATURE_REPLAYED = "SIGNATURE_REPLAYED"
    NOT_FOUND = "NOT_FOUND"
    CURSOR_GONE = "CURSOR_GONE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    BODY_TOO_SLOW = "BODY_TOO_SLOW"
    ID_REUSED = "ID_REUSED"
    MEDIA_TYPE = "MEDIA_TYPE"
    CONTENT_ENCODING = "CONTENT_ENCODING"
    PARAMETER = "PARAMETER"
    TOO_MANY = "TOO_MANY"
    BUSY = "BUSY"
    BROKER_AWAY = "BROKER_AWAY"
    VIEW_AWAY = "VIEW_AWAY"
    FORM_EXPIRED = "FORM_EXPIRED"
    ROLE = "ROLE"
    UPLOAD_KIND = "UPLOAD_KIND"
    UPLOAD_MISSING = "UPLOAD_MISSING"
    NOT_NOW = "NOT_NOW"
    CONTRADICTION = "CONTRADICTION"
    NOT_DRAWABLE = "NOT_DRAWABLE"
    DRAW_BEGUN = "DRAW_BEGUN"
    NO_TASKS = "NO_TASKS"
    DRAW_NOT_PUBLISHED = "DRAW_NOT_PUBLISHED"
    FAULT = "FAULT"


# reason: (status, what happened, what to do)
TABLE: dict[Why, tuple[int, str, str]] = {
    Why.UNAUTHENTICATED: (
        401, "no credentials the hub knows",
        "send a bearer token or sign the request as RFC 9421 says",
    ),
    Why.CREDENTIALS_EXPIRED: (
        401, "the credentials are no longer valid", "have the platform's administrators renew them",
    ),
    Why.CREDENTIALS_REVOKED: (
        401, "the client certificate was revoked", "have its authority issue another one",
    ),
    Why.REVOCATION_UNKNOWN: (
        503, "it cannot be told whether the client certificate was revoked",
        "try again later; the platform's administrators must renew the list of its authority",
    ),
    Why.SIGNATURE: (
        401, "the request's signature does not hold",
        "sign @method, @target-uri, content-digest and every ce-* header with the key registered",
    ),
    Why.SIGNATURE_CLOCK: (
        401, "the signature was made too long ago or in the future",
        "set the clock of the sending system and sign again",
    ),
    Why.SIGNATURE_REPLAYED: (
        401, "this very signature was used before", "sign every request anew, with a fresh nonce",
    ),
    Why.NOT_FOUND: (
        404, "there is no such thing, or it is not yours to see",
        "check the id and the credit code",
    ),
    Why.CURSOR_GONE: (
        410, "the feed was made anew since this cursor was given",
        "read it again from the start, without `after`; the highest version of a result wins",
    ),
    Why.METHOD_NOT_ALLOWED: (
        405, "this address does not know the method", "see /docs for what it knows",
    ),
    Why.BODY_TOO_SLOW: (
        408, "the body did not arrive in time", "send it again in one piece",
    ),
    Why.ID_REUSED: (
        409, "an event of this id with other content was taken in before",
        "give a new event a new id; send an old one exactly as it was, its time included",
    ),
    Why.MEDIA_TYPE: (
        415, "the body is of a media type that is not taken in here",
        "send application/json or application/avro with ce-* headers, "
        "or application/cloudevents+json",
    ),
    Why.CONTENT_ENCODING: (
        415, "compressed bodies are not taken in",
        "send the body as it is, without Content-Encoding",
    ),
    Why.PARAMETER: (
        422, "a parameter of the request is missing or wrong", "see /docs for what is expected",
    ),
    Why.TOO_MANY: (
        429, "more requests than this client is allowed", "wait as Retry-After says",
    ),
    Why.BUSY: (
        503, "the hub has as much in hand as it can carry",
        "wait as Retry-After says; nothing is lost",
    ),
    Why.BROKER_AWAY: (
        503, "the event could not be stored durably now",
        "send the very same event again as Retry-After says: it is taken in once",
    ),
    Why.VIEW_AWAY: (
        503, "the hub cannot look this up now", "send the same request again as Retry-After says",
    ),
    Why.FORM_EXPIRED: (
        403, "the form is too old or belongs to another browser", "open the page again",
    ),
    Why.ROLE: (
        403, "your role may look, and not do this", "ask somebody whose role may",
    ),
    Why.UPLOAD_KIND: (
        415, "a document is of a kind that is not taken in", "hand in PDF, PNG or JPEG",
    ),
    Why.UPLOAD_MISSING: (
        422, "a document that is required was not handed in", "add it and send the form again",
    ),
    Why.CONTRADICTION: (
        422, "what was filled in contradicts itself", "go back and put it right",
    ),
    Why.NOT_NOW: (
        409, "this is not possible as things stand", "open the page again to see how they stand",
    ),
    Why.NOT_DRAWABLE: (
        422, "nothing can be drawn from this", "put right what is named; nothing was committed to",
    ),
    Why.NO_TASKS: (
        409, "no task can be made from this special inspection's list", "do what the detail says",
    ),
    Why.DRAW_BEGUN: (
        409, "this draw was begun otherwise, and what is committed to never changes",
        "give another draw another draw_id; send the old one exactly as it was",
    ),
    Why.DRAW_NOT_PUBLISHED: (
        503, "what was committed to does not stand on the registry yet",
        "see GET /draws/{draw_id} and try again; committing once more is harmless",
    ),
    Why.FAULT: (
        500, "the hub failed on this request", "the operators have been told; try again later",
    ),
}  # fmt: skip

_STATUS_OF_REFUSAL = {
    Refusal.FOREIGN_SOURCE: 403,
    Refusal.UNKNOWN_DEPARTMENT: 403,
    Refusal.NOT_FOR_DEPARTMENTS: 403,
    Refusal.TOO_LARGE: 413,
    Refusal.NO_POLICY: 503,
    Refusal.FAULTED: 503,
}
_RETRY_WHEN_UNREADY_S = 30


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    """An answer that is not what was asked for."""

    def __init__(
        self,
        reason: Why | Refusal,
        detail: str = "",
        *,
        field: str = "",
        retry_after_s: int | None = None,
        event_id: str | None = None,
    ) -> None:
        super().__init__(reason, detail)
        if isinstance(reason, Why):
            self.status, self.title, self.advice = TABLE[reason]
        else:
            self.status = _STATUS_OF_REFUSAL.get(reason, 422)
            self.title, self.advice = REFUSALS[reason]
        self.reason, self.detail, self.field = reason, detail, field
        self.event_id = event_id
        self.retry_after_s = retry_after_s
        if self.status == 503 and retry_after_s is None:
            self.retry_after_s = _RETRY_WHEN_UNREADY_S

    def body(self) -> dict[str, Any]:
        """The members of the problem."""
        members: dict[str, Any] = {
            "type": f"{TYPE_PREFIX}{self.reason.value}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail or self.title,
            "reason": self.reason.value,
            "field": self.field,
            "advice": self.advice,
        }
        if self.event_id is not None:
            members["event_id"] = self.event_id
        return members

    def headers(self) -> dict[str, str]:
        """What stands beside it."""
        headers = {}
        if self.retry_after_s is not None:
            headers["retry-after"] = str(self.retry_after_s)
        if self.status == 401:
            headers["www-authenticate"] = 'Bearer realm="inspection-hub"'
        return headers

    def response(self, more: Mapping[str, str] | None = None) -> Response:
        """The whole answer."""
        headers = {**self.headers(), **(more or {})}
        return Response(orjson.dumps(self.body()), self.status, headers, MEDIA_TYPE)


def problem_of(declined: Declined) -> Problem:
    """The answer to an event that intake would put among the dead letters."""
    return Problem(
        declined.reason, declined.message, field=declined.field, event_id=declined.event_id
    )
