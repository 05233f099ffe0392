"""What is one event, and how does it stand in the outbox? A CloudEvent; its data is the message."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TASK_SUBMITTED = "inspection.task.submitted"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Event:
    """One event to publish.

    Attributes:
        type: such as `inspection.task.submitted`.
        data: the message, as its schema says; names are binding.
        id: your own name of this event; with it repeats are known. Give one that your database
            keeps, so that a program that starts anew sends the same.
        time: when it happened, RFC 3339 with offset.
    """

    type: str
    data: Mapping[str, Any]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    time: str = field(default_factory=_now)

    @property
    def key(self) -> str:
        """Whose order it belongs to: the enterprise's credit code, else the task, else none's.

        Special inspections and surveys without a list have an order of their own.
        """
        for family, name in (("special", "special_id"), ("survey", "survey_task_id")):
            if self.type.startswith(f"{family}.") and self.data.get(name):
                return f"{family}:{self.data[name]}"
        key = self.data.get("uscc") or self.data.get("task_id") or self.id
        return str(key)

    @property
    def task_id(self) -> str | None:
        """The task on which a decision will come; None if none will."""
        return str(self.data.get("task_id")) if self.type == TASK_SUBMITTED else None

    def says_the_same(self, other: Event) -> bool:
        """Are type and message the same, whenever it is said to have happened?"""
        return self.type == other.type and self.value() == other.value()

    def structured(self, source: str) -> bytes:
        """The event in one JSON object, as HTTP takes it and the outbox keeps it."""
        event = {
            "specversion": "1.0",
            "id": self.id,
            "source": source,
            "type": self.type,
            "time": self.time,
            "datacontenttype": "application/json",
            "data": self.data,
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def read(cls, structured: bytes) -> Event:
        """An event from its JSON object."""
        event = json.loads(structured)
        return cls(event["type"], event["data"], event["id"], event["time"])

    def headers(self, source: str) -> list[tuple[str, bytes]]:
        """The event's attributes as Kafka headers."""
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": self.id,
            "ce_source": source,
            "ce_type": self.type,
            "ce_time": self.time,
            "content-type": "application/json",
        }
        return [(name, value.encode()) for name, value in attributes.items()]

    def value(self) -> bytes:
        """The message alone, as the value of a Kafka record."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":")).encode()
