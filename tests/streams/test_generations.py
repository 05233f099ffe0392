"""A journal that is given more partitions: every enterprise goes on from where it stood."""

import asyncio
import copy
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from counted_year import lists, table
from decide_world import World
from grown_city import Dying, GrownCity, KilledError, live_through, partition_of
from journal_events import ENTERPRISES
from public_builders import ORDERED, a_result

from connectors.audit import render
from connectors.console.figures.simulate import in_order
from connectors.generate import CitySpec, generate
from connectors.statistics.file import StatisticsFile
from schemas.generations import Cut, Generation, Generations, JournalGenerations
from schemas.messages import RESULT_RECORDED, STOP_ORDERED, TASK_CANCELLED
from schemas.topics import DECIDED, JOURNAL, dlq_topic
from streams.ports import Outgoing
from streams.statistics import Statistics

SPEC = CitySpec(
    year=2025, districts=2, systems=8, subjects=60, officers=80, tasks=300,
    control_changes=True, specials=3,
)  # fmt: skip
PLACE = ("source", "decided_at")


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, GrownCity]:
    """One year twice: in a journal that grew from two to five to seven, and in one that did not."""
    keys = tmp_path_factory.mktemp("city") / "keys"
    return {
        "grown": live_through(keys, SPEC, 1, 2, 5, 7),
        "ungrown": live_through(keys, SPEC, 1, 2, 2, 2),
    }


def violations(city: GrownCity) -> set[str]:
    """The checks of the auditor that found something."""
    return {check.name for check in city.audit().checks if check.violations_total}


def test_the_auditor_agrees_with_every_record_of_every_generation(cities: dict[str, GrownCity]):
    report = cities["grown"].audit()

    assert report.ok, render(report)
    seen = {check.name: check.looked_at for check in report.checks}
    assert seen["I6.generations"] > 10
    assert seen["I4.relayed"] > 5


def test_the_view_made_again_from_all_generations_is_the_live_one(cities: dict[str, GrownCity]):
    city = cities["grown"]

    assert asyncio.run(city.rebuilt()).content() == city.view.content()


def test_growing_changes_no_fact_and_no_code(cities: dict[str, GrownCity]):
    """Caps count on, repeats are known, and codes are what they would have been."""
    grown, ungrown = (_facts(cities[name]) for name in ("grown", "ungrown"))

    assert grown == ungrown
    facts = {fact["fact"] for answer in cities["grown"].answers() for fact in answer["facts"]}
    assert {"REPEATED", "CONFLICT", "COMPLETED", "DISCLOSURE", "SPECIAL", "REPAIR"} <= facts


def test_statistics_of_all_generations_are_those_of_the_ungrown_journal(
    cities: dict[str, GrownCity], tmp_path: Path
):
    def figures(name: str) -> list[Any]:
        city, path = cities[name], tmp_path / name
        with StatisticsFile(path) as store:
            counting = Statistics(
                store, city.kafka, city.generations.partitions, generations=city.generations
            )
            asyncio.run(counting.level())
        return [table(path, "visit"), table(path, "item"), table(path, "frequency"), lists(path)]

    found = figures("grown")

    assert found == figures("ungrown")
    assert all(found)


def test_a_simulation_reads_every_record_once_and_each_enterprise_in_its_order(
    cities: dict[str, GrownCity],
):
    city = cities["grown"]
    journal = {at: (0, len(log)) for at, log in city.kafka.logs.items() if at[0] == JOURNAL}

    last, read = dict[bytes, int](), 0
    for spans in in_order(city.generations, journal):
        for (topic, number), (start, end) in spans.items():
            for record in city.kafka.logs[topic, number][start:end]:
                rank = city.generations.base(number, record.offset) + record.offset
                assert rank > last.get(record.key, -1)
                last[record.key], read = rank, read + 1

    assert read == len(city.kafka.all(JOURNAL))


def test_most_enterprises_went_to_another_partition(cities: dict[str, GrownCity]):
    """Else all of the above would show nothing."""
    lies = defaultdict(set)
    for record in cities["grown"].kafka.all(JOURNAL):
        lies[record.key].add(record.partition)

    assert sum(len(some) > 1 for some in lies.values()) > len(lies) / 2


def test_an_old_copy_of_the_view_is_made_again_for_the_generation_in_force(tmp_path: Path):
    """Taken while all was quiet, just before the journal grew, it has every position right."""

    async def story() -> GrownCity:
        city = GrownCity(tmp_path / "keys")
        lines = _lines()
        await city.live(lines)
        city.grow(5)
        before = copy.deepcopy(city.view)
        await city.decide()
        city.view = before
        await city.decide()
        return city

    city = asyncio.run(story())

    assert city.audit().ok, render(city.audit())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_killed_while_the_view_is_filled_it_is_filled_again(tmp_path: Path, share: float):
    async def story() -> GrownCity:
        city = GrownCity(tmp_path / "keys")
        await city.live(_lines())
        city.grow(5)
        left = int(share * sum(len(part.states) for part in city.view.parts.values()))
        with pytest.raises(KilledError):
            await city.decide(view=Dying(city.view, left))
        await city.decide()
        return city

    city = asyncio.run(story())

    assert city.audit().ok, render(city.audit())
    assert asyncio.run(city.rebuilt()).content() == city.view.content()


