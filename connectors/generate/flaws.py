"""Will intake refuse this line? A plain reading of the contract, blind to the generator's marks."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.generate.envelope import RAW_EXTENSION, TOPIC_EXTENSION
from schemas.codec import JSON, Malformed, decode
from schemas.identity import CreditCodeOutcome, id_fault, read_credit_code
from schemas.messages import INBOUND, Sender
from schemas.reasons import Refusal

_SPAN = timedelta(days=400)
_OUTCOME = {
    CreditCodeOutcome.MALFORMED: Refusal.CREDIT_CODE,
    CreditCodeOutcome.OLD_REGISTRATION_NUMBER: Refusal.OLD_REGISTRATION_NUMBER,
}


def flaw(event: dict[str, Any], begins: datetime, known_codes: set[str]) -> Refusal | None:
    """Say why a department's event must be refused; None if it must not.

    Args:
        event: The line, decoded.
        begins: The time of the first line; more than 400 days after it is the future.
        known_codes: Credit codes of the object list, so far.
    """
    if event.get(TOPIC_EXTENSION, event["source"]) != event["source"]:
        return Refusal.FOREIGN_SOURCE
    return _envelope_flaw(event, begins) or _content_flaw(event) or _code_flaw(event, known_codes)


def _envelope_flaw(event: dict[str, Any], begins: datetime) -> Refusal | None:
    if event.get("specversion") != "1.0" or "time" not in event:
        return Refusal.ENVELOPE
    time = datetime.fromisoformat(event["time"])
    if time.tzinfo is None:
        return Refusal.ENVELOPE
    return Refusal.FUTURE_TIME if time > begins + _SPAN else None


def _content_flaw(event: dict[str, Any]) -> Refusal | None:
    row = INBOUND.get(event["type"])
    if row is None:
        return Refusal.UNKNOWN_TYPE
    if row.sender is not Sender.DEPARTMENT:
        return Refusal.NOT_FOR_DEPARTMENTS
    raw = event.get(RAW_EXTENSION)
    value = orjson.dumps(event["data"]) if raw is None else base64.b64decode(raw)
    try:
        decode(value, event.get("datacontenttype", JSON), event["type"])
    except Malformed as cause:
        return cause.reason
    return None


def _code_flaw(event: dict[str, Any], known_codes: set[str]) -> Refusal | None:
    content = event["data"]
    if id_fault(content.get("task_id", "none")):
        return Refusal.INVALID_FIELD
    if content.get("uscc") is None:
        return None
    reading = read_credit_code(content["uscc"])
    if reading.outcome is CreditCodeOutcome.CHECK_DIGIT and reading.code not in known_codes:
        return Refusal.CREDIT_CODE_CHECK_DIGIT
    return _OUTCOME.get(reading.outcome)
