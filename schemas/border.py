"""Is this input within what the border allows? What neither JSON nor a model's own types refuse.

Depth, a name given twice, what stands in fields nobody knows, numbers and instants too large to be
written down. The usual message passes on a few counts; only the unusual one is looked at closely.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn, get_args

from pydantic import BaseModel
from pydantic_core import SchemaValidator

from schemas.avro_shape import Many, Maybe, Plain, Record, Scalar, parts, record_shape
from schemas.base import ID_LENGTH_MAX, Text
from schemas.malformed import Malformed, shown, visible
from schemas.reasons import Refusal

VALUE_SIZE_MAX_BYTES = 256 * 1024
DEPTH_MAX = 32
UNKNOWN_FIELDS_MAX = 50
YEAR_MIN, YEAR_MAX = 1900, 2199
"""Instants outside cannot be converted between time zones without leaving Python's calendar."""

_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
_SPACE, _NEWLINE, _TAB, _RETURN = b" \n\t\r"
_PLAIN_TEXT = re.compile(get_args(Text)[1].pattern)


@dataclass(frozen=True, slots=True)
class _Guard:
    """What is to be looked at in one model: attribute names, and the models within."""

    shape: Record
    instants: tuple[str, ...]
    wholes: tuple[str, ...]
    parts: tuple[tuple[str, str, bool], ...]  # attribute, name on the wire, is it a list


def check_size(value: bytes | None) -> bytes:
    """Refuse what is empty or too large, before anything else looks at it."""
    if not value:
        raise Malformed(Refusal.EMPTY, "", "a record without a value was found")
    if len(value) > VALUE_SIZE_MAX_BYTES:
        found = f"{len(value)} bytes found, at most {VALUE_SIZE_MAX_BYTES} allowed"
        raise Malformed(Refusal.TOO_LARGE, "", found)
    return value


def check_depth(value: bytes, depth_max: int = DEPTH_MAX) -> None:
    """Refuse JSON text that nests objects and lists too deeply."""
    if value.count(b"{") + value.count(b"[") <= depth_max:
        return
    depth = 0
    for token in _STRUCTURE.finditer(value):
        first = value[token.start()]
        if first in b"[{":
            depth += 1
            if depth > depth_max:
                found = f"nested more than {depth_max} deep at byte {token.start()}"
                raise Malformed(Refusal.TOO_DEEP, "", found)
        elif first in b"]}":
            depth -= 1


def check_names(value: bytes, names: int) -> None:
    """Refuse JSON text that gives a name twice in one object: two readers would read two contents.

    `names` is how many different names its objects hold. Every name is followed by a colon, so if
    no more than that many colons follow a quote, nothing was given twice.
    """
    # Looking for one byte first is ten times faster than looking for two.
    blank_before_colon = (
        (_SPACE in value and b" :" in value)
        or (_NEWLINE in value and b"\n:" in value)
        or (_TAB in value and b"\t:" in value)
        or (_RETURN in value and b"\r:" in value)
    )
    if blank_before_colon or value.count(b'":') != names:
        load_json(value)


