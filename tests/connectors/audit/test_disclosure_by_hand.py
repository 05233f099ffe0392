"""When is a result shown, and on which grounds not? Rows worked out by hand (semantics §9)."""

import pytest
from audit_log import DRUGS, HEALTH, Log, noted

NAME = {"subject": {"name": "某某有限公司"}}


class Results(Log):
    """One enterprise whose results are published, corrected, stopped and resumed."""

    def publish(self, result_id="R", dept=HEALTH, task_id="T", **changes):
        data = {
            "task_id": task_id,
            "result_id": result_id,
            "inspected_on": "2026-03-16",
            "outcomes": ["5", "2", "5"],
            "found_problem": True,
            "negative": True,
            "publish": True,
            "follow_up": None,
            **changes,
        }
        return self.tell(dept, "inspection.result.recorded", data, NAME)

    def correct(self, result_id="R", dept=HEALTH, at="2026-04-01T09:00:00+08:00", **changes):
        data = {
            "task_id": "T",
            "result_id": result_id,
            "inspected_on": "2026-03-16",
            "outcomes": ["2"],
            "found_problem": False,
            "negative": False,
            "publish": True,
            "reason": "r",
            "corrected_at": at,
            **changes,
        }
        return self.tell(dept, "inspection.result.corrected", data, NAME)

    def stop(self, reason="CASCADE", dept=HEALTH, result_id="R", at="2026-02-13T09:00:00+08:00"):
        data = {"result_id": result_id, "stop_reason": reason, "scope": "PUBLIC_ONLY"}
        data |= {"decision_no": "S-1", "ordered_at": at}
        return self.tell(dept, "disclosure.stop.ordered", data)

    def resume(
        self,
        reason="BANKRUPTCY_TEMP_MASK",
        dept=HEALTH,
        result_id="R",
        at="2026-02-16T09:00:00+08:00",
    ):
        data = {"result_id": result_id, "stop_reason": reason, "decision_no": "N"}
        data["ordered_at"] = at
        return self.tell(dept, "disclosure.resume.ordered", data)


def said(facts):
    """Version, state and cause of the last disclosure."""
    fact = facts[-1]
    return fact["version"], fact["state"], fact["cause"]


def test_a_published_result_is_disclosed_with_its_content():
    log = Results()

    completed, fact = log.publish()

    assert completed["fact"] == "COMPLETED"
    assert said([fact]) == (1, "DISCLOSED", "RESULT")
    assert fact["content"] == {
        "task_id": "T",
        "dept": HEALTH,
        "inspected_on": "2026-03-16",
        "outcomes": ["2", "5"],
        "found_problem": True,
        "negative": True,
        "entity_name": "某某有限公司",
        "follow_up": None,
    }
    unsaid = ("reason", "scope", "decision_no", "said_at", "due_on", "provisional")
    assert all(fact[name] is None for name in unsaid)


def test_an_unpublished_result_has_no_disclosure_until_it_is_corrected():
    log = Results()

    assert [fact["fact"] for fact in log.publish(publish=False)] == ["COMPLETED"]
    assert noted(log.stop()) == "REFUSED NOT_DISCLOSED"
    assert said(log.correct()) == (1, "DISCLOSED", "CORRECTED")


def test_another_departments_result_id_is_taken():
    log = Results()
    log.publish(task_id="T")

    assert [fact["fact"] for fact in log.publish(dept=DRUGS, task_id="U")] == ["COMPLETED"]


ORDERS = {
    # reason: (state, due; said on Friday 2026-02-13 before the Spring Festival)
    "RESULT_WITHDRAWN": ("WITHDRAWN", "2026-02-25"),
    "ENTITY_ERROR": ("WITHDRAWN", "2026-02-25"),
    "OBJECTION_UPHELD": ("STOPPED", "2026-02-27"),
    "CASCADE": ("STOPPED", "2026-02-13"),
    "EXPIRED": ("STOPPED", "2026-02-25"),
    "BANKRUPTCY_TEMP_MASK": ("STOPPED", "2026-02-25"),
}


@pytest.mark.parametrize("reason", ORDERS)
def test_an_order_stops_for_its_reason_and_by_its_day(reason):
    log = Results()
    log.publish()

    fact = log.stop(reason)[-1]

    assert (fact["state"], fact["due_on"]) == ORDERS[reason]
    assert said([fact]) == (2, ORDERS[reason][0], "ORDERED")
    assert (fact["reason"], fact["scope"]) == (reason, "PUBLIC_ONLY")
    assert (fact["decision_no"], fact["said_at"]) == ("S-1", 1_770_944_400_000)
    assert fact["provisional"] is False
    assert noted(log.stop(reason)) == "REPEATED"


def test_the_first_reason_of_the_list_leads_whatever_came_first():
    log = Results()
    log.publish()

    assert log.stop("EXPIRED")[-1]["reason"] == "EXPIRED"
    assert log.stop("ENTITY_ERROR")[-1]["reason"] == "ENTITY_ERROR"
    fact = log.stop("OBJECTION_UPHELD")[-1]
    assert (fact["reason"], fact["state"]) == ("ENTITY_ERROR", "WITHDRAWN")
    assert fact["version"] == 4


