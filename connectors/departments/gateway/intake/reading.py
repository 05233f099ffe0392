"""What did the client send? CloudEvents over HTTP: binary, structured, or a batch.

Size, time and media type are checked before anything is parsed; nothing is ever unpacked.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import msgspec
from starlette.requests import ClientDisconnect, Request

from connectors.departments.gateway.problems import Problem, Why
from schemas.codec import AVRO, JSON
from schemas.desk import Posted
from schemas.envelope import (
    LINE_SIZE_MAX_BYTES,
    STRUCTURED,
    STRUCTURED_PREFIX,
    Content,
    Envelope,
    read_headers,
    read_structured,
    write_headers,
)
from schemas.malformed import Malformed, shown, visible
from schemas.reasons import Refusal
from schemas.topics import in_topic

BATCH = "application/cloudevents-batch+json"
BATCH_EVENTS_MAX = 500
BATCH_BYTES_MAX = 4 << 20
WAIT_MAX_S = 10.0
_WAIT = re.compile(r"(?:^|[,;]\s*)wait\s*=\s*\"?(\d{1,5})\"?\s*(?:$|[,;])", re.IGNORECASE)
_ATTRIBUTES = ("ce-id", "ce-source", "ce-type", "ce-specversion", "ce-time", "ce-subject")
_read_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be, in bytes, and how long it may take to arrive."""

    size_max: int = LINE_SIZE_MAX_BYTES
    batch_size_max: int = BATCH_BYTES_MAX
    seconds_max: float = 10.0


async def read_body(request: Request, size_max: int, seconds_max: float) -> bytes:
    """The body, if it is within its limits.

    Raises:
        Problem: it is too large, too slow, or compressed.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Problem(Why.CONTENT_ENCODING, f'"{visible(encoding)}" found')
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > size_max:
        raise _too_large(size_max)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds_max):
            more = True
            while more:
                message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                part, more = message.get("body", b""), message.get("more_body", False)
                size += len(part)
                if size > size_max:
                    raise _too_large(size_max)
                parts.append(part)
    except TimeoutError:
        raise Problem(Why.BODY_TOO_SLOW, f"{size} bytes after {seconds_max:g} s") from None
    except ClientDisconnect:
        raise Problem(Why.BODY_TOO_SLOW, "the client went away in the middle of it") from None
    return b"".join(parts)


def media_type_of(headers: Mapping[str, str]) -> str:
    """The media type of the body, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def read_event(headers: Mapping[str, str], body: bytes, at_ms: int) -> tuple[Envelope, Posted]:
    """One event, binary or structured, as it would lie on its department's topic.

    Raises:
        Problem: it is of a media type that is not taken in.
        Malformed: it is no CloudEvent.
    """
    media_type = media_type_of(headers)
    if media_type == STRUCTURED:
        return _posted(read_structured(body), at_ms)
    if media_type not in (JSON, AVRO):
        found = headers.get("content-type")
        raise Problem(Why.MEDIA_TYPE, f'"{visible(found)}" found' if found else "none was given")
    attributes = [("content-type", headers["content-type"].encode())]
    for name in (*_ATTRIBUTES, "traceparent"):
        value = headers.get(name)
        if value is not None:
            # The HTTP binding writes what is not ASCII as percent escapes; a client that sent bare
            # UTF-8, which reaches us as Latin-1, is understood all the same.
            raw = value.encode("latin-1", "replace")
            attributes.append((name.replace("ce-", "ce_"), unquote_to_bytes(raw)))
    envelope = read_headers(attributes)
    if not body:
        raise Malformed(Refusal.EMPTY, "", "an event without data was found")
    return _posted((envelope, Content(body, headers["content-type"])), at_ms)


def split_batch(headers: Mapping[str, str], body: bytes) -> list[bytes]:
    """The events of a batch, each still unread.

    Raises:
        Problem: it is no batch, or has too many events.
        Malformed: it is no list in JSON.
    """
    if media_type_of(headers) not in (BATCH, JSON):
        found = visible(headers.get("content-type", ""))
        raise Problem(Why.MEDIA_TYPE, f'"{found}" found, {BATCH} expected')
    try:
        events = [bytes(event) for event in _read_list(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as cause:
        found = f"a list of events expected: {visible(str(cause), 80)}"
        raise Malformed(Refusal.UNDECODABLE, "", found) from None
    if not events:
        raise Malformed(Refusal.EMPTY, "", "a list without events was found")
    if len(events) > BATCH_EVENTS_MAX:
        found = f"{len(events)} events found, at most {BATCH_EVENTS_MAX} allowed in one batch"
        raise Problem(Refusal.TOO_LARGE, found)
    return events


def read_one_of_batch(event: bytes, at_ms: int) -> tuple[Envelope, Posted]:
    """One event of a batch.

    Raises:
        Malformed: it is no CloudEvent.
    """
    return _posted(read_structured(event), at_ms)


def wait_s_of(prefer: str | None, most_s: float = WAIT_MAX_S) -> float:
    """For how many seconds the client will wait for an answer (RFC 7240); 0 if it will not."""
    found = _WAIT.search(prefer or "")
    return min(float(found[1]), most_s) if found else 0.0


def _posted(event: tuple[Envelope, Content], at_ms: int) -> tuple[Envelope, Posted]:
    envelope, content = event
    if content.type is not None and content.type.lower().startswith(STRUCTURED_PREFIX):
        # Intake would read the event within, with a source and an id of its own.
        found = f"{shown(content.type)} found, an event within an event"
        raise Malformed(Refusal.ENVELOPE, "datacontenttype", found)
    known = Content(content.value, content.type or JSON)
    headers = write_headers(envelope, known.type or JSON)
    posted = Posted(in_topic(envelope.source), at_ms, known.value, headers, event=(envelope, known))
    return envelope, posted


def _too_large(size_max: int) -> Problem:
    return Problem(Refusal.TOO_LARGE, f"more than {size_max} bytes found")
