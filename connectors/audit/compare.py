"""Are these two the same? Facts field by field, and what was sent against what was kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson

from connectors.audit.days import as_day, as_instant, instant_ms

# Judged elsewhere: by their derivation and signature, not by equality.
_NOT_COMPARED = frozenset({"code", "qr_text", "rules_version"})
_SETS = frozenset({"items"})
_INSTANTS = frozenset({"decided_at"})
_TEXT_MAX = 300
_BETWEEN = frozenset(" \u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2212")
_DEFAULTS: tuple[Any, ...] = (None, "", (), {}, "PRIOR")


def fact_differences(mine: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> list[str]:
    """Where two lists of facts differ, each as `path: own side | recorded side`."""
    kinds = [[fact.get("fact") for fact in side] for side in (mine, theirs)]
    if kinds[0] != kinds[1]:
        return [f"facts: the auditor says {_short(mine)} | recorded is {_short(theirs)}"]
    found: list[str] = []
    for number, (own, recorded) in enumerate(zip(mine, theirs, strict=True)):
        _walk(own, recorded, f"facts[{number}]", found)
    return found


def message_differences(
    expected: Mapping[str, Any],
    found: Mapping[str, Any],
    *,
    exact: bool = True,
) -> list[str]:
    """Where a message differs from what it should say.

    Args:
        expected: What it should say.
        found: What it says.
        exact: Codes and QR texts too.
    """
    differences: list[str] = []
    # Most messages are equal to the byte; equality of dictionaries would take 1 for true.
    if _bytes(expected) == _bytes(found):
        return differences
    _walk(expected, found, "", differences)
    if exact:
        for name in ("code", "qr_text", "rules_version"):
            if expected.get(name) != found.get(name):
                text = f"{_short(expected.get(name))} | {_short(found.get(name))}"
                differences.append(f"{name}: {text}")
    return differences


def _walk(own: object, recorded: object, path: str, found: list[str]) -> None:
    if isinstance(own, dict) and isinstance(recorded, dict):
        for name in {**own, **recorded}:
            left, right = own.get(name), recorded.get(name)
            if not _is_equal(left, right) and name not in _NOT_COMPARED:
                _walk_field(name, left, right, f"{path}.{name}", found)
    elif isinstance(own, list) and isinstance(recorded, list) and len(own) == len(recorded):
        for number, (left, right) in enumerate(zip(own, recorded, strict=True)):
            if not _is_equal(left, right):
                _walk(left, right, f"{path}[{number}]", found)
    elif not _is_same(own, recorded):
        found.append(f"{path.lstrip('.')}: {_short(own)} | {_short(recorded)}")


def _walk_field(name: str, own: object, recorded: object, path: str, found: list[str]) -> None:
    if name in _SETS and isinstance(own, list) and isinstance(recorded, list):
        own, recorded = sorted(set(map(repr, own))), sorted(set(map(repr, recorded)))
    if name in _INSTANTS and _is_same_instant(own, recorded):
        return
    _walk(own, recorded, path, found)


def _bytes(message: Mapping[str, Any]) -> bytes:
    return orjson.dumps(message, option=orjson.OPT_SORT_KEYS)


def _is_equal(one: object, other: object) -> bool:
    """Whether two single values are one and the same; lists and mappings are looked into."""
    return type(one) is type(other) and one == other and not isinstance(one, dict | list)


def _is_same(own: object, recorded: object) -> bool:
    """Equal, or both empty: a null, an empty list and a field left out say the same."""
    return _is_equal(own, recorded) or (_is_empty(own) and _is_empty(recorded))


def _is_empty(value: object) -> bool:
    return value is None or value is False or (isinstance(value, str | list) and not value)


def _is_same_instant(own: object, recorded: object) -> bool:
    if not isinstance(own, str) or not isinstance(recorded, str):
        return False
    try:
        own_at, recorded_at = as_instant(own), as_instant(recorded)
    except ValueError:
        return False
    # The contract asks for Asia/Shanghai: another offset is another text for the same instant.
    same_offset = own_at.utcoffset() == recorded_at.utcoffset()
    return same_offset and instant_ms(own_at) == instant_ms(recorded_at)


def kept_fault(sent: object, kept: object, path: str = "", *, all_of_it: bool = True) -> str:
    """Where what was kept differs from what was sent; empty when it does not.

    Args:
        sent: What the department or the registry sent.
        kept: What the hub wrote down.
        path: Where in the message this lies.
        all_of_it: Whether what was kept beyond what was sent must be a default.
    """
    if _is_equal(sent, kept):
        return ""
    if isinstance(sent, dict) and isinstance(kept, dict):
        return _mapping_fault(sent, kept, path, all_of_it=all_of_it)
    if isinstance(sent, list | tuple) and isinstance(kept, list | tuple) and len(sent) == len(kept):
        faults = (
            kept_fault(*pair, f"{path}[{number}]", all_of_it=all_of_it)
            for number, pair in enumerate(zip(sent, kept, strict=True))
        )
        return next((fault for fault in faults if fault), "")
    if _is_kept(sent, kept) or (path == "uscc" and normal_code(sent) == kept):
        return ""
    return f"{path}: sent {_short(sent)} | kept {_short(kept)}"


def _mapping_fault(
    sent: Mapping[str, Any], kept: Mapping[str, Any], path: str, *, all_of_it: bool
) -> str:
    sent, kept = _unfolded(sent), _unfolded(kept)
    for name, value in sent.items():
        there = kept.get(name)
        if not _is_equal(value, there):
            here = f"{path}.{name}" if path else name
            if fault := kept_fault(value, there, here, all_of_it=all_of_it):
                return fault
    if all_of_it:
        for name in kept.keys() - sent.keys():
            value = kept[name]
            value = tuple(value) if isinstance(value, list) else value
            if value is not False and value not in _DEFAULTS:
                return f"{path}.{name}: nothing sent | kept {_short(value)}".lstrip(".")
    return ""


def _unfolded(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """A message with its unknown fields in place: Avro keeps them as JSON text in `extra`."""
    extra = message.get("extra")
    if not isinstance(extra, str):
        return message
    try:
        fields = orjson.loads(extra)
    except orjson.JSONDecodeError:
        return message
    if not isinstance(fields, dict):
        return message
    return {**{name: value for name, value in message.items() if name != "extra"}, **fields}


def _is_kept(sent: object, kept: object) -> bool:
    if isinstance(sent, bool) or isinstance(kept, bool):
        return False
    if isinstance(sent, int | float) and isinstance(kept, int | float):
        return sent == kept
    return _is_same_time(sent, kept)


def _is_same_time(sent: object, kept: object) -> bool:
    """Whether two texts or values of days or instants mean the same one."""
    if not isinstance(sent, str | date) or not isinstance(kept, str | date):
        return False
    try:
        if any(
            isinstance(side, datetime) or (isinstance(side, str) and "T" in side)
            for side in (sent, kept)
        ):
            return instant_ms(_instant(sent)) == instant_ms(_instant(kept))
        return as_day(sent) == as_day(kept)
    except ValueError:
        return False


def _instant(value: str | date) -> datetime:
    if isinstance(value, date) and not isinstance(value, datetime):
        raise ValueError("a day is no instant")  # noqa: TRY004 - the caller asks whether it is one
    return as_instant(value)


def normal_code(text: object) -> object:
    """A credit code as intake writes it: half-width capitals and digits, nothing between."""
    if not isinstance(text, str):
        return text
    # Credit codes are written with blanks and hyphens for reading aloud; neither belongs to them.
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c not in _BETWEEN)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _TEXT_MAX else f"{text[:_TEXT_MAX]}…"
