"""Is a hub found out whose rules of disclosure and repair are wrong? Feeds and view agree."""

from dataclasses import replace

import pytest
from audit_repairs import RepairHistory
from audit_world import KEYS

from connectors.audit import Options, cases, orders, repairs, results, run_audit, steps
from connectors.audit.cases import APPROVED, RepairCase
from connectors.audit.fold import OF_PUBLICITY, decide
from connectors.audit.results import AFTER, DISCLOSED, Result, disclosure
from connectors.audit.wire import RESULT_CORRECTED, STOP_ORDERED

HISTORIES = range(3, 15)
sound_steps, sound_unfit = dict(steps._STEPS), steps._unfit


def attribute(owner, name, value):
    return lambda patch: patch.setattr(owner, name, value)


def step(kind, wrong):
    """One kind of step that is wrong."""
    return lambda patch: patch.setitem(steps._STEPS, f"repair.{kind}", wrong)


def stops_when_applied(case, told, state):
    """A stop without an approval."""
    verdict = sound_steps["repair.applied"](case, told, state)
    if verdict.after is not None:
        number = {**told.data, "decision_no": "A-1", "result_ids": []}
        verdict.results = steps._approved(verdict.after, replace(told, data=number), state).results
    return verdict


def refusal_stops(case, told, state):
    """What was refused is stopped like what was approved."""
    verdict = sound_steps["repair.decided"](case, told, state)
    if verdict.after is not None and verdict.after.status == "REFUSED":
        number = {**told.data, "decision_no": "A-1"}
        verdict.results = steps._approved(verdict.after, replace(told, data=number), state).results
    return verdict


def approval_without_effect(case, told, state):
    verdict = sound_steps["repair.decided"](case, told, state)
    verdict.results = []
    return verdict


def first_result_only(case, told, state):
    verdict = sound_steps["repair.decided"](case, told, state)
    verdict.results = verdict.results[:1]
    return verdict


def any_decision_is_complete(case, told, state):
    data = {**told.data, "decision_no": told.data["decision_no"] or "N", "reason": "r"}
    return sound_steps["repair.decided"](case, replace(told, data=data), state)


def a_revocation_needs_no_own_number(case, told, state):
    if told.data["decision"] == "REVOKED" and case.status == APPROVED:
        data = {**told.data, "decision_no": f"V2-{case.repair_id}"}
        told = replace(told, data=data)
    return sound_steps["repair.decided"](case, told, state)


def second_decision_counts(case, told, state):
    if case.status == "REFUSED":
        case = replace(case, status="ACCEPTED")
    return sound_steps["repair.decided"](case, told, state)


def decided_without_acceptance(case, told, state):
    early = replace(case, status="ACCEPTED") if case.status == "APPLIED" else case
    return sound_steps["repair.decided"](early, told, state)


def received_forgets_documents(case, told, state):
    told = replace(told, data={**told.data, "documents": []})
    return sound_steps["repair.supplement.received"](case, told, state)


def late_disclosure_wins(entry, state, completed):
    """Republished after a stop: a result that comes again, or late, is shown."""
    known = state.results.get(entry.data["result_id"]) or Result(entry.data["result_id"])
    if not entry.data.get("publish"):
        return [completed]
    shown = orders.content(entry, entry.dept)
    fresh = replace(known, dept=entry.dept, content=shown, publish=True, grounds=())
    return [completed, disclosure(fresh, "RESULT")]


def correction_shows_again(entry, state, policy):
    facts = OF_PUBLICITY_SOUND[RESULT_CORRECTED](entry, state, policy)
    after = facts[0].get(AFTER)
    if facts[0]["fact"] == "DISCLOSURE" and after.grounds and after.version:
        known = replace(after, version=after.version - 1, grounds=())
        return [disclosure(known, "CORRECTED")]
    return facts


def anybody_may_stop(entry, state, policy):
    entry = replace(entry, dept="REGISTRY")
    return OF_PUBLICITY_SOUND[STOP_ORDERED](entry, state, policy)


OF_PUBLICITY_SOUND = dict(OF_PUBLICITY)


def handler(kind, wrong):
    return lambda patch: patch.setitem(OF_PUBLICITY, kind, wrong)


def versions_that_jump(result, cause):
    fact = sound_disclosure(result, cause)
    after = replace(fact[AFTER], version=fact["version"] * 2)
    return {**fact, "version": after.version, AFTER: after}


