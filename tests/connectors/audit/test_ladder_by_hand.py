"""Is the auditor's ladder that of the specification? Every row and cap, worked out by hand."""

import hashlib

import pytest
from audit_log import CITY, DRUGS, HEALTH, POLICE, Log, cap, counter, group, reasons

OFFICER = {"cert_no": "TJ1", "standing": "EXPIRED"}
RETROACTIVE = {"mode": "RETROACTIVE_URGENT"}
# 16 March 2026 is a Monday: the fifth working day after it is the 23rd.
LATE = "2026-03-24T09:00:00+08:00"
IN_TIME = "2026-03-23T23:59:59+08:00"

ROWS = [
    # changes to the task, findings, decision, reasons
    ({}, {"dept_standing": "NOT_LISTED"}, "REJECTED_UNQUALIFIED", [("DEPARTMENT_NOT_LISTED", "")]),
    ({"officers": []}, {}, "REJECTED_UNQUALIFIED", [("NO_OFFICERS", "")]),
    ({"officers": [], "mode": "OFFSITE"}, {}, "RECORDED_OFFSITE", []),
    ({}, {"officers": [OFFICER]}, "REJECTED_UNQUALIFIED", [("OFFICER_EXPIRED", "TJ1")]),
    ({"approval": None}, {}, "REJECTED_NO_APPROVAL", [("NO_APPROVAL", "")]),
    (
        {"approval": {"no": "A", "by": None, "at": LATE, "mode": "PRIOR"}},
        {},
        "REJECTED_NO_APPROVAL",
        [("APPROVAL_INCOMPLETE", "")],
    ),
    (
        {"approval": {"no": "A", "by": "B", "at": "2026-03-16T16:00:00Z"}},
        {},
        "REJECTED_NO_APPROVAL",
        [("APPROVED_AFTERWARDS", "")],
    ),
    ({"approval": {"no": "A", "by": "B", "at": "2026-03-16T15:59:59Z"}}, {}, "ISSUED", []),
    ({"approval": RETROACTIVE}, {}, "REJECTED_NO_APPROVAL", [("NOT_URGENT", "")]),
    (
        {"approval": {**RETROACTIVE, "no": "A", "by": "B", "at": LATE}, "trigger": "URGENT"},
        {},
        "REJECTED_NO_APPROVAL",
        [("APPROVED_TOO_LATE", "")],
    ),
    (
        {"approval": {**RETROACTIVE, "no": "A", "by": "B", "at": IN_TIME}, "trigger": "URGENT"},
        {},
        "ISSUED",
        [],
    ),
    (
        {"approval": {**RETROACTIVE, "no": "A", "at": IN_TIME}, "trigger": "URGENT"},
        {},
        "REJECTED_NO_APPROVAL",
        [("APPROVAL_INCOMPLETE", "")],
    ),
    ({"approval": RETROACTIVE, "trigger": "URGENT"}, {}, "ISSUED", []),
    ({}, {"in_territory": False}, "REJECTED_OUT_OF_TERRITORY", [("OUT_OF_TERRITORY", "120116")]),
    ({"assist_letter_no": "L"}, {"in_territory": False}, "ISSUED", []),
    ({}, {"in_scope": False}, "RECORDED_OUT_OF_SCOPE", [("OBJECT_TYPE", "")]),
    (
        {},
        {"subject": {"status": "MOVED_OUT"}},
        "RECORDED_OUT_OF_SCOPE",
        [("SUBJECT_MOVED_OUT", "")],
    ),
    ({"mode": "OFFSITE", "backfill": True}, {}, "RECORDED_OFFSITE", []),
    ({"backfill": True}, {"whitelisted_items": ["I-1"]}, "RECORDED_BACKFILL", []),
    ({}, {"whitelisted_items": ["I-1"]}, "REFUSED_WHITELISTED", [("ITEM_WHITELISTED", "I-1")]),
    ({"trigger": "COMPLAINT", "clue_no": "C"}, {"whitelisted_items": ["I-1"]}, "ISSUED", []),
    (
        {"trigger": "COMPLAINT"},
        {"whitelisted_items": ["I-1"]},
        "REFUSED_WHITELISTED",
        [("ITEM_WHITELISTED", "I-1")],
    ),
    ({}, {}, "ISSUED", []),
]


