"""Of two departments that commit to one draw in the same moment one is refused, for good."""

import asyncio
import hashlib
from pathlib import Path

from audited_hub import audit_of
from draw_events import DEPT, OTHER, SEED, a_record, committed, revealed
from fakes import FakeKafka, FakeView

from connectors.keys import create_demo_keys
from schemas.dead_letter import from_headers
from schemas.messages import DRAW_COMMITTED, DRAW_REVEALED, REGISTRY_DEPARTMENT
from schemas.reasons import Refusal
from schemas.registry import RegistryDepartment
from schemas.topics import CTL_REGISTRY, dlq_topic
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.registry import Registry, read_ctl


class FollowedFrom:
    """Follows the registry topic of a broker, as every worker does (port ControlTopics)."""

    def __init__(self, kafka: FakeKafka, registry: Registry) -> None:
        self._kafka, self._registry, self._next = kafka, registry, 0

    async def level(self, *, now=False):
        for one in self._kafka.all(CTL_REGISTRY)[self._next :]:
            self._registry.take(one.key, one.value)
            self._next += 1


class AtTheSameMoment:
    """A publisher that holds back what two workers publish first until both are about to."""

    def __init__(self, kafka: FakeKafka) -> None:
        self._kafka, self._both = kafka, asyncio.Barrier(2)
        self._waited: set[asyncio.Task] = set()

    async def publish(self, records):
        task = asyncio.current_task()
        if task not in self._waited:
            self._waited.add(task)
            await self._both.wait()
        return await self._kafka.publish(records)


SEEDS = {DEPT: SEED, OTHER: "7a" * 32}


def of(dept: str, type_: str):
    """A department's commitment to D-1, or its seed."""
    digest = hashlib.sha256(bytes.fromhex(SEEDS[dept])).hexdigest()
    if type_ == DRAW_COMMITTED:
        return committed(dept=dept, seed_sha256=digest)
    return revealed(dept=dept, seed=SEEDS[dept])


def a_worker(kafka, publisher=None):
    registry = Registry()
    for dept in (DEPT, OTHER):
        registry.put(REGISTRY_DEPARTMENT, RegistryDepartment.model_construct(dept=dept))
    control = FollowedFrom(kafka, registry)
    handler = IntakeHandler(registry=registry, control=control, publisher=publisher or kafka)
    return handler, registry


def refusals_of(kafka):
    letters = [from_headers(one.headers, one.value) for one in kafka.all(dlq_topic("intake"))]
    return [(one.dept, one.event_type, one.reason) for one in letters]


def standing_after(records):
    registry = Registry()
    for one in records:
        registry.take(one.key, one.value)
    return registry.draws.commitments, registry.draws.seeds


def compacted(records):
    """What compaction leaves of a log: the last of each key, where it was."""
    last = {one.key: one.offset for one in records}
    return [one for one in records if last[one.key] == one.offset]


async def test_of_two_departments_that_commit_to_one_draw_in_the_same_moment_one_is_refused(
    tmp_path: Path,
):
    kafka = FakeKafka()
    both = AtTheSameMoment(kafka)
    workers = {dept: a_worker(kafka, both) for dept in (DEPT, OTHER)}
    # Each takes the seed in the same batch: of who comes second it must not stand either.
    inbound = {
        dept: [
            kafka.append(a_record(type_, of(dept, type_), dept))
            for type_ in (DRAW_COMMITTED, DRAW_REVEALED)
        ]
        for dept in workers
    }

    def tasks(handlers):
        return [
            handler.handle(Partition(f"insp.in.{dept}", 0), inbound[dept])
            for dept, (handler, _) in handlers.items()
        ]

    await asyncio.gather(*tasks(workers))

    published = kafka.all(CTL_REGISTRY)
    first = read_ctl(published[0].key, published[0].value)[1].dept
    second = OTHER if first == DEPT else DEPT
    stands = ({"D-1": of(first, DRAW_COMMITTED)}, {"D-1": of(first, DRAW_REVEALED)})
    lost = [
        (second, DRAW_COMMITTED, Refusal.DRAW_TAKEN),
        (second, DRAW_REVEALED, Refusal.DRAW_NOT_COMMITTED),
    ]
    assert [(one.draws.commitments, one.draws.seeds) for _, one in workers.values()] == [stands] * 2
    assert refusals_of(kafka) == lost
    assert violations(kafka, tmp_path) == {}

    # Taken in once more, by workers that begin anew, after a crash before the commit of offsets.
    again = {dept: a_worker(kafka) for dept in (second, first)}
    for task in tasks(again):
        await task

    assert refusals_of(kafka) == lost * 2
    assert kafka.all(CTL_REGISTRY) == published
    assert standing_after(published) == stands == standing_after(compacted(published))


async def test_what_is_sent_twice_is_published_once_and_accounted_for(tmp_path: Path):
    kafka = FakeKafka()
    handler, _ = a_worker(kafka)
    said = [(DRAW_COMMITTED, of(DEPT, DRAW_COMMITTED)), (DRAW_REVEALED, of(DEPT, DRAW_REVEALED))]
    records = [kafka.append(a_record(*one)) for one in (*said, *said)]

    await handler.handle(Partition(records[0].topic, 0), records)

    assert len(kafka.all(CTL_REGISTRY)) == 2
    assert refusals_of(kafka) == []
    assert violations(kafka, tmp_path) == {}
    # A registry topic that has lost a commitment is not what intake made of this.
    del kafka.logs[CTL_REGISTRY, 0][0]
    assert "I4.inputs" in violations(kafka, tmp_path)


def violations(kafka: FakeKafka, folder: Path) -> dict[str, int]:
    """What the auditor finds wrong with what inputs became."""
    keys = folder / "keys"
    if not keys.exists():
        create_demo_keys(keys, years=[2026])
    report = audit_of(kafka, FakeView(), keys)
    return {
        check.name: check.violations_total
        for check in report.checks
        if check.violations_total and check.name in ("I4.inputs", "I5.ctl", "I5.dlq", "I12")
    }


async def test_what_a_frozen_worker_publishes_late_moves_nothing():
    kafka = FakeKafka()
    both = AtTheSameMoment(kafka)
    record = kafka.append(a_record(DRAW_COMMITTED, of(DEPT, DRAW_COMMITTED)))
    other = kafka.append(a_record(DRAW_COMMITTED, of(OTHER, DRAW_COMMITTED), OTHER))
    frozen, _ = a_worker(kafka, thawed := Frozen(kafka))
    held = asyncio.create_task(frozen.handle(Partition(record.topic, 0), [record]))
    await thawed.reached.wait()
    await asyncio.gather(
        *(
            a_worker(kafka, both)[0].handle(Partition(one.topic, 0), [one])
            for one in (other, record)
        )
    )
    before = standing_after(kafka.all(CTL_REGISTRY))
    thawed.go.set()
    await held

    published = kafka.all(CTL_REGISTRY)
    assert len(published) == 3
    assert before == standing_after(published) == standing_after(compacted(published))


class Frozen:
    """A publisher that stands still until it is let go."""

    def __init__(self, kafka: FakeKafka) -> None:
        self._kafka, self.reached, self.go = kafka, asyncio.Event(), asyncio.Event()

    async def publish(self, records):
        self.reached.set()
        await self.go.wait()
        return await self._kafka.publish(records)
