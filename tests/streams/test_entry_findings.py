"""What do the registries say of an entry, which names neither items nor, often, its officers?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, USCC

from schemas.enums import Standing
from schemas.identity import read_credit_code
from schemas.inbound import EntryRecorded
from schemas.journal import Findings
from schemas.messages import INBOUND, REGISTRY_OFFICER, WHITELIST_CHANGED
from streams.findings import findings_of
from streams.officers import Officers
from streams.registry import Registry

OFFICERS: list[dict[str, Any]] = [
    {"cert_no": "TJ0004"},
    {"cert_no": "TJ0003", "status": "SUSPENDED"},
    {"cert_no": "TJ0001", "valid_to": "2026-03-18"},
    {"cert_no": "TJ0002", "status": "REVOKED", "dept": OTHER_DEPT},
]
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
    return [(one.cert_no, one.standing) for one in findings.officers]


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
