"""May this inspection take place? The ladder of design §3.4, by descending precedence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from builders import Hub, a_cap, a_policy, a_subject

from schemas.enums import Decision, Standing, SubjectStatus
from schemas.journal import OfficerFinding
from schemas.messages import TASK_SUBMITTED
from streams.rules.entry import admission
from streams.rules.entry.admission import LADDER

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


def test_a_ladder_whose_last_rung_is_missing_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "LADDER", LADDER[:-1])

    with pytest.raises(ValueError, match="no last rung"):
        Hub().submit()
