"""Is this text a policy (design §3.7), and in what does it differ from another one?

A file with a slip must not be published in part: all errors are found at once, each with its path,
what was found there and what is expected.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from pydantic import ValidationError

from schemas.policy import Cap, PolicyDocument
from schemas.policy_twice import given_twice

_FOUND_MAX = 80
_TABLES = ("policy", "cap", "scheme", "competent", "joint_item")
_ROWS = (("cap",), ("scheme",), ("competent",), ("joint_item",))
# Errors that say what is wrong but not what would be right; the found value is shown beside it.
_EXPECTED = {
    "missing": "this field is required",
    "extra_forbidden": "no such field: mind its spelling",
    "string_pattern_mismatch": "text without spaces, separators or invisible characters",
}


class PolicyErrors(ValueError):  # noqa: N818 - it holds all of them
    """Everything that is wrong with a policy file, one line each."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("policy file:\n" + "\n".join(f"  {line}" for line in lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two policies. None: not there."""

    path: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        """The difference as one line for people."""
        if self.old is None:
            return f"+ {self.path}: {self.new}"
        if self.new is None:
            return f"- {self.path}: {self.old}"
        return f"~ {self.path}: {self.old} -> {self.new}"


def read_policy(text: str) -> PolicyDocument:
    """Read a policy file (TOML).

    Raises:
        PolicyErrors: With everything that is wrong with it.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise PolicyErrors((f"not TOML: {cause}",)) from cause
    lines = [
        f"{name}: found a table or field of this name, expected only {' and '.join(_TABLES)}"
        for name in sorted(table.keys() - set(_TABLES))
    ]
    twice = tuple(given_twice(table, text))
    lines += twice
    document = None
    try:
        # As JSON, where a strict model takes arrays for tuples and words for enum members.
        document = PolicyDocument.model_validate_json(json.dumps(table, default=_iso))
    except ValidationError as cause:
        found = cause.errors(include_url=False)
        # What is said of the whole document is that something stands there twice: told already.
        told = [error for error in found if error["loc"] or not twice]
        lines += [_line(error) for error in _in_order(told)]
    if document is not None:
        lines += [line for place, cap in enumerate(document.cap) for line in _doubts(place, cap)]
    if document is None or lines:
        raise PolicyErrors(tuple(lines))
    return document


def compare(old: PolicyDocument, new: PolicyDocument) -> tuple[Change, ...]:
    """What changes from one policy to the other: numbers first, then rules by name and version."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    paths = dict.fromkeys((*before, *after))
    return tuple(
        Change(path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    )


def _iso(value: date | datetime | time) -> str:
    """TOML's own types that JSON lacks are these three."""
    return value.isoformat()


def _in_order(errors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Table by table: what is missing, what is wrong, what nobody knows."""
    tables = list(dict.fromkeys(_table(error) for error in errors))
    return sorted(errors, key=lambda error: (tables.index(_table(error)), _rank(error["type"])))


def _table(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    place: tuple[str | int, ...] = error["loc"]
    return place[:2] if place[:1] in _ROWS else place[:1]


def _rank(type_: str) -> int:
    return {"missing": 0, "extra_forbidden": 2}.get(type_, 1)


def _line(error: Mapping[str, Any]) -> str:
    """One error: path, what was found, what is expected."""
    path = _path(error["loc"])
    expected = _EXPECTED.get(error["type"], error["msg"])
    if error["type"] == "missing":
        return f"{path}: found nothing, expected: {expected}"
    return f"{path}: found {_short(error['input'])}, expected: {expected}"


def _path(place: tuple[str | int, ...]) -> str:
    """The place as people count: `cap[2].scope.kind` is in the second rule."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place]
    return "".join(parts).lstrip(".") or "the whole file"


def _short(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= _FOUND_MAX else shown[:_FOUND_MAX] + "…"


def _doubts(place: int, cap: Cap) -> Iterator[str]:
    """What is valid field by field and yet cannot be meant."""
    path = f"cap[{place + 1}] ({cap.label})"
    if cap.to is not None and cap.to < cap.from_:
        yield f"{path}.to: found {cap.to}, expected a day not before from, which is {cap.from_}"
    if cap.max is None and cap.min is None:
        yield f"{path}: found neither max nor min, expected one of them: this rule says nothing"
    if cap.max is not None and cap.min is not None and cap.min > cap.max:
        yield f"{path}.min: found {cap.min}, expected at most max, which is {cap.max}"
    for name in ("modes", "kinds"):
        if not getattr(cap, name):
            yield f"{path}.{name}: found none, expected at least one: this rule sees no inspection"


def _leaves(document: PolicyDocument) -> Iterator[tuple[str, str]]:
    """Every value of a policy with its path, the numbers first, rules by their labels."""
    plain = document.model_dump(mode="json", by_alias=True)
    for name, value in plain["policy"].items():
        yield f"policy.{name}", _text(value)
    for cap in sorted(document.cap, key=lambda rule: (rule.id, rule.version)):
        yield from _leaves_of_cap(cap)
    for scheme in sorted(document.scheme, key=lambda one: one.id):
        yield f"scheme {scheme.id}.source", _text(scheme.source)
        for share in scheme.class_:
            for name in ("percent", "times", "years"):
                path = f"scheme {scheme.id}.class {share.class_}.{name}"
                yield path, _text(getattr(share, name))
    for row in document.competent:
        yield f"competent {','.join(row.industry)}", row.system
    for item in sorted(document.joint_item, key=lambda entry: entry.id):
        yield f"joint_item {item.id}", f"{item.initiator}: {', '.join(item.items)}"


def _leaves_of_cap(cap: Cap) -> Iterator[tuple[str, str]]:
    for name, value in cap.model_dump(mode="json", by_alias=True).items():
        if name in ("id", "version"):
            continue
        if isinstance(value, dict):
            yield from ((f"cap {cap.label}.{name}.{inner}", _text(v)) for inner, v in value.items())
        else:
            yield f"cap {cap.label}.{name}", _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
