"""Decide and one delivery on one set of logs: what is said there comes to be shown, or not."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from builders import DEPT
from decide_world import World as Decide
from delivery_world import SITE, DeliveryWorld, Process, until
from journal_events import ENTERPRISES
from public_builders import REQUIRED, a_result, some_documents

from connectors.sites.table import FORMS
from schemas import messages
from schemas.topics import feed_topic, out_topic
from streams.rules.delivery.ledger import Standing

USCC, NEIGHBOUR = ENTERPRISES[:2]
APPLIED, ACCEPTED, DECIDED_AT = (f"2026-03-1{day}T09:00:00+08:00" for day in (1, 2, 3))
CASE = {"repair_id": "C-1"}


@dataclass
class Hub:
    """Decide and deliver on one set of logs. R-1 of two enterprises is disclosed at the system."""

    site: DeliveryWorld = field(default_factory=DeliveryWorld)
    decide: Decide = field(default_factory=Decide)

    def __post_init__(self) -> None:
        self.decide.kafka = self.site.kafka
        self.process = Process(self.site)

    async def begin(self) -> None:
        for uscc in (USCC, NEIGHBOUR):
            self.say(messages.RESULT_RECORDED, a_result(), uscc=uscc)
        await self.work()
        self.process.start()
        await self.delivered()

    def say(self, kind: str, data: dict[str, Any], *, dept: str = DEPT, uscc: str = USCC) -> None:
        self.decide.write(kind, data, uscc=uscc, dept=dept)

    async def work(self) -> None:
        await self.decide.work(forms={SITE: FORMS[SITE]})

    async def delivered(self) -> None:
        await until(lambda: self.site.all(Standing.OBSERVED))

    def is_stopped(self, uscc: str) -> bool:
        """Whether R-1 of an enterprise was seen stopped."""
        entry = self.site.entry("R-1", uscc)
        return entry.stops and entry.observed > 0

    def told(self, dept: str = DEPT) -> dict[str, Any]:
        record = self.site.kafka.logs[out_topic(dept), 0][-1]
        said: dict[str, Any] = json.loads(record.value or b"")
        return said

    def remains(self) -> dict[str, Any]:
        """Everything that bad input must leave as it is."""
        content = self.site.ledger.content
        return copy.deepcopy(
            {
                "public list": self.decide.view.parts[0].public,
                "feed": [one.value for one in self.site.kafka.all(feed_topic(SITE))],
                "entries": content.entries,
                "lanes": {name: set(lane) for name, lane in content.lanes.items()},
                "shown by the system": dict(self.site.system.stands),
                "effects": list(self.site.system.effects),
                "neighbour": self.decide.view.parts[0].states[NEIGHBOUR],
            }
        )


def apply_for(hub: Hub, *results: str, **fields: Any) -> None:
    data = {
        **CASE, "result_ids": list(results or ("R-1",)), "channel": "PLATFORM",
        "documents": some_documents(REQUIRED), "applied_at": APPLIED,
    }  # fmt: skip
    hub.say(messages.REPAIR_APPLIED, data, **fields)


def accept(hub: Hub, **fields: Any) -> None:
    hub.say(messages.REPAIR_ACCEPTED, {**CASE, "accepted_at": ACCEPTED}, **fields)


def decided(hub: Hub, decision: str = "APPROVED", reason: str = "已整改", **fields: Any) -> None:
    number = "D-1" if decision == "APPROVED" else None
    data = {
        **CASE, "decision": decision, "decision_no": number, "reason": reason,
        "decided_at": DECIDED_AT,
    }  # fmt: skip
    hub.say(messages.REPAIR_DECIDED, data, **fields)


def stop(hub: Hub, result_id: str, reason: str = "EXPIRED", **fields: Any) -> None:
    data = {"result_id": result_id, "stop_reason": reason, "scope": "PUBLIC_ONLY"}
    hub.say(messages.STOP_ORDERED, data, **fields)
