"""Each check of the conformance kit, case by case: right, to be fixed, and what is said."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from builders import APPROVAL, DEPT, a_task

from connectors.departments.conform.evidence import Evidence, Sent, Verdict, read_sent
from connectors.departments.conform.gather import EXEMPT_BY_DEFAULT, Gathering
from connectors.departments.conform.table import CHECKS, judge
from schemas.messages import (
    ENTRY_RECORDED,
    POLICY_PUBLISHED,
    REGISTRY_DEPARTMENT,
    REGISTRY_OFFICER,
    RESULT_RECORDED,
    TASK_CANCELLED,
    TASK_SUBMITTED,
)

USCC = "91120116MA0000003A"
TODAY = date(2026, 3, 31)
TIME = "2026-03-10T09:00:00+08:00"
AT_MS = int(datetime(2026, 3, 10, 1, 0, 5, tzinfo=UTC).timestamp() * 1000)
VALID = {"valid_from": "2020-01-01", "valid_to": "2027-01-01"}
DEPARTMENT = {
    "dept": DEPT, "name": "卫生健康委", "region": "120116", "level": "DISTRICT", "system": "WJW",
    "listed": True, **VALID,
}  # fmt: skip
OFFICER = {"cert_no": "TJ0001", "name": "王", "dept": DEPT, "status": "VALID", **VALID}
RESULT = {
    "task_id": "T-1", "result_id": "R-1", "uscc": USCC, "inspected_on": "2026-03-16",
    "outcomes": ["1"], "found_problem": False, "negative": False, "publish": True,
}  # fmt: skip
ENTRY = {"task_id": "T-1", "uscc": USCC, "how": "SCANNED", "at": TIME}
CANCEL = {"task_id": "T-1", "uscc": USCC, "reason": "雨"}
USUAL = object()


def sent(
    data: Any, kind: str = TASK_SUBMITTED, *, key: Any = USUAL, at_ms: int | None = AT_MS,
    **attributes: str | None,
) -> Sent:  # fmt: skip
    """One event; attributes None are left out."""
    task_id = data.get("task_id", "x") if isinstance(data, dict) else "x"
    names = {"specversion": "1.0", "id": f"{task_id}-{kind}", "source": DEPT, "type": kind,
             "time": TIME} | attributes  # fmt: skip
    headers = [(f"ce_{name}", held.encode()) for name, held in names.items() if held is not None]
    value = data if isinstance(data, bytes) else json.dumps(data).encode()
    return read_sent("here", headers, value, USCC.encode() if key is USUAL else key, at_ms)


def task(number: int = 1, **fields: Any) -> dict[str, Any]:
    return a_task(f"T-{number}", **{"uscc": USCC, "officers": ["TJ0001"], **fields})


def evidence(*events: Sent, **fields: Any) -> Evidence:
    """A registered department with one officer."""
    gathering = Gathering(DEPT, TODAY, list(events))
    gathering.control(
        REGISTRY_DEPARTMENT, json.dumps(fields.pop("department", DEPARTMENT)).encode()
    )
    gathering.control(REGISTRY_OFFICER, json.dumps(fields.pop("officer", OFFICER)).encode())
    for name, held in fields.items():
        setattr(gathering, name, held)
    return gathering.evidence()


def found(name: str, *events: Sent, **fields: Any) -> Any:
    return next(one for one in judge(evidence(*events, **fields)) if one.check == name)


def a_finished_task() -> list[Sent]:
    return [sent(task()), sent(ENTRY, ENTRY_RECORDED), sent(RESULT, RESULT_RECORDED)]


def test_an_integration_that_does_everything_has_nothing_to_fix():
    cancelled = [sent(task(2)), sent({**CANCEL, "task_id": "T-2"}, TASK_CANCELLED)]
    exempt = sent(task(3, trigger="COMPLAINT", clue_no="12345", planned_on="2026-04-01"))
    events = [*a_finished_task(), *cancelled, exempt]

    findings = judge(evidence(*events))

    assert {one.check: one.verdict for one in findings if one.verdict is not Verdict.RIGHT} == {}
    assert len(findings) == len(CHECKS) == len({one.check for one in findings})


def test_without_events_nothing_is_called_right_but_the_registration():
    verdicts = {one.check: one.verdict for one in judge(evidence())}

    assert verdicts.pop("registration") is Verdict.RIGHT
    assert set(verdicts.values()) == {Verdict.NOT_SEEN}


FIX, ADVICE, RIGHT, NOT_SEEN = Verdict.FIX, Verdict.ADVICE, Verdict.RIGHT, Verdict.NOT_SEEN
LATE = AT_MS + 48 * 3600 * 1000

CASES = [
    ("envelope", [sent(task(), time=None)], FIX, "time"),
    ("envelope", [sent(task(), specversion="0.3")], FIX, "specversion"),
    ("envelope", [sent(task(), time="2026-03-10T09:00:00")], FIX, "offset"),
    ("source", [sent(task(), source="XFJ-120116")], FIX, "XFJ-120116"),
    ("schema", [sent(task(mode="HYBRID"))], FIX, "mode"),
    ("schema", [sent({"task_id": "T"})], FIX, "required, but not there"),
    ("schema", [sent(b"\xff")], FIX, "UNDECODABLE"),
    ("schema", [sent(b"")], NOT_SEEN, ""),
    ("schema", [sent(task(), "inspection.task.sent")], FIX, "no type of the hub"),
    ("schema", [sent(OFFICER, REGISTRY_OFFICER)], FIX, "not for departments to send"),
    ("ids", [sent(task()), sent(task(mode="OFFSITE"))], FIX, "other content at here"),
    ("ids", [sent(task()), sent(task())], RIGHT, ""),
    ("repeats", [sent(task()), sent(task())], ADVICE, "again"),
    ("repeats", [sent(task(n)) for n in range(30)] + [sent(task(1))], RIGHT, ""),
    ("keys", [sent(task(), key=b"91120116MA00000029")], FIX, "91120116MA00000029"),
    ("keys", [sent(task(), key=b"\xff")], FIX, "for"),
    ("keys", [sent(task(), key=None)], ADVICE, "no key"),
    ("keys", [sent(task(), key=b"T-1")], ADVICE, "the task id is the key"),
    ("keys", [sent(task(), key=USCC.lower().encode())], RIGHT, ""),
    ("credit codes", [sent(task(uscc="120000000000000"))], FIX, "120000000000000"),
    ("credit codes", [sent(task(uscc=USCC[:-1] + "U"))], ADVICE, USCC[:-1]),
    ("clock", [sent(task(), at_ms=AT_MS - 400_000)], FIX, "ahead of the broker"),
    ("clock", [sent(task(), at_ms=LATE)], ADVICE, "sent 48 h after"),
    ("clock", [sent(task(), at_ms=None)], NOT_SEEN, ""),
    ("offsets", [sent(task(), time="2026-03-10T09:00:00+00:00")], RIGHT, ""),
    ("offsets", [sent(task(), time="2026-03-10T09:00:00+09:00")], ADVICE, "+09:00"),
    ("unknown fields", [sent(task(planed_on="x"))], ADVICE, "planed_on"),
    ("officers", [sent(task(officers=[]))], FIX, "names no officer"),
    ("officers", [sent(task(officers=["TJ9"]))], FIX, "TJ9"),
    ("officers", [sent(task(planned_on="2030-01-01"))], FIX, "valid on 2030-01-01"),
    ("officers", [sent(task(mode="OFFSITE", officers=[]))], NOT_SEEN, ""),
    ("approvals", [sent(task(approval=None))], FIX, "no approval"),
    ("approvals", [sent(task(approval=APPROVAL | {"no": None}))], FIX, "is missing"),
    ("approvals", [sent(task(approval=APPROVAL | {"at": "2026-03-17T00:00:00+08:00"}))],
     FIX, "after its planned day"),
    ("approvals", [sent(task(approval={"mode": "RETROACTIVE_URGENT"}))], FIX, "not URGENT"),
    ("approvals", [sent(task(trigger="URGENT", approval={"mode": "RETROACTIVE_URGENT"}))],
     RIGHT, ""),
    ("clue numbers", [sent(task(trigger="COMPLAINT"))], FIX, "COMPLAINT without clue_no"),
    ("clue numbers", [sent(task(trigger="SUPERIOR_SPECIAL"))], NOT_SEEN, ""),
    ("entries", [sent(task()), sent(RESULT, RESULT_RECORDED)], ADVICE, "no entry"),
    ("entries", [sent(task()), sent({**RESULT, "backfill": True}, RESULT_RECORDED)], RIGHT, ""),
    ("results", [sent(task())], FIX, "of 2026-03-16 has neither"),
    ("results", a_finished_task(), RIGHT, ""),
    ("results", [sent(task(planned_on="2026-03-25"))], NOT_SEEN, ""),
    ("cancellations", [*a_finished_task(), sent(CANCEL, TASK_CANCELLED)], ADVICE, "has a result"),
    ("cancellations", [sent(CANCEL, TASK_CANCELLED)], ADVICE, "not seen among your tasks"),
    ("back-fill", [sent(task(backfill=True))], FIX, "filled in"),
    ("back-fill", [sent(task(n, backfill=n < 2)) for n in range(10)], ADVICE, "filled in"),
    ("back-fill", [sent(task(n, backfill=n < 1)) for n in range(10)], RIGHT, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "events", "verdict", "said"),
    CASES,
    ids=[f"{case[0]}, {case[2]}, {case[3] or number}" for number, case in enumerate(CASES)],
)
def test_what_a_check_finds(check, events, verdict, said):
    one = found(check, *events)

    assert one.verdict is verdict
    assert said in " ".join(one.examples)
    assert bool(one.to_do) == bool(one.wrong) == (verdict in (FIX, ADVICE))


def test_few_visits_without_result_are_only_advised():
    done = [
        sent({**RESULT, "task_id": f"T-{n}", "result_id": f"R-{n}"}, RESULT_RECORDED)
        for n in range(19)
    ]

    one = found("results", *(sent(task(n)) for n in range(20)), *done)

    assert (one.verdict, one.wrong, one.looked_at) == (ADVICE, 1, 20)


def test_a_task_that_got_no_code_needs_no_result():
    one = found("results", sent(task()), decisions={"T-1": "INTERCEPTED_OVER_CAP"})

    assert one.verdict is NOT_SEEN


@pytest.mark.parametrize(
    ("department", "said"),
    [
        ({**DEPARTMENT, "dept": "XFJ-120116"}, "not in the registry"),
        ({**DEPARTMENT, "listed": False}, "not on the subject list"),
        ({**DEPARTMENT, "valid_to": "2026-03-30"}, "not valid today"),
    ],
    ids=["another", "not listed", "expired"],
)
def test_a_department_that_may_not_inspect_is_told(department, said):
    one = found("registration", department=department)

    assert one.verdict is FIX
    assert said in one.examples[0]


@pytest.mark.parametrize(
    ("officer", "said"),
    [
        ({**OFFICER, "dept": "XFJ-120116"}, "belongs to another department"),
        ({**OFFICER, "status": "SUSPENDED"}, "is SUSPENDED"),
        ({**OFFICER, "valid_to": "2026-03-15"}, "no certificate that is valid on 2026-03-16"),
    ],
    ids=["another's", "suspended", "expired"],
)
def test_an_officer_who_may_not_inspect_is_named(officer, said):
    one = found("officers", sent(task()), officer=officer)

    assert one.verdict is FIX
    assert said in one.examples[0]


def test_where_the_registries_cannot_be_read_nobody_is_accused():
    judged = judge(Evidence(DEPT, TODAY, [sent(task())]))
    verdicts = {one.check: one.verdict for one in judged}

    assert verdicts["registration"] is NOT_SEEN
    assert verdicts["officers"] is RIGHT


def test_examples_are_few_and_counted_in_full():
    one = found("approvals", *(sent(task(n, approval=None)) for n in range(9)))

    assert (one.wrong, len(one.examples)) == (9, 3)


def test_the_policy_in_force_says_what_is_exempt():
    gathering = Gathering(DEPT, TODAY)
    assert gathering.exempt == EXEMPT_BY_DEFAULT

    policy = {"policy": {"version": "t", "exempt_triggers": ["MEDIA"]}}
    gathering.control(POLICY_PUBLISHED, json.dumps(policy).encode())
    gathering.control(POLICY_PUBLISHED, b"?")

    assert gathering.evidence().exempt == {"MEDIA"}


def test_the_first_decision_on_a_task_counts():
    gathering = Gathering(DEPT, TODAY)
    for value in (b"?", b"[]", b'{"task_id":"T","decision":"ISSUED"}',
                  b'{"task_id":"T","decision":"CONFLICT"}'):  # fmt: skip
        gathering.answer("decision.made", value)
    gathering.answer("task.updated", b'{"task_id":"U","decision":"ISSUED"}')

    assert gathering.decisions == {"T": "ISSUED"}
