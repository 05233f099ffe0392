"""What the auditor expects to be said of visits and results, worked out from the specification."""

import pytest
from audit_log import HEALTH, Log

from connectors.audit.updates import task_updated

ENTRY, RESULT = "inspection.entry.recorded", "inspection.result.recorded"
CLUE = {"trigger": "COMPLAINT", "clue_no": "C-1"}


def doubts(fact):
    return [(one["code"], one["about"]) for one in fact["doubts"]]


def enter(log, at="2026-03-20T10:00:00+08:00", findings=None, how="SCANNED", officers=()):
    data = {"task_id": "T-1", "how": how, "at": at, "officers": list(officers)}
    return doubts(log.tell(HEALTH, ENTRY, data, findings)[-1])


@pytest.mark.parametrize(
    ("task", "since", "said"),
    [
        ({}, "2026-03-18", [("WHITELISTED_SINCE", "")]),
        ({}, "2026-03-21", []),
        (CLUE, "2026-03-18", []),
        ({"trigger": "COMPLAINT"}, "2026-03-18", [("WHITELISTED_SINCE", "")]),
        ({"mode": "OFFSITE"}, "2026-03-18", []),
    ],
)
def test_the_whitelist_is_asked_again_on_the_day_of_the_entry(task, since, said):
    log = Log()
    log.task("T-1", **task)
    log.whitelist(since)

    assert enter(log) == said


def test_the_earliest_end_of_a_certificate_counts():
    ends = [{"cert_no": "A", "standing": "VALID", "valid_to": "2026-03-19"},
            {"cert_no": "B", "standing": "VALID", "valid_to": "2026-03-18"},
            {"cert_no": "C", "standing": "VALID", "valid_to": None}]  # fmt: skip
    log = Log()
    log.task("T-1", findings={"officers": ends})

    assert enter(log, "2026-03-18T23:59:59+08:00") == []
    assert enter(log, "2026-03-19T00:00:00+08:00", how="REFUSED") == [
        ("CERTIFICATE_ENDED", "2026-03-18")
    ]


def test_who_entered_is_named_once_each():
    log = Log()
    log.task("T-1")
    found = [{"cert_no": "A", "standing": "REVOKED"}, {"cert_no": "A", "standing": "REVOKED"},
             {"cert_no": "B", "standing": "VALID"}]  # fmt: skip

    told = enter(log, findings={"officers": found}, officers=["A", "A", "B"])

    assert told == [("OFFICER_REVOKED", "A")]


def test_if_nobody_is_named_those_of_the_task_came():
    log = Log()
    log.task("T-1", officers=["A", "B"])
    found = [{"cert_no": "B", "standing": "SUSPENDED"}, {"cert_no": "X", "standing": "REVOKED"}]

    assert enter(log, findings={"officers": found}) == [("OFFICER_SUSPENDED", "B")]


@pytest.mark.parametrize(
    ("task", "said"), [({}, ["I-2"]), (CLUE, []), ({"mode": "OFFSITE"}, []), ({"backfill": 1}, [])]
)
def test_items_are_asked_for_again_on_the_day_of_the_entry(task, said):
    log = Log()
    log.task("T-1", items=["I-1", "I-2"], **task)

    told = enter(log, findings={"whitelisted_items": ["I-2", "I-9"]})

    assert told == [("ITEM_WHITELISTED_SINCE", item) for item in said]


def test_points_are_told_beyond_the_standard_first():
    log = Log()
    log.task("T-1")
    data = {"task_id": "T-1", "result_id": "R", "inspected_on": "2026-03-16"}
    found = {"points_missing": ["I/1"], "points_unknown": ["I/9", "I/8"]}

    fact = log.tell(HEALTH, RESULT, data, found)[0]

    assert doubts(fact) == [
        ("POINT_UNKNOWN", "I/9"), ("POINT_UNKNOWN", "I/8"), ("POINT_MISSING", "I/1")
    ]  # fmt: skip


def test_a_decision_pins_classes_ways_and_the_end_of_certificates():
    log = Log()
    log.classify("B", scheme="GENERAL_RISK")
    log.classify("A", "2026-02-01")
    found = {"offsite_items": ["I-1", "I-2"], "offsite_ways": [{"item": "I-2", "way": "ONLINE"}]}

    made = log.task("T-1", findings=found)

    assert made["classes"] == [
        {"scheme": "CREDIT_EVALUATION", "name": "A", "as_of": "2026-02-01"},
        {"scheme": "GENERAL_RISK", "name": "B", "as_of": "2026-01-01"},
    ]
    assert made["offsite"] == [{"item": "I-1", "way": None}, {"item": "I-2", "way": "ONLINE"}]


def test_what_is_whitelisted_is_refused_with_another_way_or_let_through_and_marked():
    log = Log()
    log.whitelist()

    assert log.task("T-1")["warnings"] == ["OFFSITE_PREFERRED"]
    assert log.task("T-2", **CLUE)["warnings"] == ["WHITELISTED"]
    assert log.task("T-3", backfill=True)["warnings"][-1] == "WHITELISTED"


@pytest.mark.parametrize(
    ("choice", "prompts", "reason", "said"),
    [
        ("CONTINUE", ["OFFSITE_PREFERRED"], "", ["REASON_NOT_GIVEN"]),
        ("CONTINUE", ["OFFSITE_PREFERRED"], "x", []),
        ("CONTINUE", ["SAME_ITEM"], "", []),
    ],
)
def test_a_reason_is_asked_for_where_it_could_be_checked_off_site(choice, prompts, reason, said):
    log = Log()
    log.task("T-1")
    data = {"task_id": "T-1", "choice": choice, "prompts": prompts, "reason": reason}
    facts = log.tell(HEALTH, "inspection.choice.recorded", data)
    entry = type("E", (), {
        "data": data, "key": log.uscc, "type": "inspection.choice.recorded", "partition": 3,
        "offset": 1, "at_ms": 0,
    })  # fmt: skip

    update = task_updated(entry, facts, "ISSUED", log.state, HEALTH)

    assert facts[0]["reason"] == reason
    assert [one["code"] for one in update["reasons"]] == said
