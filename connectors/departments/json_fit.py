"""Would this JSON value still be accepted if its message had this Avro schema? Says where not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.avro_normal import normal
from schemas.avro_shape import UNKNOWN, Plain

_PRIMITIVES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "int": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "string": (str,),
    "bytes": (str,),
}


def misfits(schema: Plain, value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """What a value lacks or has wrong, a sentence a field, sorted; list places are not told apart.

    Raises:
        NoAvroSchema: the schema is none.
    """
    return sorted(set(_misfits(normal(schema), value, "", {})))


def _misfits(schema: Plain, value: Any, where: str, named: dict[str, Plain]) -> Iterator[str]:  # noqa: ANN401
    if isinstance(schema, list):
        yield from _union(schema, value, where, named)
    elif isinstance(schema, str):
        yield from _by_name(schema, value, where, named)
    elif schema["type"] == "record":
        named[schema["name"]] = schema
        yield from _record(schema, value, where, named)
    elif schema["type"] == "array":
        if not isinstance(value, list):
            yield _wrong(where, "a list")
            return
        for item in value:
            yield from _misfits(schema["items"], item, f"{where}[]", named)
    elif "logicalType" in schema:
        if not isinstance(value, str):  # days and instants are text in JSON
            yield _wrong(where, schema["logicalType"])
    else:
        yield from _by_name(schema["type"], value, where, named)


def _union(schema: list[Plain], value: Any, where: str, named: dict[str, Plain]) -> Iterator[str]:  # noqa: ANN401
    branches = [list(_misfits(branch, value, where, named)) for branch in schema]
    if [] in branches:
        return
    # What is no null was meant for another branch: its faults say more.
    others = [found for branch, found in zip(schema, branches, strict=True) if branch != "null"]
    yield from others[0] if len(others) == 1 and value is not None else [_wrong(where, "no null")]


def _by_name(name: str, value: Any, where: str, named: dict[str, Plain]) -> Iterator[str]:  # noqa: ANN401
    if name in named:
        yield from _misfits(named[name], value, where, named)
        return
    kinds = _PRIMITIVES.get(name)
    is_flag = isinstance(value, bool) and name != "boolean"
    if kinds is not None and (is_flag or not isinstance(value, kinds)):
        yield _wrong(where, name)


def _record(schema: Plain, value: Any, where: str, named: dict[str, Plain]) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(value, dict):
        yield _wrong(where, "an object")
        return
    for field in schema["fields"]:
        name = field["name"]
        at = f"{where}.{name}" if where else name
        if name in value:
            yield from _misfits(field["type"], value[name], at, named)
        elif "default" not in field and name != UNKNOWN:
            yield f"`{at}` is required there and not sent"


def _wrong(where: str, expected: str) -> str:
    return f"`{where}` is sent as something else: {expected} expected there"
