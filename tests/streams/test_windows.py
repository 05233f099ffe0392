"""Windows close by themselves, enterprise by enterprise, and what comes of it is audited."""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import orjson
import pytest
from audited_hub import Level, audit_of
from builders import a_document
from fakes import FakeKafka, FakeView
from virtual_time import run_virtual

from benchmarks.brute_draws import overlaps
from connectors.audit import render
from connectors.console.traffic.event_lines import LineReader
from connectors.generate.quarter import QuarterSpec, generate_quarter
from connectors.keys import create_demo_keys, open_key_ring
from connectors.sites.table import FORMS
from schemas.codec import decode_journal
from schemas.facts import Decided
from schemas.joint_facts import JointFact, WindowClosedFact
from schemas.messages import POLICY_PUBLISHED, REGISTRY_CALENDAR, WINDOW_CLOSED
from schemas.registry import RegistryCalendar
from schemas.topics import DECIDED, JOURNAL
from streams.decide import DecideHandler
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.mint import KeyMint
from streams.policies import PolicyBook
from streams.ports import Outgoing
from streams.registry import Registry
from streams.timers import Portions
from streams.windows import WindowKeeper

PARTITIONS = 2
SPEC = QuarterSpec(districts=1, systems=8, draws=400, visits=25)
AFTER = date(2026, 4, 9)


def a_registry(**numbers: object) -> Registry:
    registry = Registry()
    registry.put(POLICY_PUBLISHED, a_document(**numbers))
    return registry


class Waiting:
    """A keeper over a view in which these enterprises wait, and what it appended."""

    def __init__(self, names: Iterable[str], registry: Registry) -> None:
        view, self.kafka = FakeView(), FakeKafka(1)
        view.parts[0].drawn.update(names)
        view.parts[0].next_offset = 1 << 60  # whatever is appended has been decided
        portions = Portions(view, self.kafka, asyncio.Event())
        self.keeper = WindowKeeper(view, portions, 1, registry)

    def close(self, today: date, times: int = 1) -> list[str]:
        async def looks() -> None:
            for _ in range(times):
                await self.keeper.close(today)

        run_virtual(looks())
        found = []
        for record in self.kafka.all(JOURNAL):
            event = decode_journal(record.value)
            assert event.type == WINDOW_CLOSED
            found.append(f"{event.data.quarter} {record.key.decode()} {event.data.on}")
        return sorted(found)


def test_a_window_closes_the_day_after_its_last() -> None:
    names = ["2026Q2\x1fA", "2026Q2\x1fB", "2026Q3\x1fA"]

    assert Waiting(names, a_registry()).close(date(2026, 4, 8)) == []
    assert Waiting(names, a_registry()).close(AFTER) == [
        "2026Q2 A 2026-04-09",
        "2026Q2 B 2026-04-09",
    ]


def test_administrators_days_and_the_policy_move_it() -> None:
    longer = a_registry(draw_days=6)
    off = a_registry()
    entry = {"day": date(2026, 4, 7), "kind": "REST", "source": "通知"}
    off.put(REGISTRY_CALENDAR, RegistryCalendar.model_validate(entry, strict=False))

    for registry in (longer, off):
        assert Waiting(["2026Q2\x1fA"], registry).close(AFTER) == []


def test_without_a_calendar_or_a_policy_nothing_closes() -> None:
    assert Waiting(["2031Q1\x1fA"], a_registry()).close(date(2031, 3, 1)) == []
    assert Waiting(["2026Q2\x1fA"], Registry()).close(AFTER) == []


def test_the_same_close_has_the_same_id_and_carries_the_calendar() -> None:
    waiting = Waiting(["2026Q2\x1fA"], a_registry())
    waiting.close(AFTER, times=2)

    ids = [decode_journal(record.value).id for record in waiting.kafka.all(JOURNAL)]

    assert len(ids) == 2
    assert set(ids) == {"window:2026Q2:A:2026-04-09"}


class World:
    """Intake, decide and the scheduler's keeper over fakes."""

    def __init__(self, keys: Path) -> None:
        self.kafka, self.view, self.registry = FakeKafka(PARTITIONS), FakeView(), Registry()
        self.control = Level(self.kafka, self.registry)
        self.intake = IntakeHandler(
            registry=self.registry, control=self.control, publisher=self.kafka
        )
        ring = open_key_ring(keys)
        self.decider = DecideHandler(
            view=self.view,
            logs=self.kafka,
            publisher=self.kafka,
            policies=PolicyBook(self.registry),
            mint=KeyMint(ring.year_key, ring.signer(), "https://hub.example"),
            states_cached_max=50,
            forms=FORMS,
        )
        self.decided = dict.fromkeys(range(PARTITIONS), 0)
        self.opened = False

    async def take(self, lines: Iterable[bytes]) -> None:
        reader, places = LineReader(), itertools.count()
        for line in lines:
            posting = reader.read(line, next(places))
            time = dict(posting.headers)["ce_time"].decode()
            self.kafka.now_ms = max(self.kafka.now_ms, _ms(time))
            topic = f"insp.in.{posting.dept}"
            sent = Outgoing(topic, 0, posting.key, posting.value, posting.headers)
            await self.intake.handle(Partition(topic, 0), [self.kafka.append(sent)])

    async def decide(self) -> None:
        await self.control.level()
        for number in range(PARTITIONS):
            tp = Partition(JOURNAL, number)
            if not self.opened:
                await self.decider.open(tp, None)
            log = self.kafka.logs[JOURNAL, number]
            for at in range(self.decided[number], len(log), 200):
                await self.decider.handle(tp, log[at : at + 200])
            self.decided[number] = len(log)
        self.opened = True

    async def close(self, dies_after: int = -1) -> int:
        """A scheduler that has just started closes windows, and decide goes on beside it."""
        portions = Portions(self.view, self.kafka, asyncio.Event())
        keeper = WindowKeeper(self.view, portions, PARTITIONS, self.registry)
        closing = asyncio.create_task(keeper.close(AFTER))
        while not closing.done() and (dies_after := dies_after - 1):
            await self.decide()
            await asyncio.sleep(0.02)
        if closing.cancel():
            return -1
        return await closing

    def answers(self) -> list[Decided]:
        return [Decided.model_validate_json(record.value) for record in self.kafka.all(DECIDED)]


