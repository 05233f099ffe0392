"""Which enterprise does an event mean, and does its record's key agree?"""

from __future__ import annotations

from pydantic import BaseModel

from schemas.identity import CreditCodeOutcome, CreditCodeReading, read_credit_code
from schemas.malformed import Malformed, shown
from schemas.reasons import Refusal
from streams.registry import Registry

_BUSINESS_IDS = ("task_id", "result_id", "repair_id", "joint_id")
_NO_CODE = frozenset({CreditCodeOutcome.MALFORMED, CreditCodeOutcome.OLD_REGISTRATION_NUMBER})


def credit_code(text: str, registry: Registry, field: str = "uscc") -> CreditCodeReading:
    """The enterprise meant, if it is one (GB 32100-2015).

    Raises:
        Malformed: it is none, or one that nobody registered and whose check digit is wrong.
    """
    reading = read_credit_code(text)
    if reading.outcome is CreditCodeOutcome.VALID:
        return reading
    if reading.outcome is CreditCodeOutcome.CHECK_DIGIT:
        if registry.knows_subject(reading.code):
            return reading
        reason = Refusal.CREDIT_CODE_CHECK_DIGIT
    elif reading.outcome is CreditCodeOutcome.OLD_REGISTRATION_NUMBER:
        reason = Refusal.OLD_REGISTRATION_NUMBER
    else:
        reason = Refusal.CREDIT_CODE
    hint = f"; perhaps {reading.suggestion} is meant" if reading.suggestion else ""
    raise Malformed(reason, field, f"{shown(text)} found: {reading.problem}{hint}")


def code_in_key(key: bytes | None) -> str:
    """The credit code that the record's key gives where the content gives none.

    Raises:
        Malformed: it gives none either.
    """
    text = (key or b"").decode("utf-8", "replace")
    if read_credit_code(text).outcome in _NO_CODE:
        found = f"neither uscc given nor a credit code as key: key {shown(text)} found"
        raise Malformed(Refusal.INVALID_FIELD, "uscc", found)
    return text


def check_key(key: bytes | None, code: str, data: BaseModel) -> None:
    """The record's key orders it on the department's topic; it must not name another enterprise.

    Raises:
        Malformed: it does.
    """
    if key is None or key == code.encode():
        return
    try:
        text = key.decode()
    except UnicodeDecodeError:
        raise Malformed(Refusal.WRONG_KEY, "key", "the key is not UTF-8") from None
    ids = {getattr(data, name, None) for name in _BUSINESS_IDS}
    if text not in ids and read_credit_code(text).code != code:
        found = f"{shown(text)} found: {code}, or the id of the task, result or repair"
        raise Malformed(Refusal.WRONG_KEY, "key", f"{found}, expected")
