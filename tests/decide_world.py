"""The decide stage on logs in memory: a journal, workers to decide it, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from builders import DEPT, a_cap, a_document, a_task, an_event, some_findings
from fakes import FakeKafka, FakeRecord, FakeView
from journal_events import ENTERPRISES, events
from odd_parts import FaultyMint

from schemas import messages
from schemas.topics import DECIDED, FEED_PREFIX, JOURNAL, OUT_PREFIX
from streams.accept import ForJournal
from streams.decide import DecideHandler
from streams.intake import journal_record
from streams.lanes import Partition
from streams.policies import PolicyBook
from streams.recovery import Recovery
from streams.registry import Registry

Message = tuple[str, bytes | None, bytes | None]
"""Topic, key and value of something sent to a department or put on a site's feed."""

FORMS = {"SITE-A": lambda notice: {"name": notice.content.entity_name}, "SITE-B": lambda _: {}}


@dataclass
class World:
    """Logs, view, committed offsets; partitions of the journal are decided one by one."""

    partitions: int = 1
    kafka: FakeKafka = field(init=False)
    view: FakeView = field(default_factory=FakeView)
    committed: dict[int, int] = field(default_factory=dict)
    registry: Registry = field(default_factory=Registry)
    version: str = ""

    def __post_init__(self) -> None:
        self.kafka = FakeKafka(self.partitions)
        self.publish_policy(a_cap(2))

    def publish_policy(self, *caps: dict[str, Any]) -> None:
        """From now on records are taken in under this policy."""
        document = a_document(*caps)
        self.registry.put(messages.POLICY_PUBLISHED, document)
        self.version = document.full_version

    def write(self, kind: str, data: dict[str, Any], *, uscc: str, dept: str = DEPT) -> FakeRecord:
        """Append one event to the journal, as intake would."""
        data = {**data, "uscc": uscc}
        event = an_event(
            kind, data, dept=dept, policy=self.version, uscc=uscc, findings=some_findings(data)
        )
        return self.kafka.append(journal_record(ForJournal(uscc, event.record)))

    def submit(self, task_id: str, uscc: str = ENTERPRISES[0], **fields: Any) -> FakeRecord:
        """A task, to be decided."""
        return self.write(messages.TASK_SUBMITTED, a_task(task_id, **fields), uscc=uscc)

    def write_year(self, count: int, seed: int = 1) -> None:
        """So many events of all kinds, in any order, some of them twice."""
        for kind, uscc, dept, data in events(count, Random(f"year {seed}")):
            self.write(kind, data, uscc=uscc, dept=dept)

    def policies(self) -> PolicyBook:
        """Every policy published so far."""
        return PolicyBook(self.registry)

    def handler(self, **parts: Any) -> DecideHandler:
        """A decide stage; parts replace those of the world."""
        usual: dict[str, Any] = {
            "view": self.view,
            "logs": self.kafka,
            "publisher": self.kafka,
            "policies": self.policies(),
            "mint": FaultyMint(),
            "states_cached_max": 10,
            "forms": FORMS,
        }
        return DecideHandler(**{**usual, **parts})

    async def open(self, partition: int = 0, **parts: Any) -> tuple[DecideHandler, int]:
        """A worker that has just been given the partition, and where it goes on."""
        handler = self.handler(**parts)
        at = await handler.open(Partition(JOURNAL, partition), self.committed.get(partition))
        return handler, at

    async def work(
        self, partition: int = 0, *, until: int | None = None, batch: int = 5, **parts: Any
    ) -> DecideHandler:
        """Decide what there is, in batches, each committed."""
        handler, at = await self.open(partition, **parts)
        self.committed[partition] = at
        records = self.kafka.logs[JOURNAL, partition]
        end = self.kafka.starts[JOURNAL, partition] + len(records) if until is None else until
        while at < end:
            first = at - self.kafka.starts[JOURNAL, partition]
            some = records[first : min(first + batch, first + end - at)]
            await handler.handle(Partition(JOURNAL, partition), some)
            at = some[-1].offset + 1
            self.committed[partition] = at
        return handler

    async def work_all(self, **parts: Any) -> None:
        """Decide every partition to its end."""
        for partition in range(self.partitions):
            await self.work(partition, **parts)

    def twin(self) -> World:
        """The same journal and policies; nothing decided yet."""
        other = World(self.partitions)
        other.registry = self.registry
        for (topic, partition), records in self.kafka.logs.items():
            if topic == JOURNAL:
                other.kafka.logs[topic, partition] = list(records)
        return other

    async def rebuilt(self) -> FakeView:
        """What the recorded facts say the view must be."""
        view = FakeView()
        recovery = Recovery(view, self.kafka, FakeKafka())
        await recovery.rebuild(dict.fromkeys(range(self.partitions)), lambda done, total: None)
        return view

    def decided(self, partition: int = 0) -> list[FakeRecord]:
        """What stands in `insp.decided`."""
        return self.kafka.logs[DECIDED, partition]

    def told(self) -> list[Message]:
        """Everything the departments were told, and the sites were given."""
        return [
            (record.topic, record.key, record.value)
            for (topic, _), log in sorted(self.kafka.logs.items())
            if topic.startswith((OUT_PREFIX, FEED_PREFIX))
            for record in log
        ]