def the_last_ground_leads(result):
    return result.grounds[-1] if result.grounds else None


def withdrawn_is_stopped(result):
    return "STOPPED" if result.grounds else DISCLOSED


def calendar_days(day, count, pauses=()):
    del pauses
    return day + (day.resolution * count), False


def pauses_count(day, count, pauses=()):
    del pauses
    return sound_deadline(day, count)


sound_disclosure, sound_deadline = results.disclosure, cases.deadline


WRONG_RULES = {
    # what is wrong: (how, check that must say so)
    "a stop without an approval": (step("applied", stops_when_applied), "I9.facts"),
    "a refusal stops": (step("decided", refusal_stops), "I9.facts"),
    "an approval stops nothing": (step("decided", approval_without_effect), "I10"),
    "an approval stops one result only": (step("decided", first_result_only), "I10"),
    "an incomplete decision counts": (step("decided", any_decision_is_complete), "I10"),
    "a revocation under any number": (step("decided", a_revocation_needs_no_own_number), "I10"),
    "a second decision counts": (step("decided", second_decision_counts), "I10"),
    "decided before acceptance": (step("decided", decided_without_acceptance), "I10"),
    "handed in documents are lost": (
        step("supplement.received", received_forgets_documents),
        "I10",
    ),
    "any department may act on a case": (
        attribute(repairs, "judge", lambda c, s, e: steps._STEPS[s.type](c, s, e)),
        "I10",
    ),
    "documents are not looked at": (attribute(RepairCase, "missing", []), "I10"),
    "results of a case are not looked at": (attribute(steps, "_unfit", lambda *_: ""), "I10"),
    "nothing is held": (attribute(repairs, "HELD_MAX", 0), "I10"),
    "a late disclosure wins": (
        lambda patch: patch.setattr(
            "connectors.audit.fold.followed_by_disclosure", late_disclosure_wins
        ),
        "I10",
    ),
    "a correction shows again": (handler(RESULT_CORRECTED, correction_shows_again), "I3.versions"),
    "any department may stop": (handler(STOP_ORDERED, anybody_may_stop), "I9.facts"),
    "versions that jump": (attribute(orders, "disclosure", versions_that_jump), "I3.versions"),
    "the last ground leads": (attribute(Result, "leading", property(the_last_ground_leads)), "I10"),
    "withdrawn is only stopped": (
        attribute(Result, "state", property(withdrawn_is_stopped)),
        "I10",
    ),
    "stops due by calendar days": (attribute(results, "deadline", calendar_days), "I10"),
    "pauses count": (attribute(cases, "deadline", pauses_count), "I10"),
    "a mask cannot be taken off": (attribute(orders, "MASK", "NONE"), "I10"),
    "what waited is dropped": (attribute(orders, "_own_grounds", lambda *_: ()), "I10"),
    "what another department ordered waits": (
        attribute(orders, "_own_grounds", lambda grounds, _dept: grounds),
        "I9.facts",
    ),
}


def violated(world, journals):
    options = Options(site_journals=journals, is_settled=True)
    report = run_audit(world.dump, world.redis, KEYS, options)
    return {check.name for check in report.checks if check.violations_total}


@pytest.mark.parametrize("name", WRONG_RULES)
def test_a_hub_with_a_wrong_rule_is_found_out(monkeypatch, name):
    plant, check = WRONG_RULES[name]

    def history(seed):
        with monkeypatch.context() as patch:
            plant(patch)
            made = RepairHistory(seed, events=250)
            made.delivered()
            return made

    made = (history(seed) for seed in HISTORIES)
    assert any(check in violated(h.world, h.deliver.journals()) for h in made)


def test_the_fold_is_not_what_the_planted_faults_share():
    """After a planted fault the sound rules are back: the next history is judged by them."""
    made = RepairHistory(3, events=250)
    made.delivered()

    assert violated(made.world, made.deliver.journals()) == set()
    assert sound_steps == steps._STEPS
    assert decide.__module__ == "connectors.audit.fold"


def test_a_stop_at_a_site_without_an_approval_is_found_there_too(monkeypatch):
    with monkeypatch.context() as patch:
        step("applied", stops_when_applied)(patch)
        made = RepairHistory(3, events=250)
        made.delivered()

    assert violated(made.world, made.deliver.journals()) >= {"I9.facts", "I9.journals", "I10"}
