"""The decide stage on logs in memory: a journal, workers to decide it, and what must come of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any

from builders import DEPT, a_cap, a_document, a_task, an_event, some_findings
from fakes import FakeKafka, FakeRecord, FakeView
from journal_events import ENTERPRISES, events
from odd_parts import FaultyMint

from schemas import messages
from schemas.codec import encode_json
from schemas.topics import DECIDED, JOURNAL, OUT_PREFIX, out_topic
from streams.accept import ForJournal
from streams.answer import answer, encode_decided
from streams.decide import DecideHandler, read_event
from streams.intake import journal_record
from streams.lanes import Partition
from streams.policies import PolicyBook
from streams.recovery import Recovery
from streams.registry import Registry
from streams.rules.outward import StoredDecision, outward
from streams.rules.state import EMPTY, SubjectState
from streams.rules.views import view_ops

Message = tuple[str, bytes | None, bytes | None]
"""Topic, key and value of something sent to a department."""


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
        """Everything the departments were told."""
        return [
            (record.topic, record.key, record.value)
            for (topic, _), log in sorted(self.kafka.logs.items())
            if topic.startswith(OUT_PREFIX)
            for record in log
        ]

    def owed(self) -> Owed:
        """What must come of the journal: the pure fold of each partition, record by record."""
        owed = Owed()
        policies = PolicyBook(self.registry)
        for partition in range(self.partitions):
            states: dict[str, SubjectState] = defaultdict(lambda: EMPTY)
            for record in self.kafka.logs[JOURNAL, partition]:
                event = read_event(record)
                policy = policies.at_once(event.record.policy_version)
                after, decided = answer(states[event.key], event, policy, FaultyMint())
                states[event.key] = after
                owed.decided[partition].append(encode_decided(decided))
                owed.first |= {(event.key, t): v for t, v in view_ops(decided, after).decisions}
                owed.told += [owed.message(event.key, one) for one in outward(decided, after)]
        return owed


@dataclass
class Owed:
    """What a journal owes: answers in order, and messages to departments."""

    decided: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    told: list[Message] = field(default_factory=list)
    first: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def message(self, key: str, one: Any) -> Message:
        body = one.body
        value = (
            self.first[key, body.task_id] if isinstance(body, StoredDecision) else encode_json(body)
        )
        return out_topic(one.dept), one.key.encode(), value


async def wrong_with(world: World) -> list[str]:
    """Every promise that this world breaks at rest; nothing when all is well."""
    owed, found = world.owed(), []
    for partition in range(world.partitions):
        answers: dict[int, set[bytes | None]] = defaultdict(set)
        order: list[int] = []
        for record in world.decided(partition):
            offset = source_offset(record.value)
            if offset not in answers:
                order.append(offset)
            answers[offset].add(record.value)
        expected = owed.decided[partition]
        if order != sorted(order):
            found.append(f"{partition}: first answers out of order: {order}")
        for offset, value in enumerate(expected):
            if offset not in answers:
                found.append(f"{partition}/{offset}: lost")
            elif len(answers[offset]) > 1:
                found.append(f"{partition}/{offset}: several answers")
            elif answers[offset] != {value}:
                found.append(f"{partition}/{offset}: another answer than the fold's")
    told = set(world.told())
    found += [f"not told: {one}" for one in set(owed.told) - told]
    found += [f"told, but not owed: {one}" for one in told - set(owed.told)]
    if world.view.content() != (await world.rebuilt()).content():
        found.append("the view is not what the facts say")
    return found


def source_offset(value: bytes | None) -> int:
    """Which journal record a line of `insp.decided` answers."""
    return int((value or b"").split(b'"offset":', 1)[1].split(b"}", 1)[0].split(b",", 1)[0])
