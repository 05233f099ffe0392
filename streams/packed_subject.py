"""How is an enterprise of the object list kept in memory? As one piece of bytes.

A city has two million of them, and every process that judges events keeps them all: as a tuple of
texts each takes 360 bytes with its code, so 250.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.enums import SubjectStatus
from schemas.registry import RegistrySubject

_SEPARATOR = "\x1f"
_STATUS_OF = {str(number): status for number, status in enumerate(SubjectStatus)}
_LETTER_OF = {status: letter for letter, status in _STATUS_OF.items()}


class Subject(NamedTuple):
    """What the object list says of an enterprise."""

    status: SubjectStatus
    object_type: str
    industry: str
    region: str
    name: str


def key_of(credit_code: str) -> bytes:
    """The name under which an enterprise is kept. Whatever text is asked about has one."""
    return credit_code.encode(errors="surrogatepass")


def pack(entry: RegistrySubject) -> bytes:
    """An entry of the object list, but for its code. Ids and regions hold no separator."""
    fields = (_LETTER_OF[entry.status], entry.object_type, entry.industry, entry.region, entry.name)
    return _SEPARATOR.join(fields).encode()


def unpack(packed: bytes) -> Subject:
    """What `pack` made of it."""
    letter, object_type, industry, region, name = packed.decode().split(_SEPARATOR, 4)
    return Subject(_STATUS_OF[letter], object_type, industry, region, name)