def _ms(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    keys = tmp_path_factory.mktemp("keys")
    create_demo_keys(keys, years=range(2025, 2028))
    made = World(keys)
    made.keys = keys  # type: ignore[attr-defined]
    lines = list(generate_quarter(SPEC, 3))
    until = next(n for n, line in enumerate(lines) if _day_of(line) >= "2026-04-09")
    made.kafka.now_ms = _ms(orjson.loads(lines[0])["time"])

    async def run() -> None:
        await made.take(lines[:until])
        await made.decide()
        made.waited = {name[7:] for part in made.view.parts.values() for name in part.drawn}  # type: ignore[attr-defined]
        made.asked = [await made.close(dies_after=5), await made.close(), await made.close()]  # type: ignore[attr-defined]
        await made.take([*lines[until:], bad_draw(lines[-1])])
        await made.decide()

    run_virtual(run())
    return made


def bad_draw(last: bytes) -> bytes:
    """A draw of which one object is no credit code, sent after the last line."""
    event = orjson.loads(last)
    data = {
        "draw_id": "CQ-BAD", "quarter": "2026Q2", "plan_code": "P", "drawn_at": event["time"],
        "items": ["1101-001"], "objects": ["91120116MA05ABCD0A", "not a code"],
    }  # fmt: skip
    return orjson.dumps({**event, "id": "bad", "type": "draw.submitted", "data": data}) + b"\n"


def _day_of(line: bytes) -> str:
    return str(orjson.loads(line)["time"])[:10]


def test_each_window_closes_once_though_the_scheduler_dies_and_then_nothing_waits(world) -> None:  # type: ignore[no-untyped-def]
    dead, asked, last = world.asked
    assert (dead < 0 < asked < len(world.waited), last) == (True, 0)
    closed = [
        answer.key
        for answer in world.answers()
        for fact in answer.facts
        if isinstance(fact, WindowClosedFact)
    ]
    assert sorted(closed) == sorted(world.waited)
    assert all(not part.drawn for part in world.view.parts.values())


def test_what_overlaps_by_plain_sets_is_what_was_formed(world) -> None:  # type: ignore[no-untyped-def]
    plain = overlaps(generate_quarter(SPEC, 3), SPEC.year, SPEC.quarter)
    found = {}
    for answer in world.answers():
        closed = [fact for fact in answer.facts if isinstance(fact, WindowClosedFact)]
        if closed:
            drew = {*closed[0].alone, *(one.dept for one in closed[0].dropped)}
            for fact in answer.facts:
                if isinstance(fact, JointFact):
                    drew |= {*fact.members, *fact.left}
            found[answer.key] = drew

    assert found == plain.who


# No cap fills up in so short a quarter.
SELDOM = frozenset({"I1'"})


def test_the_auditor_finds_nothing_wrong(world) -> None:  # type: ignore[no-untyped-def]
    report = audit_of(world.kafka, world.view, world.keys, SELDOM)

    assert report.ok, render(report)
    looked = {check.name for check in report.checks if check.looked_at}
    assert looked >= {"I2.joint", "I4.draws", "I11.joints", "I10", "I1", "I2.codes"}


def drop_a_joint_task(world: World) -> None:
    part = next(part for part in world.view.parts.values() if part.joints)
    part.joints.pop(next(iter(part.joints)))


def let_a_draw_wait(world: World) -> None:
    world.view.parts[0].drawn.add("2026Q2\x1f91120116MA05ABCD0A")


def draw_one_more(world: World) -> None:
    """Another object stands in the draw that was sent than in the journal."""
    for (topic, _), log in world.kafka.logs.items():
        for at, record in enumerate(log):
            if topic.startswith("insp.in.") and b'"objects":["' in (record.value or b""):
                more = record.value.replace(b'"objects":["', b'"objects":["91120116MA05ABCD0A","')
                log[at] = replace(record, value=more)
                return


def give_two_codes(world: World) -> None:
    """A member's task gets another code than the others: not derived, and not the visit's."""
    for log in (world.kafka.logs[DECIDED, number] for number in range(PARTITIONS)):
        for at, record in enumerate(log):
            decided = orjson.loads(record.value)
            fact = decided["facts"][0]
            if fact["fact"] == "DECIDED" and fact["task"]["along"] and fact["decision"]["code"]:
                fact["decision"]["code"] = fact["decision"]["code"][:-4] + "0000"
                log[at] = replace(record, value=orjson.dumps(decided))
                return


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (drop_a_joint_task, "I11.joints"),
        (let_a_draw_wait, "I11.drawn"),
        (draw_one_more, "I4.draws"),
        (give_two_codes, "I2.codes"),
    ],
)
def test_damage_is_found(world, damage, check) -> None:  # type: ignore[no-untyped-def]
    damaged = copy.copy(world)
    damaged.kafka, damaged.view = copy.deepcopy(world.kafka), copy.deepcopy(world.view)
    damage(damaged)

    report = audit_of(damaged.kafka, damaged.view, world.keys, SELDOM)

    assert check in {one.name for one in report.checks if one.violations_total}