@pytest.mark.parametrize(("changes", "findings", "decision", "why"), ROWS)
def test_a_row_of_the_ladder(changes, findings, decision, why):
    answer = Log().task("T", findings=findings, **changes)

    assert (answer["decision"], reasons(answer)) == (decision, why)
    assert answer["valid_until"] == ("2026-03-23" if decision == "ISSUED" else None)


def test_the_same_content_is_a_repeat_and_other_content_a_conflict():
    log = Log()
    log.task("T", items=["I-1", "I-2"])

    assert log.task("T", items=["I-2", "I-1", "I-1"], entity_name="another name") == {
        "fact": "REPEATED",
        "task_id": "T",
    }
    conflict = log.task("T", items=["I-3"])
    assert conflict["decision"] == "CONFLICT"
    assert conflict["digests"][0] != conflict["digests"][1]


def test_the_digest_of_a_tasks_content_is_the_one_of_the_specification():
    log = Log()
    log.task("T", items=["b", "a"], officers=["z", "y"], clue_no="线索", trigger="MEDIA")
    written = (
        '["WJW-120116","ONSITE","DAILY","MEDIA","线索",["a","b"],"2026-03-16","120116",null,'
        '["y","z"],null,["A","B","PRIOR"],null,null,false,false]'
    )

    assert log.state.tasks["T"].digest == hashlib.sha256(written.encode()).hexdigest()[:32]


def test_a_cancellation_that_came_first_is_remembered():
    log = Log()
    log.cancel("T")

    answer = log.task("T")

    assert (answer["decision"], reasons(answer)) == ("CANCELLED", [("CANCELLED_BEFORE", "")])


def test_a_member_of_a_joint_task_does_not_go_alone_in_its_quarter():
    log = Log()
    log.join("J")

    refused = log.task("T-1", dept=DRUGS)

    assert reasons(refused) == [("JOINT_TASK", f"J lead {HEALTH}")]
    assert log.task("T-2", dept=DRUGS, joint_id="J")["decision"] == "ISSUED"
    assert log.task("T-3", dept=DRUGS, planned="2026-04-01")["decision"] == "ISSUED"
    assert log.task("T-4", dept=POLICE)["decision"] == "ISSUED"


def test_a_member_is_only_warned_when_the_policy_says_so():
    log = Log(joint_member="warn")
    log.join("J")

    answer = log.task("T", dept=DRUGS)

    assert (answer["decision"], answer["warnings"]) == ("ISSUED", ["JOINT_MEMBER"])


def test_the_whitelist_holds_on_its_days():
    log = Log()
    log.whitelist("2026-03-01", "2026-03-16")

    assert reasons(log.task("T-1")) == [("SUBJECT_WHITELISTED", "")]
    assert log.task("T-2", planned="2026-03-17")["decision"] == "ISSUED"
    log.whitelist(listed=False)
    assert log.task("T-3")["decision"] == "ISSUED"


def test_the_third_of_two_is_intercepted_and_says_what_fills_the_counter():
    log = Log(cap("A", 2))

    assert counter(log.task("T-1")) == (1, 2, "A@1")
    assert counter(log.task("T-2", trigger="COMPLAINT", clue_no="C")) == (None, None, None)
    second = log.task("T-3")
    third = log.task("T-4")

    assert (second["decision"], counter(second)) == ("ISSUED", (2, 2, "A@1"))
    assert second["counted"] == ["T-1", "T-3"]
    assert (third["decision"], counter(third)) == ("INTERCEPTED_OVER_CAP", (2, 2, "A@1"))
    assert (third["counted"], reasons(third)) == (["T-1", "T-3"], [("CAP", "A@1")])
    assert log.task("T-5", dept=DRUGS)["decision"] == "ISSUED"
    assert log.task("T-6", planned="2027-01-01")["decision"] == "ISSUED"


def test_a_cap_of_zero_blocks_what_is_not_exempt():
    log = Log(cap("A", 0, match={"class": {"scheme": "CREDIT_EVALUATION", "in": ["A"]}}))

    assert log.task("T-1")["decision"] == "ISSUED"
    log.classify("A")
    assert log.task("T-2")["decision"] == "INTERCEPTED_OVER_CAP"
    assert log.task("T-3", trigger="URGENT", clue_no="C")["decision"] == "ISSUED"


