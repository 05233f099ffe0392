"""Which rows of a policy have a name that another row has? Said by place, line and name.

A document that was published is immutable, and is read as it is for ever. So this is asked where a
document comes in: of a file, and at intake's door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas.malformed import Malformed
from schemas.policy import PolicyDocument
from schemas.reasons import Refusal

_NAMED_BY: Mapping[str, Sequence[str]] = {
    "cap": ("id", "version"), "scheme": ("id",), "joint_item": ("id",),
}  # fmt: skip
"""Tables whose rows have names, and the fields that make the name."""
_WITHIN = ("scheme", "class", ("class",))
"""A list within such rows whose entries have names."""


def given_twice(table: Mapping[str, Any], text: str) -> Iterator[str]:
    """Each row whose name was given before, of a policy as TOML reads it: it may be malformed.

    Args:
        table: The policy.
        text: Where it was read from, for the numbers of lines.
    """
    for kind, fields in _NAMED_BY.items():
        rows, at = _rows(table, kind), _lines(text, kind)
        for place, first, name in _repeated(rows, fields):
            yield (
                f"{kind}[{place + 1}]{_line(at, place)}: found {'@'.join(fields)} {name!a} once "
                f"more, expected each once: it stands in {kind}[{first + 1}]{_line(at, first)}"
            )
    kind, inner, fields = _WITHIN
    at = _lines(text, kind)
    for row, scheme in enumerate(_rows(table, kind)):
        for place, first, name in _repeated(_rows(scheme, inner), fields):
            within = f"{kind}[{row + 1}].{inner}"
            yield (
                f"{within}[{place + 1}]{_line(at, row)}: found {inner} {name!a} once more, "
                f"expected each once: it stands in {within}[{first + 1}]"
            )


def check_names(document: PolicyDocument) -> None:
    """Return if no entry of the list of joint inspections has the name of another.

    Cap rules, schemes and classes that are given twice are no policy document at all.

    Raises:
        Malformed: one has.
    """
    rows = [{"id": one.id} for one in document.joint_item]
    for place, first, name in _repeated(rows, ("id",)):
        found = f"{name!a} found: joint_item[{first}] has this id"
        raise Malformed(Refusal.INVALID_FIELD, f"joint_item[{place}].id", found)


def _rows(table: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    rows = table.get(kind) if isinstance(table, Mapping) else None
    return list(rows) if isinstance(rows, list) else []


def _repeated(
    rows: Sequence[Mapping[str, Any]], fields: Sequence[str]
) -> Iterator[tuple[int, int, str]]:
    """The place of a row, that of the first one of its name, and the name."""
    seen: dict[str, int] = {}
    for place, row in enumerate(rows):
        if isinstance(row, Mapping) and all(field in row for field in fields):
            name = "@".join(str(row[field]) for field in fields)
            if name in seen:
                yield place, seen[name], name
            seen.setdefault(name, place)


def _lines(text: str, kind: str) -> list[int]:
    """The lines in which rows of a table begin."""
    header = re.compile(rf"\s*\[\[\s*{kind}\s*\]\]")
    return [number for number, line in enumerate(text.splitlines(), 1) if header.match(line)]


def _line(at: Sequence[int], place: int) -> str:
    """Where a row begins; nothing where rows are written otherwise than as `[[…]]`."""
    return f" (line {at[place]})" if place < len(at) else ""
