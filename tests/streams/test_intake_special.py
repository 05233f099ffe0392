"""How do events that concern no one enterprise enter the journal (art. 4-6; design §3.1)?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from builders import a_document, a_task
from special_world import CITY, FAR, HEXI, LEVELS, a_filing

from schemas.codec import JSON
from schemas.enums import Level, Standing
from schemas.messages import (
    ENTRY_RECORDED,
    INBOUND,
    RESULT_RECORDED,
    SPECIAL_DISPATCHED,
    SPECIAL_FILED,
    SPECIAL_OBJECT_REPORTED,
    SPECIAL_OVERDUE,
    SURVEY_CLOSED,
    SURVEY_OBJECT_ENTERED,
    SURVEY_OBJECT_FOUND,
    TASK_CANCELLED,
    TASK_SUBMITTED,
)
from schemas.reasons import Refusal
from streams.accept import Accepted, ForJournal, Refused, accept
from streams.ports import Outgoing
from streams.registry import Registry
from streams.replay import FileRecord

TIME, AT = "2026-02-10T09:00:00+08:00", 1_770_700_000_000
CODE, WRONG_DIGIT = "91120116MA05ABCD0C", "91120116MA05ABCD0A"
SPECIAL, SURVEY = "special:ZX-1", "survey:S-1"
RESULT = {
    "result_id": "R-1", "inspected_on": "2026-02-09", "outcomes": ["NO_PROBLEM"],
    "found_problem": False, "negative": False, "publish": True,
}  # fmt: skip
FOUND = {
    "survey_task_id": "S-1", "uscc": CODE, "entity_name": "店", "premises_region": "120103",
    "result": RESULT,
}  # fmt: skip
FILING = {"special_id": "ZX-1", **a_filing()}
DISPATCH = {"special_id": "ZX-1", "to": [HEXI, FAR], "due_on": "2026-02-20", "at": TIME}
CLOSED = {"survey_task_id": "S-1", "at": TIME}
TASK = a_task("S-1", uscc=SURVEY, survey=True)


@pytest.fixture(scope="module")
def registry() -> Registry:
    known = Registry()
    known.put("policy.published", a_document())
    for dept, level in LEVELS.items():
        entry = {
            "dept": dept, "name": dept, "region": "120000", "level": level, "system": "WJW",
            "listed": True, "valid_from": "2026-02-10",
        }  # fmt: skip
        kind = "registry.department"
        known.put(kind, INBOUND[kind].model.model_validate_json(json.dumps(entry)))
    subject = {
        "uscc": CODE, "name": "名录名", "object_type": "企业", "industry": "5199",
        "region": "120103", "status": "ACTIVE",
    }  # fmt: skip
    kind = "registry.subject"
    known.put(kind, INBOUND[kind].model.model_validate_json(json.dumps(subject)))
    return known


def take(
    registry: Registry, kind: str, data: dict[str, Any], key: str | None = None, dept: str = CITY
) -> Accepted:
    """What intake makes of an event."""
    headers = {
        "ce_specversion": "1.0", "ce_id": "E-1", "ce_source": dept, "ce_type": kind,
        "ce_time": TIME, "content-type": JSON,
    }  # fmt: skip
    out = Outgoing(
        f"insp.in.{dept}", 0, None if key is None else key.encode(), json.dumps(data).encode(),
        [(name, value.encode()) for name, value in headers.items()],
    )  # fmt: skip
    return accept(FileRecord(out.topic, 0, 7, AT, out.key, out.value, out.headers), registry)


@pytest.mark.parametrize(
    ("kind", "data", "keys", "expected"),
    [
        pytest.param(SPECIAL_FILED, FILING, [None, SPECIAL, "ZX-1"], SPECIAL, id="a filing"),
        pytest.param(SPECIAL_DISPATCHED, DISPATCH, [None, SPECIAL], SPECIAL, id="a dispatch"),
        pytest.param(TASK_SUBMITTED, TASK, [None, SURVEY, "S-1"], SURVEY, id="a survey"),
        pytest.param(
            TASK_CANCELLED, {"task_id": "S-1", "uscc": SURVEY}, [None, SURVEY], SURVEY,
            id="its cancellation",
        ),
        pytest.param(
            ENTRY_RECORDED, {"task_id": "S-1", "uscc": SURVEY, "how": "SCANNED", "at": TIME},
            [None, SURVEY], SURVEY, id="its code is shown",
        ),
        pytest.param(
            SURVEY_OBJECT_FOUND, FOUND, [None, SURVEY, "S-1", CODE], SURVEY, id="an object found",
        ),
        pytest.param(SURVEY_CLOSED, CLOSED, [None, SURVEY, "S-1"], SURVEY, id="its end"),
    ],
)  # fmt: skip
def test_each_lies_in_a_log_of_its_own(
    registry: Registry, kind: str, data: dict[str, Any], keys: list[str | None], expected: str
) -> None:
    for key in keys:
        taken = take(registry, kind, data, key)
        assert isinstance(taken, ForJournal), taken
        assert taken.key == expected


@pytest.mark.parametrize(
    ("kind", "data", "key", "reason", "field"),
    [
        (SPECIAL_FILED, FILING, "special:ZX-2", Refusal.WRONG_KEY, "key"),
        (SPECIAL_FILED, FILING, CODE, Refusal.WRONG_KEY, "key"),
        (SURVEY_OBJECT_FOUND, FOUND, "survey:S-2", Refusal.WRONG_KEY, "key"),
        (TASK_SUBMITTED, TASK, CODE, Refusal.WRONG_KEY, "key"),
        (TASK_SUBMITTED, {**TASK, "task_id": "S-2"}, None, Refusal.INVALID_FIELD, "uscc"),
        (TASK_SUBMITTED, {**TASK, "survey": False}, None, Refusal.INVALID_FIELD, "survey"),
        (TASK_SUBMITTED, {**TASK, "uscc": "special:S-1"}, None, Refusal.CREDIT_CODE, "uscc"),
        (
            RESULT_RECORDED, {**RESULT, "task_id": "S-1", "uscc": SURVEY}, None,
            Refusal.CREDIT_CODE, "uscc",
        ),
        (SURVEY_OBJECT_FOUND, {**FOUND, "uscc": SURVEY}, None, Refusal.CREDIT_CODE, "uscc"),
        (
            SURVEY_OBJECT_FOUND, {**FOUND, "uscc": WRONG_DIGIT}, None,
            Refusal.CREDIT_CODE_CHECK_DIGIT, "uscc",
        ),
        (SPECIAL_FILED, {**FILING, "confidential": True}, None, Refusal.INVALID_FIELD, ""),
        (SPECIAL_FILED, {**FILING, "survey": True}, None, Refusal.INVALID_FIELD, ""),
        (SPECIAL_FILED, {**FILING, "ends_on": "2026-01-01"}, None, Refusal.INVALID_FIELD, ""),
        (SPECIAL_DISPATCHED, {**DISPATCH, "to": []}, None, Refusal.INVALID_FIELD, "to"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_at_the_door(
    registry: Registry, kind: str, data: dict[str, Any], key: str | None, reason: Refusal,
    field: str,
) -> None:  # fmt: skip
    refused = take(registry, kind, data, key)

    assert isinstance(refused, Refused)
    assert (refused.reason, refused.field) == (reason, field)
    assert refused.message


@pytest.mark.parametrize(
    "kind", [SPECIAL_OVERDUE, SPECIAL_OBJECT_REPORTED, SURVEY_OBJECT_ENTERED, "registry.special"]
)
def test_what_only_the_hub_says_nobody_else_may(registry: Registry, kind: str) -> None:
    refused = take(registry, kind, {})

    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.NOT_FOR_DEPARTMENTS


def test_departments_are_looked_up_sender_first_each_once(registry: Registry) -> None:
    taken = take(registry, SPECIAL_DISPATCHED, {**DISPATCH, "to": [HEXI, FAR, HEXI, CITY]})

    assert isinstance(taken, ForJournal)
    found = [(one.dept, one.standing, one.level) for one in taken.record.findings.departments]
    assert found == [
        (CITY, Standing.VALID, Level.CITY), (HEXI, Standing.VALID, Level.DISTRICT),
        (FAR, Standing.UNKNOWN, None),
    ]  # fmt: skip


def test_an_object_found_is_looked_up_and_written_as_it_should_be(registry: Registry) -> None:
    spaced = f"{CODE[:2]} {CODE[2:].lower()}"
    taken = take(registry, SURVEY_OBJECT_FOUND, {**FOUND, "uscc": spaced})

    assert isinstance(taken, ForJournal)
    findings = taken.record.findings
    assert taken.record.data.model_dump()["uscc"] == CODE
    assert findings.subject is not None
    assert findings.subject.name == "名录名"


def test_a_task_that_names_a_special_inspection_says_how_that_stands(registry: Registry) -> None:
    task = a_task("T-1", uscc=CODE, special_id="ZX-1")
    taken = take(registry, TASK_SUBMITTED, task)
    other = take(registry, TASK_SUBMITTED, a_task("T-2", uscc=CODE))

    assert isinstance(taken, ForJournal)
    assert isinstance(other, ForJournal)
    assert (taken.record.findings.special, other.record.findings.special) == ("UNKNOWN", None)
