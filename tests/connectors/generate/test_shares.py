"""How much of everything: caps that fill up, repeats, refusals, and every case of the rules."""

from collections import Counter
from datetime import date

import pytest

from connectors.generate import (
    CitySpec,
    city_year,
    district_day,
    generate,
    quarter_burst,
    summary,
)
from connectors.generate.cases import Case
from connectors.generate.malformed import FAULTS
from schemas.enums import Choice, EntryHow, Kind, Mode, Trigger

EXEMPT = {
    "COMPLAINT",
    "TRANSFER",
    "DATA_MONITORING",
    "ENTERPRISE_REQUEST",
    "OFFSITE_FINDING",
    "MEDIA",
    "RECTIFICATION_REVIEW",
    "LICENSING_VERIFY",
    "URGENT",
}
SPECS = [
    pytest.param(city_year(4_000), id="a short year"),
    pytest.param(city_year(20_000), id="a year"),
    pytest.param(quarter_burst(10_000), id="a burst"),
    pytest.param(district_day(date(2026, 11, 23)), id="a day of a district"),
]


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("seed", [1, 2])
def test_at_least_three_in_ten_capped_pairs_reach_their_cap(spec: CitySpec, seed: int) -> None:
    found = summary(generate(spec, seed))

    assert found.capped_pairs > 100
    assert found.full_share >= 0.30


@pytest.mark.parametrize("spec", SPECS[1:])
def test_one_line_in_ten_repeats_an_earlier_one_and_one_in_a_hundred_is_refused(spec) -> None:
    found = summary(generate(spec, 3))

    assert found.duplicate_share == pytest.approx(0.10, abs=0.02)
    assert found.refused_share == pytest.approx(0.01, abs=0.005)
    assert found.repeated > found.resent > 0
    assert found.conflicting > 0


def test_shares_follow_the_spec() -> None:
    none = summary(generate(CitySpec(**SMALL, duplicates=0.0, malformed=0.0), 1))
    many = summary(generate(CitySpec(**SMALL, duplicates=0.3, malformed=0.15), 1))

    assert (none.repeated, none.refused.total()) == (0, 0)
    assert none.resent <= 0.002 * none.events
    assert many.duplicate_share == pytest.approx(0.30, abs=0.03)
    assert many.refused_share == pytest.approx(0.15, abs=0.02)


SMALL = {"districts": 2, "systems": 8, "subjects": 1_000, "officers": 400, "tasks": 1_500}


def test_a_short_file_has_every_case() -> None:
    spec = CitySpec(**SMALL, annotate=True)
    marks = [line.partition(b'"hubcase":"')[2].partition(b'"')[0] for line in generate(spec, 5)]

    assert {mark.decode() for mark in marks if mark} == set(Case)


def test_every_way_to_be_refused_is_there_with_its_reason(sent) -> None:
    expected = Counter(event["hubexpect"] for event in sent if "hubexpect" in event)

    assert set(expected) == {f"DLQ:{reason}" for reason, _ in FAULTS}


def test_every_trigger_mode_and_kind_is_there(tasks) -> None:
    assert {task["trigger"] for task in tasks} == set(Trigger)
    assert {task["mode"] for task in tasks} == set(Mode)
    assert {task["kind"] for task in tasks} == set(Kind)
    with_clue = {task["trigger"] for task in tasks if task["clue_no"]}
    assert with_clue == EXEMPT
    assert any(task["trigger"] in EXEMPT and not task["clue_no"] for task in tasks)


def test_every_entry_choice_and_kind_of_event_is_there(accepted) -> None:
    def told(event_type: str, field: str) -> set[str]:
        return {e["data"][field] for e in accepted if e["type"] == event_type}

    assert told("inspection.entry.recorded", "how") == set(EntryHow)
    assert told("inspection.choice.recorded", "choice") == set(Choice)
    assert told("inspection.result.recorded", "backfill") == {True, False}
    assert told("inspection.result.recorded", "found_problem") == {True, False}
    assert told("whitelist.changed", "listed") == {True, False}
    assert {"A", "B", "C", "D"} == told("subject.classified", "class")
    assert {"CREDIT_EVALUATION", "GENERAL_RISK", "INDUSTRY:06"} == told(
        "subject.classified", "scheme"
    )
    months = {e["time"][:7] for e in accepted if e["type"] == "subject.classified"}
    assert {f"2026-{month:02d}" for month in range(1, 13)} <= months


def test_some_enterprises_are_visited_far_more_than_others(tasks) -> None:
    visits = sorted(Counter(task["uscc"] for task in tasks).values(), reverse=True)
    hottest = visits[: len(visits) // 10]

    assert sum(hottest) > 0.25 * sum(visits)
    assert visits[0] >= 10
