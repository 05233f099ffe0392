"""What was published of a draw never changes, and a seed is the one committed to, or refused."""

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest
from fakes import FakeKafka

from schemas.codec import JSON, encode_json
from schemas.dead_letter import from_headers
from schemas.envelope import Envelope, write_headers
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.malformed import Malformed
from schemas.messages import (
    DRAW_COMMITTED,
    DRAW_REVEALED,
    REGISTRY_DEPARTMENT,
    REGISTRY_SPECIAL,
)
from schemas.reasons import Refusal
from schemas.registry import RegistryDepartment, RegistrySpecial, SpecialParty
from schemas.special_words import ClaimStatus, SpecialStatus
from schemas.topics import CTL_REGISTRY, dlq_topic
from streams.draw_checks import check_draw
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.ports import Outgoing
from streams.registry import Registry, ctl_key, read_ctl

DEPT, OTHER = "WJW-120116", "XFJ-120116"
SEED = "5e" * 32
AT = datetime(2026, 4, 1, 1, tzinfo=UTC)


def committed(**fields) -> DrawCommitted:
    plain = {
        "draw_id": "D-1", "dept": DEPT, "quarter": "2026Q2", "frame_sha256": "ab" * 32,
        "seed_sha256": hashlib.sha256(bytes.fromhex(SEED)).hexdigest(), "objects": 10, "take": 2,
        "officers": 5, "committed_at": AT,
    }  # fmt: skip
    return DrawCommitted(**{**plain, **fields})


def revealed(**fields) -> DrawRevealed:
    plain = {
        "draw_id": "D-1", "dept": DEPT, "seed": SEED, "chosen_sha256": "cd" * 32, "revealed_at": AT,
    }  # fmt: skip
    return DrawRevealed(**{**plain, **fields})


def registry_with(*entries) -> Registry:
    registry = Registry()
    for entry in entries:
        type_ = DRAW_COMMITTED if isinstance(entry, DrawCommitted) else DRAW_REVEALED
        registry.put(type_, entry)
    return registry


TABLE = [
    # said before, said now, by whom, refused for
    ([], committed(), DEPT, None),
    ([committed()], committed(), DEPT, None),
    ([committed()], committed(take=3), DEPT, Refusal.DRAW_TAKEN),
    ([committed()], committed(dept=OTHER), OTHER, Refusal.DRAW_TAKEN),
    ([], committed(dept=OTHER), DEPT, Refusal.FOREIGN_SOURCE),
    ([], revealed(), DEPT, Refusal.DRAW_NOT_COMMITTED),
    ([committed()], revealed(), DEPT, None),
    ([committed()], revealed(dept=OTHER), OTHER, Refusal.DRAW_NOT_COMMITTED),
    ([committed()], revealed(seed="00" * 32), DEPT, Refusal.DRAW_SEED),
    ([committed()], revealed(public_value="3204"), DEPT, Refusal.DRAW_SEED),
    ([committed(public_source="index")], revealed(), DEPT, Refusal.DRAW_SEED),
    ([committed(public_source="index")], revealed(public_value="3204"), DEPT, None),
    ([committed(), revealed()], revealed(), DEPT, None),
    ([committed(), revealed()], revealed(chosen_sha256="ee" * 32), DEPT, Refusal.DRAW_TAKEN),
]


@pytest.mark.parametrize(("before", "now", "dept", "reason"), TABLE)
def test_what_may_be_published(before, now, dept, reason):
    registry = registry_with(*before)

    if reason is None:
        check_draw(dept, now, registry)
        return
    with pytest.raises(Malformed) as refused:
        check_draw(dept, now, registry)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("type_", "entry"), [(DRAW_COMMITTED, committed()), (DRAW_REVEALED, revealed())]
)
def test_both_are_kept_side_by_side_on_the_registry_topic(type_, entry):
    key = ctl_key(type_, entry).encode()

    assert read_ctl(key, entry.model_dump_json().encode()) == (type_, entry)
    assert key == f"{type_}:D-1".encode()