def test_the_tightest_rule_is_named_and_every_one_used_up_is_a_reason():
    log = Log(cap("OWN", 2), cap("BOTH", 2, scope=group(HEALTH, CITY)), cap("AAA", 9))

    first = log.task("T-1")
    log.task("T-2", dept=CITY)
    third = log.task("T-3")

    assert counter(first) == (1, 2, "BOTH@1")
    assert reasons(third) == [("CAP", "BOTH@1")]
    assert counter(third) == (2, 2, "BOTH@1")


@pytest.mark.parametrize(
    ("rule", "decision"),
    [
        ({"max": None}, "ISSUED"),
        ({"from": "2026-03-17"}, "ISSUED"),
        ({"to": "2026-03-15"}, "ISSUED"),
        ({"from": "2026-03-16", "to": "2026-03-16"}, "INTERCEPTED_OVER_CAP"),
        ({"scope": {"kind": "AGENCY", "id": CITY}}, "ISSUED"),
        ({"match": {"industry": ["51"]}}, "INTERCEPTED_OVER_CAP"),
        ({"match": {"industry": ["52"]}}, "ISSUED"),
        ({"match": {"items": ["I-2"]}}, "ISSUED"),
        ({"match": {"object_types": ["91"]}}, "INTERCEPTED_OVER_CAP"),
        ({"match": {"object_types": ["92"]}}, "ISSUED"),
        ({"match": {"object_types": ["9x"]}}, "INTERCEPTED_OVER_CAP"),
        ({"modes": ["OFFSITE"]}, "ISSUED"),
        ({"kinds": ["SPECIAL"]}, "ISSUED"),
        ({"not_counted_triggers": ["PLAN"]}, "ISSUED"),
    ],
)
def test_a_rule_applies_when_all_of_it_matches(rule, decision):
    found = {"subject": {"status": "ACTIVE", "industry": "5122", "object_type": "9x", "name": ""}}

    assert Log(cap("A", 0, **rule)).task("T", findings=found)["decision"] == decision


def test_a_period_of_several_years_ends_with_the_tasks_year():
    log = Log(cap("A", 1, years=2))
    log.task("T-1", planned="2026-05-05")

    assert log.task("T-2", planned="2027-05-05")["decision"] == "INTERCEPTED_OVER_CAP"
    assert log.task("T-3", planned="2028-05-05")["decision"] == "ISSUED"


def test_a_joint_visit_counts_as_the_rule_says():
    once = Log(cap("A", 1, scope=group(HEALTH, DRUGS, CITY), joint="ONCE_PER_VISIT"))
    once.join("J", members=(HEALTH, DRUGS), lead=HEALTH)
    first, second = (once.task("T-1", joint_id="J"), once.task("T-2", joint_id="J", dept=DRUGS))
    assert (counter(first), counter(second)) == ((1, 1, "A@1"), (1, 1, "A@1"))
    assert second["counted"] == ["T-1"]
    assert once.task("T-3", dept=CITY)["decision"] == "INTERCEPTED_OVER_CAP"

    led = Log(cap("A", 1, scope=group(HEALTH, DRUGS), joint="LEAD_ONLY"))
    led.join("J", lead=DRUGS)
    assert counter(led.task("T-1", joint_id="J")) == (None, None, None)
    assert counter(led.task("T-2", joint_id="J", dept=DRUGS)) == (1, 1, "A@1")

    never_formed = Log(cap("A", 1, scope=group(HEALTH, DRUGS), joint="ONCE_PER_VISIT"))
    first, second = (
        never_formed.task("T-1", joint_id="J"), never_formed.task("T-2", joint_id="J", dept=DRUGS)
    )  # fmt: skip
    assert (first["decision"], first["warnings"]) == ("ISSUED", ["UNKNOWN_JOINT"])
    assert first["reasons"] == [{"code": "UNKNOWN_JOINT", "about": "J"}]
    assert second["decision"] == "INTERCEPTED_OVER_CAP"
    assert [one["code"] for one in second["reasons"]] == ["CAP", "UNKNOWN_JOINT"]

    each = Log(cap("A", 1, scope=group(HEALTH, DRUGS)))
    each.task("T-1", joint_id="J")
    assert each.task("T-2", joint_id="J", dept=DRUGS)["decision"] == "INTERCEPTED_OVER_CAP"
