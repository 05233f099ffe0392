"""What must a way to the hub be able to do? The interface that Kafka and HTTP both fit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.departments.sdk.events import Event


@dataclass(frozen=True, slots=True)
class Receipt:
    """The hub has the event for sure. `id` names the record or is the gateway's receipt."""

    id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The hub will never take this event as it is: what is wrong with it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """The event could not be sent, or nobody knows whether it was: to be sent again, as it is."""

    message: str
    after_s: float | None = None


Outcome = Receipt | Refused | NotNow


class EventRefused(Exception):  # noqa: N818 - a refusal is an answer
    """The hub refused an event for good; correct it and send it under a new id."""

    def __init__(self, event_id: str, code: str, message: str) -> None:
        super().__init__(f"the hub refused event {event_id}: {code}: {message}")
        self.event_id = event_id
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub says: `decision.made`, `task.updated`, `event.refused` and others.

    Attributes:
        type: which of them.
        data: the message.
        place: where it was read, for logs.
        mark: what the transport needs to know that it was handled.
    """

    type: str
    data: Mapping[str, Any]
    value: bytes
    place: str
    mark: Any = None

    @property
    def task_id(self) -> str | None:
        """The task it is about."""
        task_id = self.data.get("task_id")
        return None if task_id is None else str(task_id)

    @property
    def name(self) -> str:
        """What a repetition of this answer has in common with it, and no other answer has.

        The hub repeats a decision byte for byte; another answer on the same task is another one.
        """
        digest = hashlib.sha256(self.value).hexdigest()
        return f"{self.type}|{self.task_id or ''}|{digest}"


class Transport(Protocol):
    """A way to the hub for one department. Its methods raise nothing for what the network does."""

    @property
    def source(self) -> str:
        """The department's registry code."""
        ...

    @property
    def asks_by_receipt(self) -> bool:
        """Are decisions asked for, receipt by receipt? Else they come by themselves."""
        ...

    def send(self, events: Sequence[Event]) -> Sequence[Outcome]:
        """Send events that may overtake each other: one outcome each, in the same order."""
        ...

    def poll(self, undecided: Sequence[str], wait_s: float) -> Sequence[Answer]:
        """What came since; may wait up to `wait_s` seconds. `undecided`: receipts to ask for."""
        ...

    def handled(self, answers: Sequence[Answer]) -> None:
        """These were handled: they need not come again."""
        ...

    def close(self) -> None:
        """End all connections."""
        ...
