"""What does a first decision say, and on what does it depend beside the ladder?"""

from __future__ import annotations

from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, USCC, Hub, a_cap, a_policy

from schemas.enums import CodeState, Decision, Standing
from streams.rules.state import code_state_of

Fields = dict[str, Any]


def test_a_conflict_reports_both_digests_and_changes_nothing() -> None:
    hub = Hub()
    hub.submit()
    before = hub.state

    made = hub.submit(planned_on="2026-03-17", findings={"check_digit_ok": False})

    assert made.decision is Decision.CONFLICT
    assert made.digests is not None
    assert made.digests[0] == before.tasks["T-1"].digest.hex() != made.digests[1]
    assert made.code is None
    assert made.warnings == ()
    assert hub.state == before


def test_a_department_cannot_take_over_a_task_that_another_one_entered_under() -> None:
    hub = Hub()
    hub.enter(dept=OTHER_DEPT)
    before = hub.state

    made = hub.submit()

    assert made.decision is Decision.CONFLICT
    assert [reason.code for reason in made.reasons] == ["OTHER_DEPARTMENT"]
    assert made.digests is not None
    assert made.digests[0] == ""
    assert hub.state == before


def test_a_task_that_was_entered_before_it_arrived_is_recorded_with_its_actual_day() -> None:
    hub = Hub(policy=a_policy(a_cap(1)))
    hub.enter(at="2027-01-02T09:00:00+08:00")

    made = hub.submit(planned_on="2026-12-31", items=["x"])

    assert made.decision is Decision.RECORDED_BACKFILL
    assert (made.year, made.used, made.counted) == (2027, 1, ("T-1",))
    assert code_state_of(hub.state.tasks["T-1"]) is CodeState.SCANNED
    assert hub.submit("T-2", planned_on="2026-12-31").decision is Decision.ISSUED
    assert hub.submit("T-3", planned_on="2027-05-05").decision is Decision.INTERCEPTED_OVER_CAP


def test_the_items_of_a_result_stay_whichever_record_came_first() -> None:
    first, second = Hub(), Hub()

    first.submit(items=["a"])
    first.complete(items=["a", "b"])
    second.complete(items=["a", "b"])
    second.submit(items=["a"])

    assert first.state.tasks["T-1"].items == second.state.tasks["T-1"].items == ("a", "b")


WHITELISTS: list[Any] = [
    # listed, from, until, planned, trigger and clue, refused
    pytest.param(True, "2026-01-01", None, "2026-03-16", "PLAN", None, True, id="without end"),
    pytest.param(True, "2026-03-16", "2026-03-16", "2026-03-16", "PLAN", None, True, id="its day"),
    pytest.param(True, "2026-03-17", None, "2026-03-16", "PLAN", None, False, id="not yet"),
    pytest.param(True, "2026-01-01", "2026-03-15", "2026-03-16", "PLAN", None, False, id="ended"),
    pytest.param(False, "2026-01-01", None, "2026-03-16", "PLAN", None, False, id="taken off"),
    pytest.param(
        True, "2026-01-01", None, "2026-03-16", "COMPLAINT", "12345-7", False, id="exempt"
    ),
    pytest.param(True, "2026-01-01", None, "2026-03-16", "COMPLAINT", None, True, id="no evidence"),
]


@pytest.mark.parametrize(
    ("listed", "since", "until", "planned", "trigger", "clue", "refused"), WHITELISTS
)
def test_the_whitelist_holds_on_its_days_and_yields_to_a_proven_complaint(
    listed: bool, since: str, until: str | None, planned: str, trigger: str,
    clue: str | None, refused: bool,
) -> None:  # fmt: skip
    hub = Hub()
    hub.whitelist(listed=listed, since=since, until=until)

    made = hub.submit(planned_on=planned, trigger=trigger, clue_no=clue)

    expected = Decision.REFUSED_WHITELISTED if refused else Decision.ISSUED
    assert made.decision is expected


