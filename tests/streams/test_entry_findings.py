"""What do the registries say of an entry, which names neither items nor, often, its officers?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, USCC

from schemas.enums import Standing
from schemas.identity import read_credit_code
from schemas.inbound import ITEMS_MAX, EntryRecorded
from schemas.journal import Findings
from schemas.messages import (
    INBOUND,
    REGISTRY_DEPARTMENT,
    REGISTRY_ITEM,
    REGISTRY_OFFICER,
    WHITELIST_CHANGED,
)
from streams.findings import findings_of
from streams.officers import LAPSED_MAX, Officers
from streams.registry import Registry
from streams.rules.entry.rejudge import mark_of

OFFICERS: list[dict[str, Any]] = [
    {"cert_no": "TJ0004"},
    {"cert_no": "TJ0003", "status": "SUSPENDED"},
    {"cert_no": "TJ0001", "valid_to": "2026-03-18"},
    {"cert_no": "TJ0002", "status": "REVOKED", "dept": OTHER_DEPT},
]
NUMBERS = [f"TJ{number:04}" for number in range(1000)]
LISTED: list[dict[str, Any]] = [
    {"item": "z-1"},
    {"item": "a-1", "from": "2026-03-19"},
    {"item": "a-2", "until": "2026-03-18"},
    {"item": "a-3", "listed": False},
]


def put(registry: Registry, kind: str, **entry: Any) -> None:
    registry.put(kind, INBOUND[kind].model.model_validate_json(json.dumps(entry)))


def officer(registry: Registry, **changes: Any) -> None:
    plain = {"name": "甲", "dept": DEPT, "valid_from": "2020-01-01", "status": "VALID"}
    put(registry, REGISTRY_OFFICER, **{**plain, **changes})


def listed(registry: Registry, **changes: Any) -> None:
    plain = {"listed": True, "from": "2026-01-01", "until": None, "ground": "守法"}
    put(registry, WHITELIST_CHANGED, **{**plain, **changes})


@pytest.fixture
def registry() -> Registry:
    made = Registry()
    for row in OFFICERS:
        officer(made, **row)
    for row in LISTED:
        listed(made, **row)
    return made


def found(
    registry: Registry, day: str, dept: str = DEPT, officers: tuple[str, ...] = ()
) -> Findings:
    plain = {
        "task_id": "T-1", "uscc": USCC, "how": "SCANNED", "at": f"{day}T10:00:00+08:00",
        "officers": list(officers),
    }  # fmt: skip
    entry = EntryRecorded.model_validate_json(json.dumps(plain))
    return findings_of(dept, entry, read_credit_code(USCC), registry)


def who(findings: Findings) -> list[tuple[str, Standing]]:
    """Officers by number: those of a visit that names nobody are known by their marks alone."""
    numbers = {mark_of(number): number for number in NUMBERS}
    told = [(one.cert_no, one.standing) for one in findings.officers]
    return told + sorted((numbers[one.mark], one.standing) for one in findings.lapsed)


def test_if_nobody_is_named_it_is_said_who_of_the_department_may_not_on_that_day(registry):
    suspended = ("TJ0003", Standing.SUSPENDED)

    assert who(found(registry, "2026-03-18")) == [suspended]
    assert who(found(registry, "2026-03-19")) == [("TJ0001", Standing.EXPIRED), suspended]
    assert who(found(registry, "2026-03-19", OTHER_DEPT)) == [("TJ0002", Standing.REVOKED)]
    assert who(found(registry, "2026-03-19", "HBJ-120116")) == []


def test_who_is_named_is_judged_whoever_else_may_not(registry):
    told = who(found(registry, "2026-03-19", officers=("TJ0004", "TJ0002", "TJ9999")))

    assert told == [
        ("TJ0004", Standing.VALID), ("TJ0002", Standing.REVOKED), ("TJ9999", Standing.UNKNOWN)
    ]  # fmt: skip


def test_all_items_on_the_whitelist_on_that_day_are_named(registry):
    assert found(registry, "2026-03-18").whitelisted_items == ("a-2", "z-1")
    assert found(registry, "2026-03-19").whitelisted_items == ("a-1", "z-1")


def test_what_the_registries_learn_counts_from_the_next_entry_on(registry):
    found(registry, "2026-03-18")
    officer(registry, cert_no="TJ0003")
    officer(registry, cert_no="TJ0004", status="REVOKED")
    listed(registry, item="z-1", listed=False)

    now = found(registry, "2026-03-18")

    assert (who(now), now.whitelisted_items) == ([("TJ0004", Standing.REVOKED)], ("a-2",))


def test_who_went_to_another_department_is_that_ones(registry):
    found(registry, "2026-03-18")
    found(registry, "2026-03-18", OTHER_DEPT)
    officer(registry, cert_no="TJ0003", dept=OTHER_DEPT, status="SUSPENDED")

    assert who(found(registry, "2026-03-18")) == []
    assert [one for one, _ in who(found(registry, "2026-03-18", OTHER_DEPT))] == [
        "TJ0002", "TJ0003"
    ]  # fmt: skip


def test_many_days_asked_for_are_not_all_kept(registry):
    known: Officers = registry.officers
    first = [found(registry, f"2026-03-{day:02}") for day in range(1, 31)]
    months = [
        found(registry, f"2025-{month:02}-{day:02}") for month in (1, 3, 5) for day in range(1, 31)
    ]

    assert [found(registry, f"2026-03-{day:02}") for day in range(1, 31)] == first
    assert {who(one)[0] for one in months} == {("TJ0003", Standing.SUSPENDED)}
    assert len(known) == len(OFFICERS)


def test_no_certificate_can_be_read_from_an_entry_that_names_nobody(registry):
    findings = found(registry, "2026-03-19")

    assert findings.officers == ()
    assert "TJ000" not in findings.model_dump_json()


def test_what_an_entry_carries_is_bounded_and_what_finds_no_room_is_counted(registry):
    for number in NUMBERS[10:300]:
        officer(registry, cert_no=number, status="SUSPENDED")
    for number in range(250):
        listed(registry, item=f"b-{number:03}")

    findings = found(registry, "2026-03-19")
    assert (len(findings.lapsed), len(findings.whitelisted_items)) == (LAPSED_MAX, ITEMS_MAX)
    assert findings.left_out == (290 + 2 - LAPSED_MAX) + (250 + 2 - ITEMS_MAX)
    assert [one.mark for one in findings.lapsed] == sorted(one.mark for one in findings.lapsed)
    named = found(registry, "2026-03-19", officers=("TJ0004",))
    assert (len(named.officers), named.lapsed, named.left_out) == (1, (), 250 + 2 - ITEMS_MAX)
    assert found(registry, "2026-03-19", OTHER_DEPT).left_out == 250 + 2 - ITEMS_MAX


def test_who_was_stopped_goes_before_whose_time_was_over_and_that_before_a_year_is_left_out():
    registry = Registry()
    for number in NUMBERS[10 : 10 + LAPSED_MAX]:
        officer(registry, cert_no=number, valid_to="2026-03-01")
    officer(registry, cert_no="TJ0999", valid_to="2026-03-02")
    officer(registry, cert_no="TJ0998", status="REVOKED")
    officer(registry, cert_no="TJ0001", valid_to="2025-03-01")

    findings = found(registry, "2026-03-19")

    kept = [number for number, _ in who(findings)]
    assert {"TJ0998", "TJ0999"} <= set(kept)
    assert (len(kept), findings.left_out) == (LAPSED_MAX, 2)


def test_items_of_the_departments_own_line_of_business_go_first(registry):
    department = {
        "dept": DEPT, "name": "卫健委", "region": "120116", "level": "DISTRICT", "system": "WJW",
        "listed": True, "valid_from": "2020-01-01",
    }  # fmt: skip
    put(registry, REGISTRY_DEPARTMENT, **department)
    assert found(registry, "2026-03-19").whitelisted_items == ("a-1", "z-1")
    item = {"title": "甲", "system": "WJW", "offsite_possible": False, "version": 1}
    put(registry, REGISTRY_ITEM, item="z-1", **item)

    assert found(registry, "2026-03-19").whitelisted_items == ("z-1", "a-1")
    assert found(registry, "2026-03-19", OTHER_DEPT).whitelisted_items == ("a-1", "z-1")
