"""Who sent this, when, and what kind of event is it? CloudEvents 1.0: binding to Kafka, and JSON.

Binary mode: attributes in headers `ce_*`, UTF-8 as it stands (the Kafka binding knows no
percent-encoding, unlike that of HTTP). Structured mode, and one event a line in files: all in one
JSON object. Hand-written; the CloudEvents SDK is the oracle of the tests.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import msgspec
from pydantic import StringConstraints, TypeAdapter, ValidationError

from schemas.base import DeptCode, Id, Name
from schemas.border import (
    DEPTH_MAX,
    VALUE_SIZE_MAX_BYTES,
    YEAR_MAX,
    YEAR_MIN,
    check_depth,
    check_names,
    check_size,
)
from schemas.codec import JSON
from schemas.malformed import Malformed, from_validation, shown
from schemas.reasons import Refusal

SPEC_VERSION = "1.0"
STRUCTURED = "application/cloudevents+json"
STRUCTURED_PREFIX = "application/cloudevents"
CLOCK_AHEAD_MAX_MS = 5 * 60 * 1000
LINE_SIZE_MAX_BYTES = 2 * VALUE_SIZE_MAX_BYTES
"""A structured event: its data, possibly in base64, and its attributes."""

Headers = Iterable[tuple[str, bytes | None]]


class Envelope(NamedTuple):
    """The attributes of one event.

    Attributes:
        id: unique within its source; with it the key under which repeats are known.
        source: registry code of the department.
        time: when the department says it happened, RFC 3339 with offset, as it was written.
        traceparent: W3C trace context; one that is not well formed is left out.
    """

    id: str
    source: str
    type: str
    time: str
    subject: str | None = None
    traceparent: str | None = None


class Content(NamedTuple):
    """The data of one event: its bytes, and its media type if that was said."""

    value: bytes
    type: str | None


_Type = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,128}$")]
_check_id = TypeAdapter(Id).validator.validate_python
_check_source = TypeAdapter(DeptCode).validator.validate_python
_check_type = TypeAdapter(_Type).validator.validate_python
_check_subject = TypeAdapter(Name).validator.validate_python
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_INSTANTS_REMEMBERED_MAX = 1024
"""An event's time is read when its envelope is, and once more to be compared with the broker's."""
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_HEADERS = {
    f"ce_{name}": name for name in ("id", "source", "type", "specversion", "time", "subject")
} | {"traceparent": "traceparent", "content-type": "datacontenttype"}
_ATTRIBUTES = frozenset(_HEADERS.values())
_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_text = msgspec.json.Decoder(str).decode


def read_record(headers: Headers, value: bytes | None) -> tuple[Envelope, Content]:
    """Read a Kafka record in either mode: its attributes and its data, still undecoded.

    Raises:
        Malformed: an attribute is missing or wrong, or there is no data.
    """
    attributes = _header_attributes(headers)
    media_type = attributes.get("datacontenttype")
    if media_type is not None and media_type.lower().startswith(STRUCTURED_PREFIX):
        if not media_type.lower().startswith(STRUCTURED):
            found = f"{shown(media_type)} found, {STRUCTURED} expected"
            raise Malformed(Refusal.ENVELOPE, "content-type", found)
        return read_structured(value)
    envelope = _envelope(attributes)
    return envelope, Content(check_size(value), media_type)


def read_headers(headers: Headers) -> Envelope:
    """Read the attributes of an event in binary mode.

    Raises:
        Malformed: an attribute is missing or wrong; the field is its name.
    """
    return _envelope(_header_attributes(headers))


def write_headers(envelope: Envelope, content_type: str = JSON) -> list[tuple[str, bytes]]:
    """Write the headers of an event in binary mode."""
    headers = [
        ("ce_specversion", SPEC_VERSION.encode()),
        ("ce_id", envelope.id.encode()),
        ("ce_source", envelope.source.encode()),
        ("ce_type", envelope.type.encode()),
        ("ce_time", envelope.time.encode()),
        ("content-type", content_type.encode()),
    ]
    if envelope.subject is not None:
        headers.append(("ce_subject", envelope.subject.encode()))
    if envelope.traceparent is not None:
        headers.append(("traceparent", envelope.traceparent.encode()))
    return headers


def read_structured(value: bytes | None) -> tuple[Envelope, Content]:
    """Read an event in structured mode: its attributes and the bytes of its data.

    Raises:
        Malformed: it is no such event.
    """
    if value and len(value) > LINE_SIZE_MAX_BYTES:
        found = f"{len(value)} bytes found, at most {LINE_SIZE_MAX_BYTES} allowed"
        raise Malformed(Refusal.TOO_LARGE, "", found)
    if not value:
        raise Malformed(Refusal.EMPTY, "", "an event without content was found")
    check_depth(value, DEPTH_MAX + 1)
    try:
        members = _read_members(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as cause:
        raise Malformed(Refusal.UNDECODABLE, "", f"no event in JSON: {cause}") from None
    data = bytes(members.get("data", b""))
    check_names(value, len(members) + data.count(b'":'))
    attributes = {
        name: _text_member(name, raw)
        for name, raw in members.items()
        if name in _ATTRIBUTES and bytes(raw) != b"null"
    }
    return _envelope(attributes), _content(members, attributes.get("datacontenttype"))


def read_line(line: str) -> tuple[Envelope, Content]:
    """Read one line of a file of events.

    Raises:
        Malformed: it is no such event.
    """
    try:
        return read_structured(line.strip().encode())
    except UnicodeEncodeError:
        raise Malformed(Refusal.UNDECODABLE, "", "characters found that are no text") from None


def write_line(envelope: Envelope, data: bytes) -> str:
    """Write an event with its data, JSON text, as one line; without the line's end."""
    event: dict[str, Any] = {"specversion": SPEC_VERSION}
    event |= {name: held for name, held in envelope._asdict().items() if held is not None}
    event["data"] = msgspec.Raw(msgspec.json.format(data, indent=-1))
    return msgspec.json.encode(event).decode()