def special(status=SpecialStatus.FILED, **fields) -> RegistrySpecial:
    plain = {"special_id": "ZX-1", "version": 1, "status": status, "planners": (DEPT,)}
    return RegistrySpecial(**{**plain, **fields})


CLAIMED = SpecialParty(dept=OTHER, status=ClaimStatus.CLAIMED)
WAITING = SpecialParty(dept=OTHER, status=ClaimStatus.WAITING)


@pytest.mark.parametrize(
    ("entry", "dept", "said"),
    [
        (None, DEPT, "SPECIAL_UNKNOWN"),
        (special(), DEPT, None),
        (special(parties=(CLAIMED,)), OTHER, None),
        (special(parties=(WAITING,)), OTHER, "SPECIAL_NOT_CLAIMED"),
        (special(), OTHER, "SPECIAL_NOT_A_PARTY"),
        (special(SpecialStatus.PROPOSED), DEPT, "SPECIAL_NOT_AGREED"),
        (special(SpecialStatus.CLOSED), DEPT, "SPECIAL_CLOSED"),
        (special(confidential=True), DEPT, "confidential"),
    ],
)
def test_a_commitment_names_a_special_inspection_that_stands(entry, dept, said):
    registry = Registry()
    if entry is not None:
        registry.put(REGISTRY_SPECIAL, entry)
    now = committed(dept=dept, special_id="ZX-1")

    if said is None:
        check_draw(dept, now, registry)
        return
    with pytest.raises(Malformed, match=said) as refused:
        check_draw(dept, now, registry)
    assert (refused.value.reason, refused.value.field) == (Refusal.DRAW_SPECIAL, "special_id")


def test_what_was_committed_to_stands_after_the_end_of_the_special_inspection():
    now = committed(special_id="ZX-1")
    registry = registry_with(now)
    registry.put(REGISTRY_SPECIAL, special(SpecialStatus.CLOSED))

    check_draw(DEPT, now, registry)


class AlwaysLevel:
    """Control topics with nothing new: what was published is not read back yet."""

    async def level(self, *, now=False):
        pass


def a_record(type_: str, entry: DrawCommitted | DrawRevealed, dept: str = DEPT) -> Outgoing:
    envelope = Envelope(id="E-1", source=dept, type=type_, time="2026-02-01T09:00:00+08:00")
    return Outgoing(f"insp.in.{dept}", 0, None, encode_json(entry), write_headers(envelope, JSON))


@pytest.mark.parametrize("at_once", [True, False], ids=["one batch", "one after the other"])
async def test_what_was_just_published_does_not_change_before_it_is_read_back(at_once):
    registry, kafka = Registry(), FakeKafka()
    registry.put(REGISTRY_DEPARTMENT, RegistryDepartment.model_construct(dept=DEPT))
    handler = IntakeHandler(registry=registry, control=AlwaysLevel(), publisher=kafka)
    said = [
        (DRAW_COMMITTED, committed()),
        (DRAW_COMMITTED, committed(take=3)),
        (DRAW_REVEALED, revealed()),
        (DRAW_REVEALED, revealed(chosen_sha256="ee" * 32)),
    ]
    records = [kafka.append(a_record(*one)) for one in said]

    for batch in [records] if at_once else [[one] for one in records]:
        await handler.handle(Partition(records[0].topic, 0), batch)

    published = [read_ctl(one.key, one.value)[1] for one in kafka.all(CTL_REGISTRY)]
    refused = [
        from_headers(one.headers, one.value).reason for one in kafka.all(dlq_topic("intake"))
    ]
    assert published == [committed(), revealed()]
    assert refused == [Refusal.DRAW_TAKEN, Refusal.DRAW_TAKEN]


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


async def test_of_two_departments_that_commit_to_one_draw_in_the_same_moment_one_is_refused():
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

    # Taken in once more, by workers that begin anew, after a crash before the commit of offsets.
    again = {dept: a_worker(kafka) for dept in (second, first)}
    for task in tasks(again):
        await task

    assert refusals_of(kafka) == lost * 2
    assert kafka.all(CTL_REGISTRY) == published
    assert standing_after(published) == stands == standing_after(compacted(published))


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
