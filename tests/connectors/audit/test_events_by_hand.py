"""Are the auditor's prompts and its events those of the specification? Worked out by hand."""

import pytest
from audit_log import CITY, DRUGS, HEALTH, Log, cap, counter, noted


def test_the_second_visit_of_a_department_in_a_year_is_a_repeat():
    log = Log()

    warnings = [
        log.task("T-1", items=["I-1"])["warnings"],
        log.task("T-2", items=["I-2"], planned="2026-06-01")["warnings"],
        log.task("T-3", items=["I-1"], planned="2026-09-01")["warnings"],
        log.task("T-4", items=["I-1"], planned="2027-09-01")["warnings"],
        log.task("T-5", items=["I-1"], dept=DRUGS)["warnings"],
    ]

    assert warnings == [
        [],
        ["REPEAT_INSPECTION"],
        ["REPEAT_INSPECTION", "SAME_ITEM", "UNREASONABLE_FREQUENCY"],
        [],
        [],
    ]


def test_offsite_knows_the_same_item_but_is_no_visit():
    log = Log()
    log.task("T-1")

    assert log.task("T-2", mode="OFFSITE")["warnings"] == ["SAME_ITEM"]
    assert log.task("T-3", items=["I-9"])["warnings"] == ["REPEAT_INSPECTION"]


def test_a_window_counts_visits_of_all_departments_and_a_joint_one_once():
    log = Log(windows=[{"days": 7, "max": 2}])
    log.join("J", members=(HEALTH, DRUGS), lead=HEALTH)
    log.task("T-1", planned="2026-03-10", joint_id="J")
    log.task("T-2", planned="2026-03-10", joint_id="J", dept=DRUGS)
    assert log.task("T-3", planned="2026-03-16", dept=CITY)["warnings"] == []

    dense = log.task("T-4", planned="2026-03-16", dept="GA-120116")
    later = log.task("T-5", planned="2026-03-17", dept="SJ-120116")
    before = log.task("T-6", planned="2026-03-09", dept="XF-120116")

    assert (dense["warnings"], later["warnings"]) == (["SHORT_WINDOW"], ["SHORT_WINDOW"])
    assert before["warnings"] == []


def test_a_window_begins_with_its_first_day_and_no_earlier():
    log = Log(windows=[{"days": 7, "max": 2}])
    log.task("T-1", planned="2026-03-09")
    log.task("T-2", planned="2026-03-10", dept=CITY)

    assert log.task("T-3", planned="2026-03-16", dept=DRUGS)["warnings"] == []
    assert log.task("T-4", planned="2026-03-16", dept="GA-1")["warnings"] == ["SHORT_WINDOW"]


def test_the_items_of_a_result_are_the_tasks_from_then_on():
    log = Log()
    log.task("T-1", items=["I-1"])
    log.result("T-1", items=["I-2"])

    assert "SAME_ITEM" in log.task("T-2", items=["I-2"])["warnings"]


def test_missing_evidence_is_told_off_site_but_not_out_of_scope():
    claimed = {"trigger": "COMPLAINT"}

    offsite = Log().task("T", mode="OFFSITE", **claimed)
    outside = Log().task("T", findings={"in_scope": False}, **claimed)

    assert (offsite["warnings"], outside["warnings"]) == (["EXEMPTION_EVIDENCE_MISSING"], [])


def test_what_intake_found_is_told_with_every_first_decision():
    found = {"check_digit_ok": False, "unknown_fields": ["x"], "offsite_items": ["I-1"]}

    issued = Log().task("T", findings=found)
    rejected = Log().task("T", findings=found, approval=None)

    assert issued["warnings"] == ["OFFSITE_PREFERRED", "CHECK_DIGIT", "UNKNOWN_FIELD"]
    assert rejected["warnings"] == ["CHECK_DIGIT", "UNKNOWN_FIELD"]


