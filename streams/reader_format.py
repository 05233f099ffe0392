"""In which form does each department get its answers? As its registry entry asks: JSON or Avro.

Changed on the way out and nowhere before: what is decided, kept and repeated stays the same bytes
whatever a department asks for today.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from schemas.codec import AVRO, JSON, encode_avro
from schemas.messages import OUTBOUND, REGISTRY_DEPARTMENT
from schemas.registry import RegistryDepartment
from schemas.topics import OUT_PREFIX
from streams.ports import Headers, Outgoing, Publisher
from streams.registry import read_ctl

_CONTENT_TYPE, _TYPE = "content-type", "ce_type"
_DEPARTMENT = f"{REGISTRY_DEPARTMENT}:".encode()


class Formats:
    """Which departments want Avro. Takes entries of the registry's control topic."""

    def __init__(self) -> None:
        self._avro: set[str] = set()

    def take(self, key: bytes, value: bytes) -> None:
        """One entry; only those of departments are read at all, of millions."""
        if not key.startswith(_DEPARTMENT):
            return
        _, entry = read_ctl(key, value)
        if isinstance(entry, RegistryDepartment):
            self._avro.discard(entry.dept)
            if entry.out_format == "AVRO":
                self._avro.add(entry.dept)

    def wants_avro(self, dept: str) -> bool:
        """Whether the department gets Avro."""
        return dept in self._avro


class InReadersFormat:
    """Publishes; answers in the form that their readers want (fits streams.ports.Publisher)."""

    def __init__(self, publisher: Publisher, wants_avro: Callable[[str], bool]) -> None:
        self._publisher = publisher
        self._wants_avro = wants_avro

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        """Publish all, in their order."""
        return await self._publisher.publish([self._formed(record) for record in records])

    def _formed(self, record: Outgoing) -> Outgoing:
        topic = record.topic
        if not topic.startswith(OUT_PREFIX) or not self._wants_avro(topic[len(OUT_PREFIX) :]):
            return record
        return in_avro(record)


def in_avro(record: Outgoing) -> Outgoing:
    """An answer in JSON as one in Avro, in the Confluent wire format."""
    known = dict(record.headers)
    type_ = (known[_TYPE] or b"").decode()
    if known.get(_CONTENT_TYPE) != JSON.encode():
        return record
    body = OUTBOUND[type_].model_validate_json(record.value or b"")
    headers: Headers = [
        (name, AVRO.encode() if name == _CONTENT_TYPE else value) for name, value in record.headers
    ]
    return record._replace(value=encode_avro(body, type_), headers=headers)
