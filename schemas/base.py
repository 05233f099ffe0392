"""What do all messages have in common?

Frozen, strict, and hostile text is refused at the border.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, core_schema

ID_LENGTH_MAX = 128
TEXT_LENGTH_MAX = 2000

# Refused in ids: control characters, NUL, the separators of our own keys, spaces of every kind,
# and characters that turn the reading direction or cannot be seen.
_ID = (
    r"^[^\x00-\x20\x7f-\xa0|{}\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
    r"\ufeff\uff10-\uff19]+$"
)
# Free text may have tabs and line breaks, never other control characters or direction marks.
_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*$"

Id = Annotated[str, StringConstraints(min_length=1, max_length=ID_LENGTH_MAX, pattern=_ID)]
DeptCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z-]{6,14}$")]
# Years as far as days go. `\d` would also take digits of other scripts: quarters of their own.
Quarter = Annotated[str, StringConstraints(pattern=r"^(19|20|21)[0-9]{2}Q[1-4]$")]
Text = Annotated[str, StringConstraints(max_length=TEXT_LENGTH_MAX, pattern=_TEXT)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_TEXT)]


@dataclass(frozen=True)
class _Written:
    """How a day or an instant is written in JSON, and nothing else.

    Pydantic takes digits in quotes for seconds since 1970: "20251231" would be a day of that year.
    """

    pattern: str
    otherwise: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        exact = handler(source)
        form = core_schema.str_schema(pattern=self.pattern, strict=True)
        written = core_schema.custom_error_schema(form, self.otherwise)
        # The text is read leniently, since strictly a text is no day at all.
        read = core_schema.chain_schema([written, {**exact, "strict": False}])
        return core_schema.json_or_python_schema(read, exact)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema["python_schema"])


# Far enough from the calendar's ends that a rule may add days and years.
Day = Annotated[
    date,
    Field(ge=date(1900, 1, 1), le=date(2199, 12, 31)),
    _Written(r"^\d{4}-\d{2}-\d{2}$", "date_type"),
]
Instant = Annotated[AwareDatetime, _Written(r"^\d{4}-\d{2}-\d{2}[Tt ]", "datetime_type")]


class Message(BaseModel):
    """A value that crosses a border. Immutable; types are exact; unknown fields are an error."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Inbound(Message):
    """What a department sends.

    Unknown fields are kept and warned of, never an error (design §3.3).
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    def unknown_fields(self) -> tuple[str, ...]:
        """Paths of the fields this version does not know, sorted: `seal`, `items[2].seal`."""
        return tuple(sorted(_unknown_paths(self, "")))


def _unknown_paths(model: Inbound, prefix: str) -> Iterator[str]:
    for name in model.__pydantic_extra__ or ():
        yield prefix + name
    for attribute, wire in _parts(type(model)):
        value = model.__dict__[attribute]
        if isinstance(value, Inbound):
            yield from _unknown_paths(value, f"{prefix}{wire}.")
        elif value:
            for index, item in enumerate(value):
                yield from _unknown_paths(item, f"{prefix}{wire}[{index}].")


@cache
def _parts(kind: type[Inbound]) -> tuple[tuple[str, str], ...]:
    """Attributes that hold messages within the message, with their names on the wire."""
    return tuple(
        (name, field.alias or name)
        for name, field in kind.model_fields.items()
        if _holds_inbound(field.annotation)
    )


def _holds_inbound(annotation: object) -> bool:
    if isinstance(annotation, type) and not get_args(annotation):
        return issubclass(annotation, Inbound)
    return any(_holds_inbound(part) for part in get_args(annotation))