def test_who_may_stop_and_what_needs_a_repair():
    log = Results()
    log.publish()

    assert noted(log.stop(dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"
    assert noted(log.stop("REPAIR_APPROVED")) == "REFUSED NEEDS_REPAIR"
    assert said(log.stop(dept="REGISTRY")) == (2, "STOPPED", "ORDERED")


def test_a_stop_that_comes_first_waits_and_beats_the_late_disclosure():
    log = Results()

    (kept,) = log.stop("BANKRUPTCY_TEMP_MASK")

    assert (kept["fact"], kept["result_id"], kept["dept"]) == ("STOP_KEPT", "R", HEALTH)
    assert kept["ground"]["reason"] == "BANKRUPTCY_TEMP_MASK"
    assert noted(log.stop("BANKRUPTCY_TEMP_MASK")) == "REPEATED"
    assert said(log.publish()) == (0, "STOPPED", "RESULT")
    assert said(log.correct()) == (0, "STOPPED", "CORRECTED")
    assert said(log.resume()) == (1, "DISCLOSED", "RESUMED")


def test_what_another_department_ordered_before_the_result_came_is_dropped():
    log = Results()

    assert log.stop(dept=DRUGS)[0]["fact"] == "STOP_KEPT"
    assert said(log.publish()) == (1, "DISCLOSED", "RESULT")


def test_the_right_departments_order_is_not_lost_behind_anothers():
    log = Results()
    log.stop(dept=DRUGS)

    assert log.stop(dept=HEALTH)[0]["fact"] == "STOP_KEPT"
    assert said(log.publish()) == (0, "STOPPED", "RESULT")


def test_only_a_mask_can_be_taken_off_again():
    log = Results()
    log.publish()
    log.stop("CASCADE")

    assert noted(log.resume("CASCADE")) == "REFUSED NOT_REVERSIBLE"
    assert noted(log.resume()) == "REFUSED NOT_STOPPED"
    log.stop("BANKRUPTCY_TEMP_MASK")
    assert noted(log.resume(dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"
    assert said(log.resume()) == (4, "STOPPED", "RESUMED")


def test_a_correction_is_a_new_version_and_an_older_one_changes_nothing():
    log = Results()

    assert noted(log.correct()) == "REFUSED UNKNOWN_RESULT"
    log.publish()
    assert noted(log.correct(dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"
    assert said(log.correct()) == (2, "DISCLOSED", "CORRECTED")
    assert noted(log.correct()) == "REPEATED"
    older = log.correct(at="2026-03-31T09:00:00+08:00", outcomes=["9"])
    assert noted(older) == "REPEATED OLDER"
    same_instant = log.correct(outcomes=["9"])
    assert said(same_instant) == (3, "DISCLOSED", "CORRECTED")


def test_a_correction_to_unpublished_withdraws_and_a_later_one_does_not_bring_it_back():
    log = Results()
    log.publish()

    fact = log.correct(publish=False)[-1]

    assert said([fact]) == (2, "WITHDRAWN", "CORRECTED")
    assert (fact["reason"], fact["scope"]) == ("RESULT_WITHDRAWN", "PUBLIC_AND_SHARING")
    assert (fact["decision_no"], fact["due_on"]) == (None, "2026-04-07")
    again = log.correct(at="2026-04-02T09:00:00+08:00")
    assert said(again) == (3, "WITHDRAWN", "CORRECTED")


def test_a_correction_of_what_stays_unpublished_is_nothing_new():
    log = Results()
    log.publish(publish=False)

    assert noted(log.correct(publish=False)) == "REPEATED"


def test_a_late_copy_of_a_mask_or_of_its_end_changes_nothing():
    log = Results()
    log.publish()
    log.stop("BANKRUPTCY_TEMP_MASK")

    early = log.resume(at="2026-02-12T09:00:00+08:00")

    assert noted(early) == "REPEATED OLDER"
    assert said(log.resume()) == (3, "DISCLOSED", "RESUMED")
    assert noted(log.stop("BANKRUPTCY_TEMP_MASK")) == "REPEATED OLDER"
    again = log.stop("BANKRUPTCY_TEMP_MASK", at="2026-02-16T09:00:00.001+08:00")
    assert said(again) == (4, "STOPPED", "ORDERED")


def test_a_mask_that_waits_is_taken_back_by_who_set_it_or_by_the_registry():
    log = Results()
    log.stop("BANKRUPTCY_TEMP_MASK")
    log.stop("BANKRUPTCY_TEMP_MASK", dept=DRUGS)

    assert noted(log.resume(dept="GA-120116")) == "REFUSED NOT_STOPPED"
    assert [f["dept"] for f in log.resume(dept="REGISTRY")] == [HEALTH, DRUGS]
    assert noted(log.stop("BANKRUPTCY_TEMP_MASK")) == "REPEATED OLDER"
    assert said(log.publish()) == (1, "DISCLOSED", "RESULT")


def test_of_two_orders_for_one_reason_the_one_said_last_is_taken_over():
    log = Results()
    log.stop("EXPIRED", dept="REGISTRY", at="2026-02-14T09:00:00+08:00")
    log.stop("EXPIRED")

    grounds = log.publish()[-1]["grounds"]

    assert [(g["name"], g["dept"]) for g in grounds] == [("order:EXPIRED", "REGISTRY")]
