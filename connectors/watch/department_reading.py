"""What do single records tell of a department? Its clock, its schema, refusals and repeats."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import msgspec

from connectors.watch.department_memory import Ledger
from schemas import avro_schemas
from schemas.dead_letter import from_headers
from schemas.malformed import Malformed

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def take_letter(ledger: Ledger, record: Any) -> None:  # noqa: ANN401 - a record
    """Count a dead letter of intake; what was sent in again by an operator is counted once."""
    try:
        letter = from_headers(record.headers, record.value)
    except Malformed:
        return
    if letter.dept in ledger.departments and letter.replay_count == 0:
        day = ledger.departments[letter.dept].day(day_of(record.timestamp))
        day.refused = {**day.refused, letter.reason: day.refused.get(letter.reason, 0) + 1}


class _Fact(msgspec.Struct):
    fact: str


class _Answer(msgspec.Struct):
    """As much of a record of `insp.decided` as is needed."""

    dept: str
    at: int
    facts: list[_Fact]


_decode_answer = msgspec.json.Decoder(_Answer).decode


def take_answer(ledger: Ledger, value: bytes | None) -> None:
    """Count an answer of decide, and whether it repeats an earlier one."""
    try:
        answer = _decode_answer(value or b"")
    except msgspec.MsgspecError:
        return
    if answer.dept in ledger.departments:
        day = ledger.departments[answer.dept].day(day_of(answer.at))
        day.answered += 1
        day.duplicates += bool(answer.facts) and answer.facts[0].fact == "REPEATED"


def ahead_ms(record: Any) -> int | None:  # noqa: ANN401 - a record
    """How far the sender's clock is ahead of the broker's; None: it names no time."""
    text = dict(record.headers).get("ce_time")
    try:
        said = datetime.fromisoformat((text or b"").decode())
    except ValueError:
        return None
    if said.tzinfo is None:
        return None
    return int(said.timestamp() * 1000) - int(record.timestamp)


def schema_of(value: bytes | None) -> tuple[str, bool]:
    """In which schema a value is written, and whether there is a newer one."""
    if not value or len(value) < 5 or value[0] != 0:
        return "", False
    file = avro_schemas.by_id().get(int.from_bytes(value[1:5]))
    if file is None:
        return "", False
    return f"{file.subject} v{file.version}", file != avro_schemas.newest(file.subject)


def day_of(at_ms: int) -> date:
    """The day in Asia/Shanghai."""
    return datetime.fromtimestamp(at_ms / 1000, SHANGHAI).date()