def test_missing_evidence_and_approval_are_told_from_their_rows_on():
    urgent = {"trigger": "URGENT", "approval": {"mode": "RETROACTIVE_URGENT"}}

    issued = Log().task("T", **urgent)
    elsewhere = Log().task("T", findings={"in_territory": False}, **urgent)

    assert issued["warnings"] == ["EXEMPTION_EVIDENCE_MISSING", "APPROVAL_OUTSTANDING"]
    assert elsewhere["warnings"] == ["APPROVAL_OUTSTANDING"]
    assert (issued["exempt"], Log().task("T", clue_no="C", **urgent)["exempt"]) == (False, True)


def test_a_backfill_is_never_blocked_but_told_when_late_or_over_the_cap():
    log = Log(cap("A", 1))
    log.task("T-1")

    late = log.task("T-2", items=["I-2"], backfill=True, time="2026-03-27T00:00:00+08:00")
    in_time = log.task("T-3", items=["I-3"], backfill=True, time="2026-03-26T15:59:59Z")

    assert late["warnings"] == ["REPEAT_INSPECTION", "OVER_CAP_BACKFILL", "LATE_BACKFILL"]
    assert counter(late) == (2, 1, "A@1")
    assert "LATE_BACKFILL" not in in_time["warnings"]


def test_a_cancellation_gives_a_reservation_back_once():
    log = Log(cap("A", 1))
    log.task("T-1")

    (fact,) = log.cancel("T-1")

    assert (fact["known"], fact["released"]) == (True, True)
    assert noted(log.cancel("T-1")) == "REPEATED"
    assert log.task("T-2")["decision"] == "ISSUED"
    (rejected,) = (log.task("T-3"), log.cancel("T-3"))[1]
    assert rejected["released"] is False


