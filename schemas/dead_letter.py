"""What is kept of a record that could not be processed? Its bytes, and in headers: what and why.

The headers `kafka_dlt-original-*` are those that Spring and the usual consoles read; those named
`hub-dlq-*` are ours. The record's own headers are kept under `original-`, so nothing a sender
writes can pass for one of ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from schemas.base import Message
from schemas.decision import EventRefused
from schemas.malformed import Malformed, from_validation, visible
from schemas.reasons import REFUSALS, Refusal

DEAD_LETTER = "dead_letter"
KEY_LENGTH_MAX = 128
ORIGINAL_PREFIX = "original-"
FINGERPRINT_HEADER = "hub-dlq-fingerprint"
REPLAY_COUNT_HEADER = "hub-dlq-replay-count"
FIRST_FAILED_HEADER = "hub-dlq-first-failed-at"

Headers = Sequence[tuple[str, bytes | None]]
Count = Annotated[int, Field(ge=0)]


class DeadLetter(Message):
    """One record that waits for an operator.

    Attributes:
        stage: which stream could not process it.
        field: path to what is at fault; empty when the whole is.
        timestamp_ms: the original record's Kafka time, Unix milliseconds.
        key: the original key as text, for reading; its bytes are the dead letter's own key.
        event_id: the event's own id, type and department, as far as they could be read.
        attempt: how often the stage tried before it gave up, from 1.
        first_failed_at_ms: append time of the first failure, Unix milliseconds; a replay keeps it.
        replay_count: how often an operator sent it back in.
        size_bytes: of the original value, which is the dead letter's own value; 0 for none.
    """

    stage: Literal["intake", "decide", "deliver"]
    reason: Refusal
    field: str = ""
    message: str
    topic: str
    partition: Count
    offset: Count
    timestamp_ms: int
    key: str | None = None
    event_id: str | None = None
    event_type: str | None = None
    dept: str | None = None
    attempt: Annotated[int, Field(ge=1)] = 1
    first_failed_at_ms: int
    replay_count: Count = 0
    size_bytes: Count = 0

    @property
    def fingerprint(self) -> str:
        """What letters with one cause have in common: stage, reason, type, department and field."""
        field = re.sub(r"\[\d+\]", "[]", self.field)
        cause = (self.stage, self.reason, self.event_type or "", self.dept or "", field)
        return hashlib.sha256("\n".join(cause).encode("utf-8", "replace")).hexdigest()[:12]


_HEADER_OF: dict[str, str] = {
    "topic": "kafka_dlt-original-topic",
    "partition": "kafka_dlt-original-partition",
    "offset": "kafka_dlt-original-offset",
    "timestamp_ms": "kafka_dlt-original-timestamp",
    "message": "kafka_dlt-exception-message",
    "stage": "hub-dlq-stage",
    "reason": "hub-dlq-reason-code",
    "field": "hub-dlq-field",
    "key": "hub-dlq-key",
    "event_id": "hub-dlq-event-id",
    "event_type": "hub-dlq-event-type",
    "dept": "hub-dlq-dept",
    "attempt": "hub-dlq-attempt",
    "first_failed_at_ms": FIRST_FAILED_HEADER,
    "replay_count": REPLAY_COUNT_HEADER,
}
_FIELD_OF = {header: field for field, header in _HEADER_OF.items()}


def header_names() -> tuple[str, ...]:
    """List the headers that every dead letter may have."""
    return (*_HEADER_OF.values(), FINGERPRINT_HEADER)


def key_text(key: bytes | None) -> str | None:
    """Show a record's key: what is no text, or cannot be seen, is written as an escape."""
    if key is None:
        return None
    return visible(key[: 4 * KEY_LENGTH_MAX].decode("utf-8", "backslashreplace"), KEY_LENGTH_MAX)


def to_headers(letter: DeadLetter, original: Headers = ()) -> list[tuple[str, bytes | None]]:
    """Write a letter as Kafka headers, followed by the original record's own, renamed."""
    values = {field: getattr(letter, field) for field in _HEADER_OF}
    own: list[tuple[str, bytes | None]] = [
        (_HEADER_OF[field], str(value).encode("utf-8", "backslashreplace"))
        for field, value in values.items()
        if value is not None
    ]
    own.append((FINGERPRINT_HEADER, letter.fingerprint.encode()))
    return own + [(ORIGINAL_PREFIX + name, value) for name, value in original]


def from_headers(headers: Headers, value: bytes | None) -> DeadLetter:
    """Read a letter back from the headers and the value of a dead-letter record.

    Raises:
        Malformed: the record is no dead letter of the hub; the field is the header at fault.
    """
    try:
        texts = {
            _FIELD_OF[name]: value.decode()
            for name, value in headers
            if name in _FIELD_OF and value is not None
        }
        texts["size_bytes"] = str(len(value or b""))
        return DeadLetter.model_validate_strings(texts, strict=False)
    except UnicodeDecodeError:
        raise Malformed(Refusal.ENVELOPE, "", "a header that is not UTF-8 was found") from None
    except ValidationError as error:
        fault = from_validation(error)
        header = _HEADER_OF.get(fault.field, fault.field)
        raise Malformed(Refusal.ENVELOPE, header, fault.message) from None


def original_headers(headers: Headers) -> list[tuple[str, bytes | None]]:
    """List the headers the original record had."""
    return [
        (name.removeprefix(ORIGINAL_PREFIX), value)
        for name, value in headers
        if name.startswith(ORIGINAL_PREFIX)
    ]


def replay_headers(headers: Headers) -> list[tuple[str, bytes | None]]:
    """Write the headers for sending a dead letter in again: its own, and how often it was done."""
    letter = from_headers(headers, None)
    ours = (REPLAY_COUNT_HEADER, FIRST_FAILED_HEADER)
    kept = [(name, value) for name, value in original_headers(headers) if name not in ours]
    return [
        *kept,
        (REPLAY_COUNT_HEADER, str(letter.replay_count + 1).encode()),
        (FIRST_FAILED_HEADER, str(letter.first_failed_at_ms).encode()),
    ]


def replays_so_far(headers: Iterable[tuple[str, bytes | None]]) -> tuple[int, int | None]:
    """Say how often a record was sent in again, and when it failed first (Unix milliseconds).

    A sender may write anything into these headers: what is no plausible number counts as absent.
    """
    found = {
        name: int(value)
        for name, value in headers
        if value is not None
        and len(value) <= 15
        and value.isdigit()
        and name in (REPLAY_COUNT_HEADER, FIRST_FAILED_HEADER)
    }  # fmt: skip - one condition a line reads better
    return found.get(REPLAY_COUNT_HEADER, 0), found.get(FIRST_FAILED_HEADER)


def refusal_message(letter: DeadLetter) -> EventRefused:
    """Tell the department that sent the record what was wrong with it and what to do."""
    happened, advice = REFUSALS[letter.reason]
    where = f" at `{letter.field}`" if letter.field else ""
    return EventRefused(
        event_id=letter.event_id,
        event_type=letter.event_type,
        reason=letter.reason.value,
        field=letter.field,
        message=f"{happened}{where}: {letter.message}",
        advice=advice,
        origin_topic=letter.topic,
        origin_partition=letter.partition,
        origin_offset=letter.offset,
    )
