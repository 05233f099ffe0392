"""A hub to publish to that does as it is told, in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.departments.sdk import Answer, Event, Receipt
from connectors.departments.sdk.events import TASK_SUBMITTED
from connectors.departments.sdk.transport import NotNow, Outcome

DEPT = "WJW-120116"
USCC = "91120116MA05ABCD0A"


def a_task(number: int = 1, uscc: str = USCC, **fields: Any) -> Event:
    """A task event whose id follows from its number."""
    data = {"task_id": f"T-{number}", "uscc": uscc, **fields}
    return Event(TASK_SUBMITTED, data, f"E-{number}", "2026-03-10T09:00:00+08:00")


def an_answer(task_id: str = "T-1", decision: str = "ISSUED", place: int = 0) -> Answer:
    """A decision as a transport gives it."""
    data = {"task_id": task_id, "decision": decision}
    return Answer("decision.made", data, json.dumps(data).encode(), f"place {place}", place)


@dataclass
class FakeTransport:
    """Takes what it is sent, in order, unless `script` says what to answer instead."""

    source: str = DEPT
    asks_by_receipt: bool = False
    script: dict[str, list[Outcome]] = field(default_factory=dict)
    away: bool = False
    taken: list[Event] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    committed: list[int] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)
    closed: bool = False

    def send(self, events: Sequence[Event]) -> list[Outcome]:
        return [self._outcome(event) for event in events]

    def poll(self, undecided: Sequence[str], wait_s: float) -> list[Answer]:
        self.asked.append(list(undecided))
        found, self.answers = self.answers, []
        return found

    def handled(self, answers: Sequence[Answer]) -> None:
        self.committed += [answer.mark for answer in answers]

    def close(self) -> None:
        self.closed = True

    def _outcome(self, event: Event) -> Outcome:
        if self.away:
            return NotNow("nobody answers")
        if self.script.get(event.id):
            return self.script[event.id].pop(0)
        self.taken.append(event)
        return Receipt(f"R-{event.id}")


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
