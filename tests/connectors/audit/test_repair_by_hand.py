"""Which step of a repair acts, waits, or is refused? Worked out by hand (semantics §10)."""

import pytest
from audit_log import DRUGS, HEALTH, noted
from audit_repairs import DOCUMENTS
from test_disclosure_by_hand import Results, said


class Repairs(Results):
    """One enterprise's results and the repairs of them."""

    def step(self, kind, dept=HEALTH, repair_id="C", **data):
        return self.tell(dept, f"repair.{kind}", {"repair_id": repair_id, **data})

    def apply(self, *ids, documents=DOCUMENTS, dept=HEALTH, **more):
        data = {"result_ids": list(ids) or ["R"], "documents": documents, "channel": "ONSITE"}
        at = "2026-09-21T09:00:00+08:00"
        return self.step("applied", dept, **data, applied_at=at, **more)

    def accept(self, at="2026-09-22T09:00:00+08:00", dept=HEALTH):
        return self.step("accepted", dept, accepted_at=at)

    def ask(self, day):
        return self.step("supplement.asked", at=f"{day}T09:00:00+08:00", what="w")

    def receive(self, day, documents=()):
        return self.step(
            "supplement.received", at=f"{day}T09:00:00+08:00", documents=list(documents)
        )

    def decide(self, decision="APPROVED", number="D-1", *ids, dept=HEALTH, reason="r"):
        data = {"result_ids": list(ids), "decision": decision, "decision_no": number}
        at = "2026-09-30T09:00:00+08:00"
        return self.step("decided", dept, **data, reason=reason, decided_at=at)


def steps(facts):
    """What happened, in short: step and status, or what else there is."""
    return [
        f"{f['step']} {f['status']}" if f["fact"] == "REPAIR" else noted([f])
        for f in facts
    ]  # fmt: skip


def accepted(*ids):
    log = Repairs()
    for number, result_id in enumerate(ids or ("R",)):
        log.publish(result_id, task_id=f"T-{number}")
    log.apply(*ids)
    log.accept()
    return log


def test_an_approval_stops_every_result_of_the_case_in_its_order():
    log = accepted("R", "S")

    repair, first, second = log.decide()

    assert (repair["step"], repair["status"], repair["due_on"]) == ("DECIDED", "APPROVED", None)
    assert [first["result_id"], second["result_id"]] == ["R", "S"]
    assert said([first]) == said([second]) == (2, "STOPPED", "REPAIRED")
    names = ("reason", "scope", "decision_no", "due_on", "provisional")
    found = ("REPAIR_APPROVED", "PUBLIC_AND_SHARING", "D-1", "2026-10-10", False)
    assert tuple(first[name] for name in names) == found


def test_one_result_of_a_case_may_be_approved_alone():
    log = accepted("R", "S")

    assert [f.get("result_id") for f in log.decide("APPROVED", "D-1", "S")] == [None, "S"]
    assert noted(log.decide("APPROVED", "D-1", "S")) == "REPEATED"


