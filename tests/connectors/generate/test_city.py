"""The city before the first event: enterprises, policy, presets, and specs that cannot be."""

from collections import Counter
from datetime import date, time

import orjson
import pytest
from stdnum.cn import uscc as oracle

from connectors.generate import CitySpec, district_day, generate, quarter_burst, summary
from connectors.generate.cases import Case
from connectors.generate.city import build_city
from connectors.generate.malformed import FAULTS
from connectors.generate.policy import policy_document
from connectors.generate.subjects import Subjects, credit_code, with_wrong_check
from connectors.generate.summary import Tally
from schemas.enums import CapScope, JointCounting
from schemas.policy import PolicyDocument

IN_THE_PAST = {
    Case.BACKFILL,
    Case.LATE_BACKFILL,
    Case.APPROVED_AFTERWARDS,
    Case.URGENT_APPROVED_TOO_LATE,
}


def policy(spec: CitySpec, *, relaxed: bool = False) -> PolicyDocument:
    document = policy_document(build_city(spec, 1), relaxed=relaxed)
    return PolicyDocument.model_validate_json(orjson.dumps(document))


def test_credit_codes_are_distinct_and_valid_by_another_program() -> None:
    codes = [credit_code("91", "120116", serial) for serial in range(3_000)]

    assert len(set(codes)) == len(codes)
    assert all(oracle.is_valid(code) for code in codes)
    assert not any(oracle.is_valid(with_wrong_check(code)) for code in codes)


def test_enterprises_are_told_apart_by_district_and_oddity() -> None:
    subjects = Subjects(("120116", "120101", "120102"), 100, 1)

    assert len(set(subjects.codes)) == subjects.count
    assert sorted(n for district in range(3) for n in subjects.of_district(district)) == list(
        range(100)
    )
    for district in range(3):
        for number in subjects.of_district(district):
            assert subjects.oddity(number) is None
            assert subjects.district(number) == district


def test_the_policy_tries_every_way_of_counting() -> None:
    caps = policy(CitySpec()).cap

    assert {cap.scope.kind for cap in caps} == set(CapScope)
    assert {cap.joint for cap in caps} == set(JointCounting)
    assert {0, 1, 2, 3, 4, 6} <= {cap.max for cap in caps}
    assert any(cap.match.items for cap in caps)
    assert any(cap.match.class_ for cap in caps)
    assert any(cap.match.industry for cap in caps)
    assert any(cap.match.object_types for cap in caps)
    assert any(cap.years > 1 and cap.max for cap in caps)
    assert any(cap.min is not None and cap.max is None for cap in caps)
    assert any(cap.exempt_triggers for cap in caps)
    assert any(cap.not_counted_triggers for cap in caps)
    assert any(len(cap.modes) == 2 for cap in caps)
    versions = Counter(cap.id for cap in caps)
    assert max(versions.values()) == 2


def test_the_default_cap_is_two_and_the_policy_of_mid_year_relaxes_it() -> None:
    first, second = policy(CitySpec()), policy(CitySpec(), relaxed=True)

    assert next(cap.max for cap in first.cap if cap.id == "GEN-DEFAULT") == 2
    assert next(cap.max for cap in second.cap if cap.id == "GEN-DEFAULT") == 3
    assert first.full_version != second.full_version


@pytest.mark.parametrize("city_level", [True, False])
def test_the_departments_of_every_rule_exist(city_level: bool) -> None:
    spec = CitySpec(districts=2, systems=8, city_level=city_level, subjects=100, officers=100)
    known = set(build_city(spec, 1).by_code)

    for cap in policy(spec).cap:
        assert set(cap.scope.members) <= known
        if cap.scope.kind is CapScope.AGENCY:
            assert cap.scope.id in known