def test_nobody_cancels_what_took_place_or_is_anothers():
    log = Log()
    log.task("T-1")

    assert noted(log.cancel("T-1", dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"
    log.entry("T-1")
    assert noted(log.cancel("T-1")) == "REFUSED ALREADY_INSPECTED"


def test_a_code_expires_after_its_last_day_and_only_while_it_is_open():
    log = Log(cap("A", 1))
    log.task("T-1")

    assert noted(log.expire("T-1", "2026-03-23")) == "REPEATED NOT_OPEN"
    assert noted(log.expire("T-1", "2026-03-24")) == "EXPIRED"
    assert noted(log.expire("T-1", "2026-03-24")) == "REPEATED NOT_OPEN"
    assert noted(log.cancel("T-1")) == "REFUSED EXPIRED"
    assert log.task("T-2")["decision"] == "ISSUED"
    assert noted(log.expire("T-9", "2026-03-24")) == "REPEATED NOT_OPEN"


def test_a_shown_code_is_still_open_and_the_day_stays_the_planned_one():
    log = Log()
    log.task("T")

    (fact,) = log.entry("T", at="2026-03-20T10:00:00+08:00", how="SHOWN_ONLY")

    assert (fact["code_state"], fact["day"], fact["known"]) == ("SHOWN", "2026-03-16", True)
    assert noted(log.entry("T", how="SHOWN_ONLY")) == "REPEATED"
    assert noted(log.entry("U", how="SHOWN_ONLY")) == "REFUSED UNKNOWN_TASK"
    assert noted(log.expire("T", "2026-04-01")) == "EXPIRED"


def test_of_several_entries_the_later_one_wins_until_the_result():
    log = Log()
    log.task("T")

    assert log.entry("T", how="REFUSED")[0]["code_state"] == "SCAN_REFUSED"
    assert noted(log.entry("T", how="REFUSED")) == "REPEATED"
    assert log.entry("T", how="LICENCE_FAILED")[0]["code_state"] == "LICENCE_FAILED"
    assert noted(log.entry("T", how="SHOWN_ONLY")) == "REPEATED"
    assert noted(log.result("T")) == "COMPLETED"
    assert noted(log.entry("T")) == "REFUSED ALREADY_COMPLETED"


def test_a_result_is_counted_with_or_without_a_code():
    log = Log(cap("A", 1))

    (fact,) = log.result("T-1", items=["I-7"])

    assert (fact["known"], fact["no_code"], fact["items"]) == (False, True, ["I-7"])
    assert log.task("T-2")["decision"] == "INTERCEPTED_OVER_CAP"
    assert noted(log.result("T-1")) == "REPEATED"
    assert noted(log.result("T-1", result_id="R-2")) == "REFUSED ALREADY_COMPLETED"
    late = log.task("T-1", planned="2026-03-10")
    assert (late["decision"], counter(late)) == ("RECORDED_BACKFILL", (1, 1, "A@1"))


def test_a_counter_names_its_tasks_in_the_order_in_which_the_journal_did():
    log = Log(cap("A", 9))
    log.task("T-1")
    log.result("T-2")
    log.task("T-3")

    backfilled = log.task("T-2", planned="2026-03-10")

    assert backfilled["counted"] == ["T-1", "T-2", "T-3"]


def test_a_visit_to_a_cancelled_or_intercepted_task_counts():
    log = Log(cap("A", 1))
    log.task("T-1")
    log.cancel("T-1")
    log.task("T-2")
    assert log.task("T-3")["decision"] == "INTERCEPTED_OVER_CAP"
    log.cancel("T-2")

    log.entry("T-1")

    blocked = log.task("T-4")
    assert (blocked["decision"], blocked["counted"]) == ("INTERCEPTED_OVER_CAP", ["T-1"])
    log.entry("T-3", how="REFUSED")
    assert log.task("T-5")["counted"] == ["T-1", "T-3"]


@pytest.mark.parametrize(
    ("at", "day", "over"),
    [
        ("2026-12-31T15:59:59Z", "2026-12-31", []),
        ("2026-12-31T16:00:00Z", "2027-01-01", ["A@1"]),
    ],
)
def test_an_entry_in_another_year_moves_the_reservation(at, day, over):
    log = Log(cap("A", 1))
    log.task("T-1", planned="2026-12-30")
    log.task("T-2", planned="2027-01-10")

    (fact,) = log.entry("T-1", at=at)

    assert (fact["day"], fact["over"]) == (day, over)
    decision = log.task("T-3", planned="2026-11-11")["decision"]
    assert decision == ("ISSUED" if over else "INTERCEPTED_OVER_CAP")


def test_a_stop_after_a_prompt_cancels():
    log = Log()
    log.task("T")

    assert [f["fact"] for f in log.choose("T", "CONTINUE")] == ["CHOICE"]
    assert [f["fact"] for f in log.choose("T", "STOP")] == ["CHOICE", "CANCELLED"]
    assert noted(log.choose("T", "STOP")) == "REPEATED"
    assert noted(log.choose("U", "STOP")) == "REFUSED UNKNOWN_TASK"
    assert noted(log.choose("T", "STOP", dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"


def test_the_newest_class_wins_and_the_later_record_of_one_day():
    log = Log()

    assert noted(log.classify("A", "2026-02-02")) == "CLASSIFIED"
    assert noted(log.classify("B", "2026-02-01")) == "REPEATED OLDER"
    assert noted(log.classify("C", "2026-02-02")) == "CLASSIFIED"
    assert log.state.classes["CREDIT_EVALUATION"][0] == "C"


def test_a_joint_task_is_formed_once():
    log = Log()

    assert noted(log.join("J")) == "JOINT"
    assert noted(log.join("J", lead=DRUGS)) == "REPEATED"
    assert log.state.joints["J"].lead == HEALTH


def test_ratings_count_after_the_result_for_thirty_days_and_the_newest_wins():
    log = Log()
    log.task("T")
    log.entry("T")
    assert noted(log.rate("T")) == "REFUSED NO_RESULT"
    log.result("T")

    assert noted(log.rate("T", 2, "a")) == "RATED"
    assert noted(log.rate("T", 2, "a")) == "REPEATED"
    assert noted(log.rate("T", 4, at="2026-03-16T10:00:00+08:00")) == "REPEATED OLDER"
    assert noted(log.rate("T", 4, at="2026-04-15T23:59:59+08:00")) == "RATED"
    assert noted(log.rate("T", 5, at="2026-04-16T00:00:00+08:00")) == "REFUSED RATING_CLOSED"
    assert noted(log.rate("T", dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"
    assert noted(log.rate("U")) == "REFUSED UNKNOWN_TASK"
