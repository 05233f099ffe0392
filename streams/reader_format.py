"""In which form does each department get its answers? As its registry entry asks: JSON or Avro.

Changed on the way out and nowhere before: what is decided, kept and repeated stays the same bytes
whatever a department asks for today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from schemas.codec import AVRO, JSON, encode_avro
from schemas.messages import OUTBOUND
from schemas.topics import OUT_PREFIX
from streams.ports import ControlTopics, Headers, Outgoing, Publisher

_CONTENT_TYPE, _TYPE = "content-type", "ce_type"


class Readers(Protocol):
    """What departments asked for, as last read (`streams.registry.Registry`)."""

    def knows_department(self, dept: str) -> bool:
        """Whether the department is registered."""

    def wants_avro(self, dept: str) -> bool:
        """Whether it asks for Avro."""


class InReadersFormat:
    """Publishes; answers in the form that their readers want (fits streams.ports.Publisher).

    An answer comes in the form that its department's registry entry asks for, if that was
    published before the event was taken in; so a new department never gets another form. An entry
    that *changes* the form is obeyed within 0.1 s (`ControlTopics.level`).
    """

    def __init__(self, publisher: Publisher, readers: Readers, control: ControlTopics) -> None:
        self._publisher = publisher
        self._readers = readers
        self._control = control

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        """Publish all, in their order."""
        depts = {dept for record in records if (dept := _reader(record))}
        if depts:
            # Of a department that we have not heard of the entry may have come this moment.
            strangers = not all(map(self._readers.knows_department, depts))
            await self._control.level(now=strangers)
        return await self._publisher.publish([self._formed(record) for record in records])

    def _formed(self, record: Outgoing) -> Outgoing:
        dept = _reader(record)
        return in_avro(record) if dept and self._readers.wants_avro(dept) else record


def _reader(record: Outgoing) -> str:
    """The department that reads a record; empty if it is no answer to one."""
    topic = record.topic
    return topic[len(OUT_PREFIX) :] if topic.startswith(OUT_PREFIX) else ""


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