@pytest.mark.parametrize(
    ("today", "until"),
    [
        pytest.param(date(2026, 11, 23), time(17, 30), id="a working day"),
        pytest.param(date(2026, 10, 1), time(9, 0), id="a holiday, seen in the morning"),
        pytest.param(date(2026, 12, 31), time(0, 20), id="the last day, seen just after midnight"),
        pytest.param(date(2027, 3, 2), time(12, 0), id="a year without a calendar"),
    ],
)
def test_a_day_of_a_district_lies_before_its_hour_and_nothing_expires(today, until) -> None:
    spec = district_day(today, until=until, annotate=True)
    sent = [orjson.loads(line) for line in generate(spec, 3)]
    good = [event for event in sent if "hubexpect" not in event]
    tasks = [event for event in good if event["type"] == "inspection.task.submitted"]

    assert all(event["time"][:10] == str(today) for event in good)
    assert max(event["time"] for event in good) <= f"{today}T{until}.000+08:00"
    assert len({event["data"]["task_id"] for event in tasks}) == pytest.approx(2_000, rel=0.05)
    planned = [
        date.fromisoformat(event["data"]["planned_on"])
        for event in tasks
        if event["hubcase"] not in IN_THE_PAST
    ]
    assert {(day - today).days for day in planned} == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_a_burst_is_a_wave_of_drawn_tasks_in_five_days(quarter: int) -> None:
    spec = quarter_burst(4_000, quarter=quarter)
    sent = [orjson.loads(line) for line in generate(spec, 1)]
    drawn = [
        event["time"][:10]
        for event in sent
        if event["type"] == "inspection.task.submitted"
        and event.get("data", {}).get("plan_code")
        and "time" in event
    ]

    assert len(drawn) > 0.6 * 4_000
    assert len({day for day, count in Counter(drawn).items() if count > 100}) == 5


def test_registries_and_policy_change_in_mid_year_only_when_asked() -> None:
    small = {"districts": 1, "systems": 8, "subjects": 100, "officers": 100, "tasks": 300}

    def later_registry_types(spec: CitySpec) -> set[str]:
        types = [(e["source"], e["type"]) for e in map(orjson.loads, generate(spec, 1))]
        first_event = next(n for n, (source, _) in enumerate(types) if source != "REGISTRY")
        return {kind for source, kind in types[first_event:] if source == "REGISTRY"}

    assert later_registry_types(CitySpec(**small)) == set()
    assert later_registry_types(CitySpec(**small, control_changes=True)) == {
        "policy.published",
        "registry.officer",
        "registry.subject",
    }


def test_a_spec_that_cannot_be_names_all_that_is_wrong_at_once() -> None:
    with pytest.raises(ValueError, match=r"districts is 17.*malformed is 0\.9") as raised:
        CitySpec(districts=17, malformed=0.9, start_day=date(2025, 5, 1), year=2026)

    assert "start_day 2025-05-01 is not in the year 2026" in str(raised.value)


def test_the_summary_counts_a_file_written_by_hand() -> None:
    spec = CitySpec(districts=1, systems=8, subjects=100, officers=100, tasks=20)
    leading = [line for line in generate(spec, 1) if b'"source":"REGISTRY"' in line]
    task = next(
        line
        for line in generate(CitySpec(**{**SMALL, "malformed": 0.0}), 1)
        if b'"trigger":"PLAN"' in line and b'"ONSITE"' in line
    )
    event = orjson.loads(task)
    subject = next(
        data
        for line in leading
        if (data := orjson.loads(line)["data"]).get("industry", "06")[:2] != "06"
    )
    event["data"]["uscc"] = subject["uscc"]

    def again(number: int, **changed: object) -> bytes:
        data = {**event["data"], **changed}
        return orjson.dumps({**event, "id": f"E{number}", "data": data})

    tally = Tally()
    for line in (
        *leading,
        again(1, task_id="T1"),
        again(1, task_id="T1"),
        again(2, task_id="T1"),
        again(3, task_id="T1", items=["1101-001"], survey=True),
        again(4, task_id="T2"),
        again(5, task_id="T3", planned_on="never"),
    ):
        tally.add(line)
    found = tally.summary()

    assert (found.registry_lines, found.events) == (len(leading), 6)
    assert (found.repeated, found.resent, found.conflicting) == (1, 1, 1)
    assert dict(found.refused) == {"INVALID_FIELD": 1}
    assert (found.capped_pairs, found.full_pairs) == (1, 1)
    assert found.modes == {"ONSITE": 2}


SMALL = {"districts": 1, "systems": 8, "subjects": 100, "officers": 100, "tasks": 200}


def test_the_summary_can_be_read_by_people_and_by_programs() -> None:
    found = summary(generate(CitySpec(**SMALL), 1))

    assert "caps filled" in found.text()
    assert orjson.loads(orjson.dumps(found.as_dict()))["events"] == found.events


def test_every_fault_of_the_list_is_another_one() -> None:
    assert len({id(fault) for _, fault in FAULTS}) == len(FAULTS)