def test_a_record_in_the_wrong_partition_is_not_decided_there(tmp_path: Path):
    """Its writer did not know that the journal grew; as a dead letter it can be sent again."""

    async def story() -> GrownCity:
        city = GrownCity(tmp_path / "keys")
        await city.live(_lines())
        city.grow(5)
        known = {record.key: record for record in city.kafka.all(JOURNAL)}
        stray = next(r for r in known.values() if city.generations.partition(r.key.decode()) > 1)
        there = partition_of(stray.key.decode(), 2)
        city.kafka.append(Outgoing(JOURNAL, there, stray.key, stray.value, stray.headers))
        await city.decide()
        return city

    city = asyncio.run(story())

    (letter,) = city.kafka.all(dlq_topic("decide"))
    assert b"ForeignPartitionError" in dict(letter.headers)["kafka_dlt-exception-message"]
    assert "I6.journal" in violations(city)


def test_an_enterprise_whose_state_was_left_behind_is_found(tmp_path: Path):
    async def story() -> GrownCity:
        city = GrownCity(tmp_path / "keys")
        await city.live(_lines())
        city.grow(5)
        await city.decide()
        assert city.audit().ok
        part = city.view.parts[4]
        key = next(iter(part.states))
        city.view.parts[0].states[key] = part.states.pop(key)
        return city

    assert violations(asyncio.run(story())) == {"I11.states"}


def test_a_record_of_an_earlier_generation_that_is_decided_twice_is_found(tmp_path: Path):
    async def story() -> GrownCity:
        city = GrownCity(tmp_path / "keys")
        await city.live(_lines())
        city.grow(5)
        await city.decide()
        first = city.kafka.logs[DECIDED, 0][0]
        again = orjson.loads(first.value)
        again["facts"][0] |= {"fact": "FAULTED", "error": "x"}
        city.kafka.append(Outgoing(DECIDED, 0, first.key, orjson.dumps(again), first.headers))
        return city

    assert "I3" in violations(asyncio.run(story()))


def _nothing_earlier(_self: Generations) -> list[Any]:
    return []


def _newest_home(self: Generations, key: str) -> int:
    return self.partition(key)


@pytest.mark.parametrize(
    ("name", "fault", "seen_by"),
    [
        pytest.param("earlier", _nothing_earlier, "I10", id="nothing is carried over"),
        pytest.param("home", _newest_home, "I2.codes", id="codes name the newest partition"),
    ],
)
def test_planted_faults_are_seen_by_the_auditor(
    name: str, fault: Any, seen_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Generations, name, fault)

    assert seen_by in violations(live_through(tmp_path / "keys", SPEC, 1, 2, 5))


def _lines() -> list[bytes]:
    return list(generate(replace(SPEC, subjects=30, tasks=120), 3))


def _facts(city: GrownCity) -> dict[str, list[Any]]:
    """What became of each enterprise, in order, wherever it was decided."""
    found: dict[str, list[Any]] = defaultdict(list)
    for answer in sorted(city.answers(), key=lambda one: (_rank(city, one), one["key"])):
        for fact in answer["facts"]:
            if isinstance(fact.get("decision"), dict):
                fact["decision"] = {k: v for k, v in fact["decision"].items() if k not in PLACE}
            found[answer["key"]].append(fact)
    return found


def _rank(city: GrownCity, answer: dict[str, Any]) -> int:
    place = answer["src"]
    return city.generations.base(place["partition"], place["offset"]) + int(place["offset"])


async def test_what_an_enterprise_did_before_counts_after(tmp_path: Path):
    """Its cap is used up, a repeat is a repeat, and its result of before can be stopped."""
    world = World(2)
    uscc = next(one for one in ENTERPRISES if partition_of(one, 5) > 1)
    world.submit("T-0", uscc)
    world.write(TASK_CANCELLED, {"task_id": "T-0"}, uscc=uscc)
    for number in (1, 2):
        world.submit(f"T-{number}", uscc)
    result = a_result("R-1", task_id="T-1")
    world.write(RESULT_RECORDED, result, uscc=uscc)
    await world.work_all()
    old, new = partition_of(uscc, 2), partition_of(uscc, 5)
    assert [*world.view.parts[old].public] == [f"{uscc}\x1fR-1"]
    first = world.decided(old)[0]
    world.kafka.append(Outgoing(DECIDED, old, first.key, first.value, first.headers))  # once more
    generations = _grown(world, 5)

    world.submit("T-1", uscc)
    world.submit("T-3", uscc)
    order = {"result_id": "R-1", "stop_reason": "BANKRUPTCY_TEMP_MASK", "ordered_at": ORDERED}
    order |= {"scope": "PUBLIC_AND_SHARING", "reason": "破产"}
    world.write(STOP_ORDERED, order, uscc=uscc)
    await world.work(new, generations=generations)

    repeated, third, stopped = [orjson.loads(one.value)["facts"][0] for one in world.decided(new)]
    assert repeated == {"fact": "REPEATED", "task_id": "T-1"}
    made = third["decision"]
    assert (made["decision"], made["counted"]) == ("INTERCEPTED_OVER_CAP", ["T-1", "T-2"])
    assert (stopped["state"], stopped["version"]) == ("STOPPED", 2)
    assert world.view.parts[new].public == {}
    feed = [orjson.loads(one.value) for one in world.kafka.all("insp.feed.SITE-A")]
    assert [(one["version"], one["source"]["partition"]) for one in feed] == [(1, old), (2, new)]


def _grown(world: World, partitions: int) -> Generations:
    cuts = tuple(
        Cut(journal=len(world.kafka.logs[JOURNAL, n]), decided=len(world.kafka.logs[DECIDED, n]))
        for n in range(partitions)
    )
    world.kafka.partitions = world.partitions = partitions
    told = JournalGenerations(first=2, later=(Generation(cuts=cuts),))
    return Generations(told, partition_of)