JOINTS: list[Any] = [
    # joint_id of the task, department, quarter, decision
    pytest.param(None, DEPT, "2026Q1", Decision.REFUSED_JOINT_MEMBER, id="on its own"),
    pytest.param("J-9", DEPT, "2026Q1", Decision.REFUSED_JOINT_MEMBER, id="under another joint id"),
    pytest.param("J-1", DEPT, "2026Q1", Decision.ISSUED, id="the joint task itself"),
    pytest.param(None, DEPT, "2026Q2", Decision.ISSUED, id="another quarter"),
    pytest.param(None, "HBJ-120116", "2026Q1", Decision.ISSUED, id="no member"),
]


@pytest.mark.parametrize(("joint_id", "dept", "quarter", "decision"), JOINTS)
def test_a_member_of_a_joint_task_does_not_inspect_on_its_own(
    joint_id: str | None, dept: str, quarter: str, decision: Decision
) -> None:
    hub = Hub()
    hub.form_joint(quarter=quarter)

    made = hub.submit(joint_id=joint_id, dept=dept)

    assert made.decision is decision
    if decision is Decision.REFUSED_JOINT_MEMBER:
        assert [(r.code, r.about) for r in made.reasons] == [
            ("JOINT_TASK", f"J-1 lead {OTHER_DEPT}")
        ]


def test_of_two_joint_tasks_in_a_quarter_neither_bars_the_other() -> None:
    hub = Hub()
    hub.form_joint("J-1")
    hub.form_joint("J-2")

    decisions = [hub.submit(f"T-{n}", joint_id=f"J-{n}").decision for n in (1, 2)]

    assert decisions == [Decision.ISSUED, Decision.ISSUED]
    assert [reason.about for reason in hub.submit("T-3").reasons] == [
        f"J-1 lead {OTHER_DEPT}",
        f"J-2 lead {OTHER_DEPT}",
    ]


def test_a_policy_may_only_warn_members_of_a_joint_task() -> None:
    hub = Hub(policy=a_policy(joint_member="warn"))
    hub.form_joint()

    assert hub.submit().decision is Decision.ISSUED


def test_an_exempt_trigger_lifts_neither_approval_nor_qualification_nor_territory() -> None:
    exempt = {"trigger": "COMPLAINT", "clue_no": "12345-7"}

    decisions = [
        Hub().submit(**exempt, findings={"dept_standing": Standing.UNKNOWN}).decision,
        Hub().submit(**exempt, approval=None).decision,
        Hub().submit(**exempt, findings={"in_territory": False}).decision,
    ]

    assert decisions == [
        Decision.REJECTED_UNQUALIFIED,
        Decision.REJECTED_NO_APPROVAL,
        Decision.REJECTED_OUT_OF_TERRITORY,
    ]


def test_a_decision_says_what_the_officer_must_show() -> None:
    hub = Hub(policy=a_policy(a_cap(3), code_valid_days=7))
    hub.submit("T-0", planned_on="2026-02-02", items=["x"])

    made = hub.submit(findings={"check_digit_ok": True})

    assert (made.task_id, made.uscc, made.dept) == ("T-1", USCC, DEPT)
    assert (made.year, made.used, made.cap, made.rule) == (2026, 2, 3, "R@1")
    assert made.counted == ("T-0", "T-1")
    assert made.policy_version == hub.policy.version
    assert (made.source.topic, made.source.partition, made.source.offset) == (
        "insp.journal",
        0,
        101,
    )
    assert made.decided_at == "2026-03-10T09:00:00.000+08:00"
    assert str(made.valid_until) == "2026-03-23"
    assert made.code == hub.mint.code(USCC, "T-1", 2026, 0)
    assert made.qr_text == hub.mint.qr_text(made.code, made.valid_until)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "SINGLE"),
        ({"survey": True}, "SURVEY"),
        ({"joint_id": "J-1"}, "JOINT"),
        ({"joint_id": "J-1", "survey": True}, "JOINT"),
    ],
)
def test_the_kind_of_code_follows_the_task(fields: Fields, kind: str) -> None:
    assert Hub().submit(**fields).code_kind == kind
