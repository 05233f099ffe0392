"""What do all messages have in common?

Frozen, strict, and hostile text is refused at the border.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

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
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{6,12}$")]
Text = Annotated[str, StringConstraints(max_length=TEXT_LENGTH_MAX, pattern=_TEXT)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_TEXT)]
Instant = AwareDatetime


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
    for name in model.model_extra or ():
        yield prefix + name
    for attribute, value in model.__dict__.items():
        if isinstance(value, Inbound):
            yield from _unknown_paths(value, f"{prefix}{_wire_name(model, attribute)}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], Inbound):
            where = prefix + _wire_name(model, attribute)
            for index, item in enumerate(value):
                yield from _unknown_paths(item, f"{where}[{index}].")


def _wire_name(model: Inbound, attribute: str) -> str:
    return type(model).model_fields[attribute].alias or attribute