def load_json(value: bytes) -> Plain:
    """Read JSON text exactly: no name twice in one object, no NaN, no number without end.

    Raises:
        Malformed: it is not such a text.
    """
    try:
        return json.loads(value.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as cause:  # a decoding error is a ValueError too
        raise Malformed(Refusal.UNDECODABLE, "", f"not JSON: {visible(str(cause), 80)}") from None


@cache
def validator(model: type[BaseModel]) -> SchemaValidator:
    """Find what validates a message from outside: as its model does, but a list ends at a fault.

    A quarter megabyte of faults would otherwise cost seconds, and hundreds of megabytes.
    """
    schema = _ends_at_first_fault(model.__pydantic_core_schema__)
    # Not prebuilt: that would be the model's own validator, and those of its parts.
    return SchemaValidator(schema, None, _use_prebuilt=False)


def check_model(model: BaseModel, value: bytes | None = None) -> None:
    """Refuse a model with too many or hostile unknown fields, or values too large to be written.

    `value` is the JSON text it was read from, if it was: names given twice are looked for in it.
    """
    unknown: list[tuple[str, Any]] = []
    names = _check(model, _guard(type(model)), "", unknown)
    if unknown:
        # Without unknown fields a value cannot be deeper than its model.
        if value is not None:
            check_depth(value)
        _check_unknown(unknown)
    if value is not None:
        check_names(value, names)


def _ends_at_first_fault(schema: Plain) -> Plain:
    if isinstance(schema, dict):
        changed = {name: _ends_at_first_fault(part) for name, part in schema.items()}
        return changed | {"fail_fast": True} if schema.get("type") == "tuple" else changed
    if isinstance(schema, list):
        return [_ends_at_first_fault(part) for part in schema]
    return schema


def _check(model: BaseModel, guard: _Guard, where: str, unknown: list[tuple[str, Any]]) -> int:
    values: dict[str, Any] = model.__dict__
    for attribute in guard.instants:
        instant = values[attribute]
        if instant is not None and not YEAR_MIN <= instant.year <= YEAR_MAX:
            found = f"the year {instant.year} found, {YEAR_MIN} to {YEAR_MAX} expected"
            raise Malformed(Refusal.INVALID_FIELD, where + attribute, found)
    for attribute in guard.wholes:
        if values[attribute] is not None and not -(1 << 63) <= values[attribute] < 1 << 63:
            found = f"{shown(values[attribute])} found, at most 64 bits allowed"
            raise Malformed(Refusal.INVALID_FIELD, where + attribute, found)
    if model.__pydantic_extra__:
        unknown.extend((where + name, held) for name, held in model.__pydantic_extra__.items())
    names = len(model.__pydantic_fields_set__)
    for attribute, wire, is_list in guard.parts:
        held = values[attribute]
        if held is None:
            continue
        if not is_list:
            names += _check(held, _guard(held.__class__), f"{where}{wire}.", unknown)
            continue
        for index, item in enumerate(held):
            names += _check(item, _guard(item.__class__), f"{where}{wire}[{index}].", unknown)
    return names


@cache
def _guard(model: type[BaseModel]) -> _Guard:
    shape = record_shape(model)
    instants, wholes, within = [], [], []
    for member in shape.members:
        bare = member.shape.item if isinstance(member.shape, Maybe) else member.shape
        if bare is Scalar.INSTANT:
            instants.append(member.attribute)
        elif bare is Scalar.WHOLE:
            wholes.append(member.attribute)
        elif parts(bare):
            within.append((member.attribute, member.wire, isinstance(bare, Many)))
    return _Guard(shape, tuple(instants), tuple(wholes), tuple(within))


def _check_unknown(unknown: list[tuple[str, Any]]) -> None:
    if len(unknown) > UNKNOWN_FIELDS_MAX:
        found = f"{len(unknown)} unknown fields found, at most {UNKNOWN_FIELDS_MAX} are kept"
        raise Malformed(Refusal.INVALID_FIELD, unknown[0][0], found)
    for where, held in unknown:
        for fault in _faults(where.rpartition(".")[2], held):
            raise Malformed(Refusal.INVALID_FIELD, where, f"unknown field: {fault}")


def _faults(name: str, held: Plain) -> Iterator[str]:
    if not 0 < len(name) <= ID_LENGTH_MAX or not _PLAIN_TEXT.fullmatch(name):
        yield f'the name "{visible(name)}" is too long or has characters that cannot be seen'
    if isinstance(held, str) and not _PLAIN_TEXT.fullmatch(held):
        yield f"{shown(held)} has characters that are not allowed in text"
    elif isinstance(held, float) and not math.isfinite(held):
        yield "a number that is not finite"
    elif isinstance(held, int) and not -(1 << 63) <= held < 1 << 64:
        yield f"{shown(held)} found, at most 64 bits allowed"
    elif isinstance(held, dict):
        for key, item in held.items():
            yield from _faults(key, item)
    elif isinstance(held, list):
        for item in held:
            yield from _faults("item", item)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in content if names.count(name) > 1)
        raise ValueError(f'the name "{visible(twice)}" is given twice in one object')
    return content


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON")