def test_only_a_revocation_under_its_own_number_discloses_again():
    log = accepted()
    log.decide()

    assert said(log.publish(outcomes=["1"], task_id="T-9")) == (3, "STOPPED", "RESULT")
    assert said(log.correct()) == (4, "STOPPED", "CORRECTED")
    assert noted(log.decide("REVOKED", None)) == "REFUSED DECISION_NO_MISSING"
    assert noted(log.decide("REVOKED", "D-1")) == "REFUSED DECISION_NO_REUSED"
    assert noted(log.decide("REVOKED", "D-2", dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"
    assert said(log.decide("REVOKED", "D-2")) == (5, "DISCLOSED", "REVOKED")
    assert noted(log.decide("REVOKED", "D-2")) == "REPEATED"
    assert noted(log.decide("APPROVED", "D-1")) == "REPEATED"
    assert noted(log.decide("APPROVED", "D-3")) == "REFUSED ALREADY_DECIDED"


def test_a_repair_leaves_the_result_stopped_that_an_order_stops_as_well():
    log = accepted()
    log.stop("ENTITY_ERROR")

    assert said(log.decide()) == (3, "WITHDRAWN", "REPAIRED")
    assert said(log.decide("REVOKED", "D-2")) == (4, "WITHDRAWN", "REVOKED")


REFUSED_DECISIONS = {
    "an approval without a number": (("APPROVED", None), {}, "DECISION_NO_MISSING"),
    "a refusal without a reason": (("REFUSED", "D"), {"reason": " "}, "REASON_MISSING"),
    "a result of no such case": (("APPROVED", "D", "X"), {}, "NOT_IN_CASE"),
    "another department": (("APPROVED", "D"), {"dept": DRUGS}, "OTHER_DEPARTMENT"),
}


@pytest.mark.parametrize("name", REFUSED_DECISIONS)
def test_a_decision_that_cannot_be_is_refused_and_the_case_stays_open(name):
    words, more, code = REFUSED_DECISIONS[name]
    log = accepted()

    assert noted(log.decide(*words, **more)) == f"REFUSED {code}"
    assert steps(log.decide())[0] == "DECIDED APPROVED"


def test_documents_that_are_missing_can_be_handed_in():
    log = Repairs()
    log.publish()

    assert steps(log.apply(documents=DOCUMENTS[:1])) == ["APPLIED APPLIED"]
    missing = "REFUSED DOCUMENT_MISSING DOCUMENT_MISSING DOCUMENT_MISSING"
    assert noted(log.accept()) == missing
    assert steps(log.receive("2026-09-21", DOCUMENTS[1:])) == ["SUPPLEMENT_RECEIVED APPLIED"]
    assert steps(log.accept()) == ["ACCEPTED ACCEPTED"]
    assert noted(log.accept()) == "REPEATED"


def test_the_due_day_waits_while_a_supplement_is_awaited():
    log = Repairs()
    log.publish()
    log.apply()

    assert log.accept()[0]["due_on"] == "2026-10-09"
    assert log.ask("2026-09-24")[0]["due_on"] is None
    assert log.ask("2026-09-25")[0]["due_on"] is None
    assert log.receive("2026-09-29")[0]["due_on"] == "2026-10-12"


UNFIT = {
    "another department's result": ("S", "OTHER_DEPARTMENT"),
    "an unpublished result": ("U", "NOT_DISCLOSED"),
    "a result with nothing to repair": ("P", "NOT_NEGATIVE"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_application_for_what_cannot_be_repaired_is_refused(name):
    result_id, code = UNFIT[name]
    log = Repairs()
    log.publish("S", dept=DRUGS, task_id="T-1")
    log.publish("U", task_id="T-2", publish=False)
    log.publish("P", task_id="T-3", negative=False)
    log.publish("R", task_id="T-4")

    (fact,) = log.apply("R", result_id)

    assert fact["reasons"] == [{"code": code, "about": result_id}]
    assert steps(log.apply("R")) == ["APPLIED APPLIED"]


def test_the_same_application_is_a_repeat_and_another_one_is_refused():
    log = accepted()

    assert noted(log.apply("R")) == "REPEATED"
    assert noted(log.apply("R", "S")) == "REFUSED CASE_EXISTS"
    assert noted(log.apply("R", dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"


def test_steps_that_come_too_early_act_in_the_order_in_which_they_were_held():
    log = Repairs()
    log.publish()

    assert [f["fact"] for f in log.decide("REVOKED", "D-2")] == ["HELD"]
    assert [f["fact"] for f in log.decide()] == ["HELD"]
    assert noted(log.decide()) == "REPEATED"
    assert [f["fact"] for f in log.accept()] == ["HELD"]
    facts = log.apply()
    decided = ["DECIDED APPROVED", "DISCLOSURE", "DECIDED REVOKED", "DISCLOSURE"]
    assert steps(facts) == ["APPLIED APPLIED", "ACCEPTED ACCEPTED", *decided]
    assert said(facts) == (3, "DISCLOSED", "REVOKED")


def test_what_was_held_and_would_now_be_refused_is_dropped():
    log = Repairs()
    log.publish()
    log.decide(dept=DRUGS)
    log.accept()

    found = steps(log.apply())

    assert found == ["APPLIED APPLIED", "REFUSED OTHER_DEPARTMENT", "ACCEPTED ACCEPTED"]


def test_no_more_than_twenty_steps_are_held():
    log = Repairs()
    for number in range(20):
        assert log.ask(f"2026-10-{number + 1:02d}")[0]["fact"] == "HELD"

    assert noted(log.ask("2026-11-01")) == "REFUSED TOO_MANY_HELD"


def test_an_approval_of_a_result_nobody_knows_waits_for_it():
    log = Repairs()
    log.apply()
    log.accept()

    repair, kept = log.decide()

    assert repair["status"] == "APPROVED"
    assert (kept["fact"], kept["ground"]["decision_no"]) == ("STOP_KEPT", "D-1")
    assert said(log.publish()) == (0, "STOPPED", "RESULT")
    assert said(log.decide("REVOKED", "D-2")) == (1, "DISCLOSED", "REVOKED")


def test_a_revoked_approval_no_longer_waits_for_its_result():
    log = Repairs()
    log.apply()
    log.accept()
    log.decide()

    assert log.decide("REVOKED", "D-2")[-1]["ground"] is None
    assert said(log.publish()) == (1, "DISCLOSED", "RESULT")


def test_an_approval_never_reaches_another_departments_result():
    log = Repairs()
    log.apply("S")
    log.accept()
    log.publish("S", dept=DRUGS)

    (fact,) = log.decide()

    assert steps([fact]) == ["DECIDED APPROVED"]
    assert fact["reasons"] == [{"code": "OTHER_DEPARTMENT", "about": "S"}]


def test_pauses_follow_from_instants_whatever_came_first():
    log = accepted()

    early = log.receive("2026-09-29")[0]
    late = log.ask("2026-09-24")[0]

    assert (early["due_on"], early["status"]) == ("2026-10-09", "ACCEPTED")
    assert (late["due_on"], late["status"]) == ("2026-10-12", "ACCEPTED")
    assert noted(log.ask("2026-09-24")) == "REPEATED"
    assert noted(log.receive("2026-09-29")) == "REPEATED"


def test_the_applicant_may_withdraw_at_any_time_before_the_end():
    log = Repairs()
    log.publish()
    log.apply()

    assert steps(log.decide("WITHDRAWN", None)) == ["DECIDED WITHDRAWN"]
    assert noted(log.accept()) == "REFUSED ALREADY_DECIDED"
    assert noted(log.ask("2026-09-24")) == "REFUSED ALREADY_DECIDED"
    assert noted(log.decide("WITHDRAWN", None)) == "REPEATED"


def test_the_hub_may_apply_for_an_enterprise_at_its_department():
    log = Repairs()
    log.publish()
    data = {"repair_id": "C", "dept": HEALTH, "result_ids": ["R"], "documents": DOCUMENTS}
    data |= {"channel": "ONSITE", "applied_at": "2026-09-21T09:00:00+08:00"}

    (fact,) = log.tell("HUB", "repair.applied", data)

    assert (fact["dept"], fact["status"]) == (HEALTH, "APPLIED")
    assert noted(log.accept(dept=DRUGS)) == "REFUSED OTHER_DEPARTMENT"
    assert steps(log.accept()) == ["ACCEPTED ACCEPTED"]
