"""Is a hub found out whose rules of disclosure and repair are wrong? Feeds and view agree."""

from dataclasses import replace

import pytest
from audit_repairs import RepairHistory
from audit_world import KEYS

from connectors.audit import Options, cases, orders, repairs, results, run_audit, steps
from connectors.audit.cases import APPROVED, SUPPLEMENT_RECEIVED, RepairCase, Step
from connectors.audit.fold import OF_PUBLICITY, decide
from connectors.audit.publicity import Publicity
from connectors.audit.results import DISCLOSED, Result, disclosure
from connectors.audit.wire import RESULT_CORRECTED, STOP_ORDERED

HISTORIES = range(3, 15)
sound_judge, sound_applied, sound_approved = steps.judge, repairs._applied, steps._approved
sound_over, sound_lacks, sound_early = steps._is_over, steps._lacks, steps._too_early


def attribute(owner, name, value):
    return lambda patch: patch.setattr(owner, name, value)


def stops_when_applied(entry, state):
    """A stop without an approval."""
    verdict = sound_applied(entry, state)
    if verdict.facts:
        opened = Publicity()
        opened.take(verdict.facts[0])
        case = opened.cases[entry.data["repair_id"]]
        approval = Step("DECIDED", case.dept, 0, decision=APPROVED, decision_no="A-1")
        verdict.facts += steps._approved(case, approval, state)[0]
    return verdict


def refusal_stops(repair_id, step, state):
    """What was refused is stopped like what was approved."""
    verdict = sound_judge(repair_id, step, state)
    if verdict.facts and verdict.facts[0]["status"] == "REFUSED":
        approval = replace(step, decision=APPROVED, decision_no="A-1")
        verdict.facts += steps._approved(state.cases[repair_id], approval, state)[0]
    return verdict


def first_result_only(case, step, state):
    facts, reasons = sound_approved(case, step, state)
    return facts[:1], reasons


def a_revocation_needs_no_own_number(case, step):
    lacks = sound_lacks(case, step)
    return "" if lacks == "DECISION_NO_REUSED" else lacks


def second_decision_counts(case, step):
    return case.status != "REFUSED" and sound_over(case, step)


def decided_without_acceptance(case, step):
    early = sound_early(case, step)
    return "" if early == "NOT_ACCEPTED_YET" else early


def received_forgets_documents(repair_id, step, state):
    if step.kind == SUPPLEMENT_RECEIVED:
        step = replace(step, documents=())
    return sound_judge(repair_id, step, state)


def anybody_may_act(repair_id, step, state):
    case = state.cases.get(repair_id)
    return sound_judge(repair_id, replace(step, by=case.dept) if case else step, state)


def late_disclosure_wins(entry, state, completed):
    """Republished after a stop: a result that comes again, or late, is shown."""
    if not entry.data.get("publish"):
        return [completed]
    result_id = entry.data["result_id"]
    known = state.results.get(result_id)
    said = orders.content(entry, entry.dept)
    fresh = Result(result_id, entry.dept, said, version=known.version if known else 0)
    return [completed, disclosure(fresh, "RESULT")]


def correction_shows_again(entry, state, policy):
    (fact,) = OF_PUBLICITY_SOUND[RESULT_CORRECTED](entry, state, policy)
    known = state.results.get(entry.data["result_id"])
    if fact["fact"] == "DISCLOSURE" and fact["grounds"] and known is not None and known.version:
        return [disclosure(replace(known, grounds=()), "CORRECTED", None, fact["at"])]
    return [fact]


def anybody_may_stop(entry, state, policy):
    entry = replace(entry, dept="REGISTRY")
    return OF_PUBLICITY_SOUND[STOP_ORDERED](entry, state, policy)


OF_PUBLICITY_SOUND = dict(OF_PUBLICITY)


def handler(kind, wrong):
    return lambda patch: patch.setitem(OF_PUBLICITY, kind, wrong)


def versions_that_jump(result, *said):
    fact = sound_disclosure(result, *said)
    return {**fact, "version": fact["version"] * 2}


def the_last_ground_leads(grounds):
    return sound_order(grounds)[::-1]


def withdrawn_is_stopped(result):
    return "STOPPED" if result.grounds else DISCLOSED


def calendar_days(day, count, pauses=(), said=None):
    del pauses, said
    return day + (day.resolution * count), False


def pauses_count(day, count, pauses, said):
    del pauses
    return sound_deadline(day, count, said=said)


sound_disclosure, sound_deadline = results.disclosure, cases.deadline
sound_order = results.in_order


WRONG_RULES = {
    # what is wrong: (how, check that must say so)
    "a stop without an approval": (attribute(repairs, "_applied", stops_when_applied), "I9.facts"),
    "a refusal stops": (attribute(repairs, "judge", refusal_stops), "I9.facts"),
    "an approval stops nothing": (attribute(steps, "_approved", lambda *_: ([], [])), "I10"),
    "an approval stops one result only": (attribute(steps, "_approved", first_result_only), "I10"),
    "an incomplete decision counts": (attribute(steps, "_lacks", lambda *_: ""), "I10"),
    "a revocation under any number": (
        attribute(steps, "_lacks", a_revocation_needs_no_own_number),
        "I10",
    ),
    "a second decision counts": (attribute(steps, "_is_over", second_decision_counts), "I10"),
    "decided before acceptance": (
        attribute(steps, "_too_early", decided_without_acceptance),
        "I10",
    ),
    "handed in documents are lost": (
        attribute(repairs, "judge", received_forgets_documents),
        "I10",
    ),
    "any department may act on a case": (attribute(repairs, "judge", anybody_may_act), "I10"),
    "documents are not looked at": (attribute(RepairCase, "missing", []), "I10"),
    "results of a case are not looked at": (attribute(repairs, "_unfit", lambda *_: ""), "I10"),
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
    "the last ground leads": (attribute(results, "in_order", the_last_ground_leads), "I10"),
    "withdrawn is only stopped": (
        attribute(Result, "state", property(withdrawn_is_stopped)),
        "I10",
    ),
    "stops due by calendar days": (attribute(results, "deadline", calendar_days), "I10"),
    "pauses count": (attribute(cases, "deadline", pauses_count), "I10"),
    "a mask cannot be taken off": (attribute(orders, "MASK", "NONE"), "I10"),
    "what waited is dropped": (attribute(orders, "_own_grounds", lambda *_: ()), "I10"),
    "what another department ordered waits": (
        attribute(orders, "_own_grounds", lambda grounds, _dept: tuple(grounds)),
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
    assert repairs.judge is sound_judge
    assert decide.__module__ == "connectors.audit.fold"


def test_a_stop_at_a_site_without_an_approval_is_found_there_too(monkeypatch):
    with monkeypatch.context() as patch:
        attribute(repairs, "_applied", stops_when_applied)(patch)
        made = RepairHistory(3, events=250)
        made.delivered()

    assert violated(made.world, made.deliver.journals()) >= {"I9.facts", "I9.journals", "I10"}
