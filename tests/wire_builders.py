"""Messages of every type for property tests, made from the models' annotations; Avro by hand."""

from __future__ import annotations

import json
import string
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import reject
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, StringConstraints, ValidationError
from pydantic.fields import FieldInfo

from schemas.journal import JournalRecord
from schemas.policy import Scope

MILLISECOND = timedelta(milliseconds=1)
PLAIN = string.ascii_letters + string.digits + "-_中文天津𠮷é"

texts = st.text(alphabet=PLAIN + " ,.!", max_size=90)
instants = st.builds(
    lambda ms, minutes: (
        (datetime(1970, 1, 1, tzinfo=UTC) + ms * MILLISECOND)
        .astimezone(timezone(timedelta(minutes=minutes)))
        .isoformat()
    ),
    st.integers(-2_000_000_000_000, 7_000_000_000_000),
    st.integers(-14 * 60, 14 * 60),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | texts
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(texts.filter(bool), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
unknown_fields = st.dictionaries(
    st.text(alphabet=PLAIN, min_size=1, max_size=12).map(lambda name: "x_" + name),
    json_values,
    max_size=2,
)


def messages(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Valid messages of a type, unknown fields included, as they come out of JSON."""
    return _content(model).map(lambda content: _read(model, _fitting(content)))


def journal_records(model: type[JournalRecord[Any]], type_name: str) -> st.SearchStrategy[Any]:
    """Valid journal records of an event type."""
    return _content(model).map(
        lambda content: _read(model, _fitting(content) | {"type": type_name})
    )


def zigzag(number: int) -> bytes:
    """An Avro int or long, written from the specification."""
    rest = ((number << 1) ^ (number >> 63)) & ((1 << 64) - 1)
    written = bytearray()
    while rest > 127:
        written.append(rest & 127 | 128)
        rest >>= 7
    return bytes([*written, rest])


def avro_text(text: str) -> bytes:
    """An Avro string, written from the specification."""
    return zigzag(len(text.encode())) + text.encode()


def _fitting(content: dict[str, Any]) -> dict[str, Any]:
    """The same, mended where fields contradict each other: most would be thrown away otherwise."""
    days = content.get("starts_on"), content.get("ends_on")
    if all(isinstance(day, str) for day in days):
        content = content | dict(zip(("starts_on", "ends_on"), sorted(days), strict=True))  # type: ignore[type-var]
    if content.get("confidential") or content.get("survey"):
        content = {name: value for name, value in content.items() if name != "objects"}
    return content


def _read(model: type[BaseModel], content: dict[str, Any]) -> BaseModel:
    try:
        return model.model_validate_json(json.dumps(content))
    except ValidationError:
        reject()


def _content(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    if model is Scope:
        return _scopes()
    required, optional = {}, {}
    for name, info in model.model_fields.items():
        place = required if info.is_required() else optional
        place[info.alias or name] = _value(info.annotation, info)
    content = st.fixed_dictionaries(required, optional=optional)
    if model.model_config.get("extra") != "allow":
        return content
    return st.builds(lambda known, unknown: {**unknown, **known}, content, unknown_fields)


def _scopes() -> st.SearchStrategy[dict[str, Any]]:
    members = st.lists(st.sampled_from(["WJW-120116", "XFJ-120116", "A_1"]), min_size=1, max_size=3)
    return st.one_of(
        st.just({"kind": "EACH_AGENCY"}),
        st.just({"kind": "AGENCY", "id": "WJW-120116"}),
        st.builds(lambda codes: {"kind": "GROUP", "id": "G", "members": codes}, members),
    )


def _value(annotation: Any, info: FieldInfo | None = None) -> st.SearchStrategy[Any]:
    limits = _limits(info.metadata if info else [])
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = FieldInfo.from_annotation(annotation)
        return _value(inner.annotation, inner)
    if origin in (Union, UnionType):
        present = next(argument for argument in arguments if argument is not type(None))
        return st.none() | _value(present, info)
    if origin is tuple:
        return _list(arguments, limits)
    if origin is Literal:
        return st.sampled_from(arguments)
    if issubclass(annotation, BaseModel):
        return _content(annotation)
    if issubclass(annotation, StrEnum):
        return st.sampled_from([word.value for word in annotation])
    return _scalar(annotation, limits)


def _list(arguments: tuple[Any, ...], limits: dict[str, Any]) -> st.SearchStrategy[Any]:
    if arguments[-1] is not Ellipsis:
        return st.tuples(*(_value(argument) for argument in arguments)).map(list)
    least = limits.get("min_length", 0)
    return st.lists(_value(arguments[0]), min_size=least, max_size=max(2, least))


def _scalar(kind: type, limits: dict[str, Any]) -> st.SearchStrategy[Any]:
    if kind is str:
        return _text(limits)
    if kind is bool:
        return st.booleans()
    if kind is int:
        low = limits.get("ge", -(2**63))
        return st.integers(low, min(limits.get("le", 2**63 - 1), 2**63 - 1))
    if kind is date:
        return _days(limits.get("ge", date.min), limits.get("le", date.max))
    if kind in (datetime, AwareDatetime):
        return instants
    raise AssertionError(f"no strategy for {kind}")


def _days(first: date, last: date) -> st.SearchStrategy[str]:
    return st.dates(first, last).map(date.isoformat)


def _text(limits: dict[str, Any]) -> st.SearchStrategy[str]:
    least, most = limits.get("min_length", 0), min(limits.get("max_length", 80), 80)
    pattern = limits.get("pattern")
    if pattern is None or pattern.startswith("^[^"):
        return st.text(alphabet=PLAIN, min_size=least, max_size=most)
    return st.from_regex(pattern, fullmatch=True)


def _limits(metadata: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in metadata:
        if isinstance(item, StringConstraints):
            found |= {k: v for k, v in vars(item).items() if v is not None}
            continue
        for name in ("min_length", "max_length", "ge", "le", "pattern"):
            if getattr(item, name, None) is not None:
                found[name] = getattr(item, name)
    return found
