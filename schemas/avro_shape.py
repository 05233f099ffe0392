"""What does a message look like on the wire? Its shape, read off its pydantic model.

The Avro schemas, the compiled readers and writers and the border's own checks are all made from
these shapes, so a field is written down once: in its model.
"""

from __future__ import annotations

import types
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from schemas.journal import JournalRecord

Plain = Any
"""Values as JSON and Avro hold them: dicts, lists, texts, numbers, days, instants, None."""

UNKNOWN = "extra"
"""The Avro field that keeps what the model does not know, as JSON text."""


class Scalar(StrEnum):
    """A value without parts."""

    TEXT = "TEXT"
    FLAG = "FLAG"
    WHOLE = "WHOLE"
    DAY = "DAY"
    INSTANT = "INSTANT"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a closed list. It travels as text (decision 0006)."""

    words: type[StrEnum]


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one kind of thing."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Maybe:
    """A thing that may be absent."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Member:
    """One field: its name in the model, its name on the wire, and whether it has a default."""

    attribute: str
    wire: str
    shape: Shape
    has_default: bool
    default: Any


@dataclass(frozen=True, slots=True)
class Record:
    """A message or a part of one. `keeps_unknown`: fields it does not know are kept."""

    model: type[BaseModel]
    name: str
    members: tuple[Member, ...]
    keeps_unknown: bool


Shape = Scalar | Word | Many | Maybe | Record

_SCALARS: dict[Any, Scalar] = {
    str: Scalar.TEXT,
    bool: Scalar.FLAG,
    int: Scalar.WHOLE,
    date: Scalar.DAY,
    datetime: Scalar.INSTANT,
    AwareDatetime: Scalar.INSTANT,
}


@cache
def record_shape(model: type[BaseModel]) -> Record:
    """Read the shape off a model.

    Raises:
        ValueError: the model has a field that Avro cannot carry the way this project writes it.
    """
    keeps_unknown = model.model_config.get("extra") == "allow"
    members = tuple(_member(model, name, info) for name, info in model.model_fields.items())
    if keeps_unknown and any(member.wire == UNKNOWN for member in members):
        raise ValueError(f"{model.__name__} has a field of its own called {UNKNOWN!r}: rename it")
    return Record(model, _record_name(model), members, keeps_unknown)


def parts(shape: Shape) -> Record | None:
    """Say which record a shape is, holds or lists; None when it has no record in it."""
    while isinstance(shape, Many | Maybe):
        shape = shape.item
    return shape if isinstance(shape, Record) else None


def _record_name(model: type[BaseModel]) -> str:
    generic = model.__pydantic_generic_metadata__
    if generic["origin"] is JournalRecord:
        return f"{generic['args'][0].__name__}{JournalRecord.__name__}"
    return model.__name__


def _member(model: type[BaseModel], name: str, info: FieldInfo) -> Member:
    where = f"{model.__name__}.{name}"
    shape = _shape(info.annotation, where)
    if info.is_required():
        # An optional field may be left out on the wire even where the model wants it said.
        has_default, default = isinstance(shape, Maybe), None
    else:
        value = info.get_default(call_default_factory=True, validated_data={})
        has_default, default = True, _plain(shape, value, where)
    return Member(name, info.alias or name, shape, has_default, default)


def _shape(annotation: object, where: str) -> Shape:
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(arguments[0], where)
    if origin is Literal and all(isinstance(word, str) for word in arguments):
        return Scalar.TEXT
    if origin in (Union, types.UnionType):
        return _maybe(arguments, where)
    if origin is tuple:
        return _many(arguments, where)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return record_shape(annotation)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return Word(annotation)
    raise ValueError(f"{where}: {annotation} has no form in Avro here")


def _maybe(arguments: tuple[Any, ...], where: str) -> Maybe:
    present = [argument for argument in arguments if argument is not type(None)]
    if len(present) != 1 or len(present) == len(arguments):
        raise ValueError(f"{where}: a union other than `X | None` has no form in Avro here")
    return Maybe(_shape(present[0], where))


def _many(arguments: tuple[Any, ...], where: str) -> Many:
    kinds = {argument for argument in arguments if argument is not Ellipsis}
    if len(kinds) != 1:
        raise ValueError(f"{where}: a tuple of several kinds has no form in Avro here")
    return Many(_shape(kinds.pop(), where))


def _plain(shape: Shape, value: Plain, where: str) -> Plain:
    if isinstance(shape, Maybe):
        if value is not None:
            raise ValueError(f"{where}: an optional field's default must be None")
        return None
    if isinstance(shape, Many):
        return [_plain(shape.item, item, where) for item in value]
    if isinstance(shape, Word):
        return value.value
    if isinstance(shape, Record):
        plain = {
            member.wire: _plain(member.shape, getattr(value, member.attribute), where)
            for member in shape.members
        }
        return {**plain, UNKNOWN: None} if shape.keeps_unknown else plain
    if shape in (Scalar.DAY, Scalar.INSTANT):
        raise ValueError(f"{where}: a day or instant cannot have a default")
    return value
