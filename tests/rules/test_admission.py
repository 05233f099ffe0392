"""May this inspection take place? The ladder of design §3.4, by descending precedence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, USCC, Hub, a_cap, a_policy, a_subject

from schemas.enums import CodeState, Decision, Standing, SubjectStatus
from schemas.journal import OfficerFinding
from schemas.messages import TASK_SUBMITTED
from streams.rules import admission
from streams.rules.admission import LADDER
from streams.rules.state import code_state_of

Fields = dict[str, Any]
POLICY = a_policy(a_cap(1))


def known_with_other_content(hub: Hub, _fields: Fields, _findings: Fields) -> None:
    hub.submit(planned_on="2026-05-05")


def cancelled_before(hub: Hub, _fields: Fields, _findings: Fields) -> None:
    hub.cancel()


def not_on_the_subject_list(_hub: Hub, _fields: Fields, findings: Fields) -> None:
    findings["dept_standing"] = Standing.NOT_LISTED


def no_approval(_hub: Hub, fields: Fields, _findings: Fields) -> None:
    fields["approval"] = None


def elsewhere(_hub: Hub, _fields: Fields, findings: Fields) -> None:
    findings["in_territory"] = False


def a_government_body(_hub: Hub, _fields: Fields, findings: Fields) -> None:
    findings["in_scope"] = False


def offsite(_hub: Hub, fields: Fields, _findings: Fields) -> None:
    fields["mode"] = "OFFSITE"


def backfilled(_hub: Hub, fields: Fields, _findings: Fields) -> None:
    fields["backfill"] = True


def member_of_a_joint_task(hub: Hub, _fields: Fields, _findings: Fields) -> None:
    hub.form_joint()


def whitelisted(hub: Hub, _fields: Fields, _findings: Fields) -> None:
    hub.whitelist()


def cap_used_up(hub: Hub, _fields: Fields, _findings: Fields) -> None:
    if not any(event.record.type == TASK_SUBMITTED for event in hub.events):
        hub.submit("T-0", planned_on="2026-02-02")


def nothing(_hub: Hub, _fields: Fields, _findings: Fields) -> None:
    pass


FAULTS: list[tuple[Decision, Callable[[Hub, Fields, Fields], None]]] = [
    (Decision.CONFLICT, known_with_other_content),
    (Decision.CANCELLED, cancelled_before),
    (Decision.REJECTED_UNQUALIFIED, not_on_the_subject_list),
    (Decision.REJECTED_NO_APPROVAL, no_approval),
    (Decision.REJECTED_OUT_OF_TERRITORY, elsewhere),
    (Decision.RECORDED_OUT_OF_SCOPE, a_government_body),
    (Decision.RECORDED_OFFSITE, offsite),
    (Decision.RECORDED_BACKFILL, backfilled),
    (Decision.REFUSED_JOINT_MEMBER, member_of_a_joint_task),
    (Decision.REFUSED_WHITELISTED, whitelisted),
    (Decision.INTERCEPTED_OVER_CAP, cap_used_up),
    (Decision.ISSUED, nothing),
]


def decided_with(faults: list[Callable[[Hub, Fields, Fields], None]]) -> Decision:
    """The decision on a task with these faults, the last ones brought about first."""
    hub, fields, findings = Hub(policy=POLICY), {}, {}
    # The cap is used up while nothing yet stands against the visit that uses it.
    for fault in reversed(faults):
        fault(hub, fields, findings)
    return hub.submit(findings=findings, **fields).decision


@pytest.mark.parametrize(("decision", "fault"), FAULTS)
def test_each_fault_alone_leads_to_its_decision(
    decision: Decision, fault: Callable[[Hub, Fields, Fields], None]
) -> None:
    assert decided_with([fault]) is decision


@pytest.mark.parametrize("rung", range(len(FAULTS)), ids=[str(row[0]) for row in FAULTS])
def test_of_several_faults_the_first_of_the_ladder_wins(rung: int) -> None:
    assert decided_with([fault for _, fault in FAULTS[rung:]]) is FAULTS[rung][0]


def test_the_ladder_stands_in_the_order_of_the_enum_and_so_does_the_table() -> None:
    assert [decision for decision, _ in LADDER] == list(Decision)
    assert [decision for decision, _ in FAULTS] == list(Decision)


def officers(*standings: Standing) -> tuple[OfficerFinding, ...]:
    return tuple(
        OfficerFinding(cert_no=f"TJ000{number}", standing=standing)
        for number, standing in enumerate(standings, 1)
    )


V = Standing.VALID
PRIOR = {"no": "A-1", "by": "负责人", "at": "2026-03-10T09:00:00+08:00", "mode": "PRIOR"}
URGENT = {"mode": "RETROACTIVE_URGENT"}
LATE_OK = {
    "no": "A-1",
    "by": "负责人",
    "at": "2026-03-23T23:59:59+08:00",
    "mode": "RETROACTIVE_URGENT",
}

# id, fields of the task, findings, decision, reasons (code, about)
REASONS: list[Any] = [
    pytest.param({}, {"dept_standing": standing}, Decision.REJECTED_UNQUALIFIED,
                 [(f"DEPARTMENT_{standing}", "")], id=f"a department that is {standing}")
    for standing in Standing if standing is not V
] + [
    pytest.param({}, {"officers": officers(V, standing)}, Decision.REJECTED_UNQUALIFIED,
                 [(f"OFFICER_{standing}", "TJ0002")], id=f"an officer who is {standing}")
    for standing in Standing if standing is not V
] + [
    pytest.param({}, {"dept_standing": Standing.EXPIRED,
                      "officers": officers(Standing.REVOKED, Standing.SUSPENDED)},
                 Decision.REJECTED_UNQUALIFIED,
                 [("DEPARTMENT_EXPIRED", ""), ("OFFICER_REVOKED", "TJ0001"),
                  ("OFFICER_SUSPENDED", "TJ0002")],
                 id="every fault of department and officers is told, in order"),
    pytest.param({}, {"officers": officers(V)}, Decision.REJECTED_UNQUALIFIED,
                 [("OFFICER_UNKNOWN", "TJ0002")], id="an officer of whom nothing was found"),
    pytest.param({"officers": ["TJ0002", "TJ0002"]}, {"officers": ()},
                 Decision.REJECTED_UNQUALIFIED,
                 [("OFFICER_UNKNOWN", "TJ0002")], id="an officer named twice is told once"),
    pytest.param({"officers": []}, {}, Decision.REJECTED_UNQUALIFIED,
                 [("NO_OFFICERS", "")], id="a visit without officers"),
    pytest.param({"officers": [], "mode": "OFFSITE"}, {}, Decision.RECORDED_OFFSITE, [],
                 id="off-site needs no officers"),
    pytest.param({"approval": None}, {}, Decision.REJECTED_NO_APPROVAL,
                 [("NO_APPROVAL", "")], id="no approval at all"),
    *[pytest.param({"approval": {**PRIOR, gap: None}}, {}, Decision.REJECTED_NO_APPROVAL,
                   [("APPROVAL_INCOMPLETE", "")], id=f"a prior approval without {gap}")
      for gap in ("no", "by", "at")],
    pytest.param({"approval": {**PRIOR, "at": "2026-03-16T23:59:59+08:00"}}, {}, Decision.ISSUED,
                 [], id="approved on the planned day"),
    pytest.param({"approval": {**PRIOR, "at": "2026-03-16T16:00:00Z"}}, {},
                 Decision.REJECTED_NO_APPROVAL, [("APPROVED_AFTERWARDS", "")],
                 id="approved at midnight after the planned day, told in UTC"),
    pytest.param({"approval": URGENT}, {}, Decision.REJECTED_NO_APPROVAL, [("NOT_URGENT", "")],
                 id="approval afterwards is for urgent ones only"),
    pytest.param({"approval": URGENT, "trigger": "URGENT"}, {}, Decision.ISSUED, [],
                 id="urgent, approval still to come"),
    pytest.param({"approval": LATE_OK, "trigger": "URGENT"}, {}, Decision.ISSUED, [],
                 id="urgent, approved on the fifth working day"),
    pytest.param({"approval": {**LATE_OK, "at": "2026-03-24T00:00:00+08:00"}, "trigger": "URGENT"},
                 {}, Decision.REJECTED_NO_APPROVAL, [("APPROVED_TOO_LATE", "")],
                 id="urgent, approved on the sixth working day"),
    *[pytest.param({"approval": {**LATE_OK, gap: None}, "trigger": "URGENT"}, {},
                   Decision.REJECTED_NO_APPROVAL, [("APPROVAL_INCOMPLETE", "")],
                   id=f"urgent, approved without {gap}") for gap in ("no", "by")],
    pytest.param({"planned_on": "2031-03-03", "trigger": "URGENT",
                  "approval": {**LATE_OK, "at": "2031-03-30T09:00:00+08:00"}}, {}, Decision.ISSUED,
                 [], id="no approval is called late in a year without a calendar"),
    pytest.param({"premises_region": "130100"}, {"in_territory": False},
                 Decision.REJECTED_OUT_OF_TERRITORY, [("OUT_OF_TERRITORY", "130100")],
                 id="premises in another province"),
    pytest.param({"assist_letter_no": "X-9"}, {"in_territory": False}, Decision.ISSUED, [],
                 id="an assist letter lifts the territory"),
    pytest.param({}, {"in_scope": False}, Decision.RECORDED_OUT_OF_SCOPE, [("OBJECT_TYPE", "")],
                 id="a government body gets no code"),
    *[pytest.param({}, {"subject": a_subject(status=status)}, Decision.RECORDED_OUT_OF_SCOPE,
                   [(f"SUBJECT_{status}", "")], id=f"an enterprise that is {status}")
      for status in SubjectStatus if status is not SubjectStatus.ACTIVE],
    pytest.param({}, {"in_scope": False, "subject": a_subject(status=SubjectStatus.MOVED_OUT)},
                 Decision.RECORDED_OUT_OF_SCOPE, [("OBJECT_TYPE", ""), ("SUBJECT_MOVED_OUT", "")],
                 id="a body that is out of scope twice"),
    pytest.param({}, {"subject": None}, Decision.ISSUED, [],
                 id="an enterprise that the object list does not know"),
    pytest.param({"items": ["a", "b", "c"]}, {"whitelisted_items": ("a", "c")},
                 Decision.REFUSED_WHITELISTED,
                 [("ITEM_WHITELISTED", "a"), ("ITEM_WHITELISTED", "c")],
                 id="whitelisted items, one reason each"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "findings", "decision", "reasons"), REASONS)
def test_reasons_name_what_exactly_held(
    fields: Fields, findings: Fields, decision: Decision, reasons: list[tuple[str, str]]
) -> None:
    made = Hub().submit(findings=findings, **fields)

    assert made.decision is decision
    assert [(reason.code, reason.about) for reason in made.reasons] == reasons
    assert (made.code is not None) is (decision is Decision.ISSUED)


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


def test_a_ladder_whose_last_rung_is_missing_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "LADDER", LADDER[:-1])

    with pytest.raises(ValueError, match="no last rung"):
        Hub().submit()