def check_time(time: str, appended_at_ms: int) -> None:
    """Refuse an event of the future: more than five minutes after the broker took it in.

    Raises:
        Malformed: it is, or its time is none.
    """
    try:
        ahead_ms = _instant(time).timestamp() * 1000 - appended_at_ms
    except ValueError as error:
        raise Malformed(Refusal.ENVELOPE, "time", str(error)) from None
    if ahead_ms > CLOCK_AHEAD_MAX_MS:
        found = f"{time} found, {ahead_ms / 1000:.0f} s after the broker took the record in"
        raise Malformed(Refusal.FUTURE_TIME, "time", found)


def _header_attributes(headers: Headers) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for header, value in headers:
        name = _HEADERS.get(header) or _HEADERS.get(header.lower())
        if name is None or value is None:
            continue
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise Malformed(
                Refusal.ENVELOPE, name, f"{shown(value)} found, UTF-8 expected"
            ) from None
        # Two tracing agents write two traceparents; any other attribute has one value.
        if attributes.setdefault(name, text) != text and name != "traceparent":
            found = f"two values found, {shown(attributes[name])} and {shown(text)}"
            raise Malformed(Refusal.ENVELOPE, name, found)
    return attributes


def _envelope(attributes: dict[str, str]) -> Envelope:
    if attributes.get("specversion") != SPEC_VERSION:
        found = f"{shown(attributes.get('specversion'))} found, {shown(SPEC_VERSION)} expected"
        raise Malformed(Refusal.ENVELOPE, "specversion", found)
    trace = attributes.get("traceparent")
    return Envelope(
        _checked(attributes, "id", _check_id),
        _checked(attributes, "source", _check_source),
        _checked(attributes, "type", _check_type),
        _checked(attributes, "time", _check_time_text),
        _checked(attributes, "subject", _check_subject) if "subject" in attributes else None,
        trace if trace is not None and _TRACEPARENT.fullmatch(trace) else None,
    )


def _checked(attributes: dict[str, str], name: str, check: Callable[[str], str]) -> str:
    try:
        return check(attributes[name])
    except KeyError:
        raise Malformed(Refusal.ENVELOPE, name, "required, but not there") from None
    except ValidationError as error:
        raise Malformed(Refusal.ENVELOPE, name, from_validation(error).message) from None
    except ValueError as error:
        raise Malformed(Refusal.ENVELOPE, name, str(error)) from None


def _check_time_text(text: str) -> str:
    _instant(text)
    return text.upper()  # RFC 3339 allows small letters; who reads it later need not know


@lru_cache(_INSTANTS_REMEMBERED_MAX)
def _instant(text: str) -> datetime:
    expected = "an instant as in RFC 3339 with its offset expected"
    if not _TIME.fullmatch(text):
        raise ValueError(f"{shown(text)} found, {expected}")
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise ValueError(f"{shown(text)} found, {expected}: {error}") from None
    if not YEAR_MIN <= instant.year <= YEAR_MAX:
        raise ValueError(f"{shown(text)} found, a year from {YEAR_MIN} to {YEAR_MAX} expected")
    return instant


def _text_member(name: str, raw: msgspec.Raw) -> str:
    try:
        return _read_text(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as cause:
        raise Malformed(Refusal.ENVELOPE, name, f"text expected: {cause}") from None


def _content(members: dict[str, msgspec.Raw], media_type: str | None) -> Content:
    data, encoded = members.get("data"), members.get("data_base64")
    if data is not None and encoded is not None:
        raise Malformed(Refusal.ENVELOPE, "data_base64", "data and data_base64 found, one expected")
    if encoded is not None:
        try:
            value = binascii.a2b_base64(_text_member("data_base64", encoded), strict_mode=True)
        except ValueError as cause:
            raise Malformed(Refusal.ENVELOPE, "data_base64", f"base64 expected: {cause}") from None
        return Content(check_size(value), media_type)
    if data is None or bytes(data) == b"null":
        raise Malformed(Refusal.EMPTY, "data", "an event without data was found")
    return Content(check_size(bytes(data)), media_type or JSON)
