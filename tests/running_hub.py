"""A whole hub over fakes: what departments send goes through intake and decide until all is still.

What one log tells another comes back through the journal, and what decide puts on the registry
topic is known to intake before the next event, as in a hub whose departments wait for answers.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from audited_hub import Level, audit_of
from builders import a_document
from fakes import FakeKafka, FakeView
from special_world import LEVELS

from connectors.audit import AuditReport
from connectors.keys import create_demo_keys, open_key_ring
from connectors.sites.table import FORMS
from schemas.envelope import Envelope, write_headers
from schemas.facts import Decided
from schemas.policy import PolicyDocument
from schemas.topics import CTL_REGISTRY, DECIDED, JOURNAL, out_topic
from streams.answer import decode_decided
from streams.decide import DecideHandler
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.mint import KeyMint
from streams.policies import PolicyBook
from streams.ports import Outgoing
from streams.registry import Registry
from streams.schedule import Scheduler
from streams.timers import Portions

PARTITIONS = 4
NOTHING_OF_THESE = frozenset(
    {"I1", "I1'", "I2.codes", "I2.qr", "I3", "I4.refusals", "I5.dlq", "I11.tasks", "I11.codes",
     "I11.open", "I11.agenda"}
)  # fmt: skip
"""What the auditor need not come upon: a story may have no code, no refusal, no interception."""
TIME = "2026-02-10T09:00:00+08:00"


class OpenOnes:
    """What lapses, as the view has it (fits streams.schedule.OpenCodes)."""

    def __init__(self, view: FakeView) -> None:
        self._view = view

    async def open_until(self, partition: int, last_day: int, limit: int, skip: int) -> list[bytes]:
        lapsed = self._view.parts[partition].open.items()
        return [name.encode() for name, day in lapsed if day <= last_day][skip : skip + limit]


class RunningHub:
    """Intake, decide and the scheduler, with fakes around them."""

    def __init__(self, folder: Path, document: PolicyDocument | None = None) -> None:
        self.keys = folder / "keys"
        create_demo_keys(self.keys, years=range(2025, 2028))
        self.kafka, self.view, self.registry = FakeKafka(PARTITIONS), FakeView(), Registry()
        self._document = document or a_document()
        self._control = Level(self.kafka, self.registry)
        self._ids = itertools.count(1)
        self._done = dict.fromkeys(range(PARTITIONS), 0)
        self.intake = IntakeHandler(
            registry=self.registry, control=self._control, publisher=self.kafka
        )
        self.decide: DecideHandler

    async def start(self) -> None:
        """Register departments and officers, publish the policy, take the partitions over."""
        ring = open_key_ring(self.keys)
        self.decide = DecideHandler(
            view=self.view,
            logs=self.kafka,
            publisher=self.kafka,
            policies=PolicyBook(self.registry),
            mint=KeyMint(ring.year_key, ring.signer(), "https://hub.example"),
            states_cached_max=100,
            forms=FORMS,
        )
        for number in range(PARTITIONS):
            await self.decide.open(Partition(JOURNAL, number), None)
        document = self._document.model_dump(mode="json", by_alias=True)
        await self.send("REGISTRY", "policy.published", document)
        for dept, level in LEVELS.items():
            entry = {
                "dept": dept, "name": dept, "region": dept[4:10], "level": level,
                "system": dept[:3], "listed": True, "valid_from": "2020-01-01",
            }  # fmt: skip
            await self.send("REGISTRY", "registry.department", entry)
            officer = {
                "cert_no": f"TJ-{dept}", "name": "甲", "dept": dept, "valid_from": "2020-01-01",
                "status": "VALID",
            }  # fmt: skip
            await self.send("REGISTRY", "registry.officer", officer)

    async def send(
        self, dept: str, kind: str, data: dict[str, Any], key: str | None = None
    ) -> list[Decided]:
        """What was decided because of one event, in every log."""
        envelope = Envelope(id=f"E-{next(self._ids)}", source=dept, type=kind, time=TIME)
        record = self.kafka.append(
            Outgoing(
                f"insp.in.{dept}",
                0,
                None if key is None else key.encode(),
                orjson.dumps(data),
                write_headers(envelope),
            )
        )
        await self.intake.handle(Partition(record.topic, 0), [record])
        return await self.settle()

    async def settle(self) -> list[Decided]:
        """Decide whatever lies in the journal, until nothing more does."""
        before = len(self.kafka.all(DECIDED))
        while True:
            fresh = False
            for number, start in self._done.items():
                log = self.kafka.logs[JOURNAL, number]
                if log[start:]:
                    fresh = True
                    batch = log[start:]
                    self._done[number] = len(log)
                    await self.decide.handle(Partition(JOURNAL, number), batch)
            if not fresh:
                break
        await self._control.level()
        answers = sorted(self.kafka.all(DECIDED), key=lambda one: one.timestamp)
        return [decode_decided(one.value or b"") for one in answers[before:]]

    async def pass_days(self, today: date) -> list[Decided]:
        """Let the scheduler look until nothing is past its last day; decide follows each look."""
        scheduler = Scheduler(
            codes=OpenOnes(self.view),
            portions=Portions(self.view, self.kafka, asyncio.Event(), patience_s=0.0),
            partitions=PARTITIONS,
            policy_version=lambda: self.registry.policy_version,
        )
        answers: list[Decided] = []
        while await scheduler.expire(today):
            answers += await self.settle()
        return answers

    def told(self, dept: str) -> list[dict[str, Any]]:
        """What a department was told, in order."""
        found = sorted(self.kafka.all(out_topic(dept)), key=lambda one: one.timestamp)
        return [json.loads(one.value or b"") for one in found]

    def registered(self) -> list[bytes]:
        """Keys of what lies on the registry topic about special inspections."""
        found = [one.key or b"" for one in self.kafka.all(CTL_REGISTRY)]
        return [key for key in found if key.startswith(b"registry.special:")]

    def audit(self) -> AuditReport:
        """What the auditor says of what lies there."""
        return audit_of(self.kafka, self.view, self.keys, NOTHING_OF_THESE)
