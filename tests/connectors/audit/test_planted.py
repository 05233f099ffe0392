"""Is a hub with a wrong idea found out? Topics and view agree; only its rules are wrong."""

import copy
from dataclasses import replace
from datetime import UTC, datetime

import audit_world
import pytest
from audit_history import History
from audit_world import KEYS

from connectors.audit import caps, days, doubts, events, fold, ladder, prompts, run_audit, state
from connectors.audit.fold import decide
from connectors.audit.state import Enterprise, Task

HEALTH, OTHER = "WJW-120116", "SJW-120116"
USCC = "91120116MA05X0001A"


def live_however(*also):
    """A task that counts although its state is one of these."""
    sound = Task.is_live.fget

    def is_live(self):
        return sound(self) or (self.decision == "ISSUED" and self.status in also)

    return property(is_live)


def without(row):
    return tuple((name, holds) for name, holds in ladder.LADDER if name != row)


def backwards(values):
    """An order that no seed of Python's hashes makes the right one."""
    return sorted(values, reverse=True)


def ladder_without(row):
    return lambda patch: patch.setattr(ladder, "LADDER", without(row))


def ladder_of(rows):
    return lambda patch: patch.setattr(ladder, "LADDER", rows)


def attribute(owner, name, value):
    return lambda patch: patch.setattr(owner, name, value)


def released_twice(entry, known, policy):
    task = known.tasks.get(entry.data["task_id"])
    if task is not None and task.status == "CANCELLED":
        name = task.task_id
        return [{"fact": "CANCELLED", "task_id": name, "known": True, "released": True}]
    return events.cancelled(entry, known, policy)


def cancelled_after_the_visit(entry, known, policy):
    task = known.tasks.get(entry.data["task_id"])
    if task is not None and task.visited and task.dept == entry.dept:
        name = task.task_id
        return [{"fact": "CANCELLED", "task_id": name, "known": True, "released": True}]
    return events.cancelled(entry, known, policy)


def refusal_stops_the_visit(entry, known, policy):
    if entry.data["how"] == "REFUSED":
        return [events.noted(entry.data["task_id"], "REFUSED")]
    return events.entered(entry, known, policy)


def result_without_a_code_is_refused(entry, known, policy):
    found = events.completed(entry, known, policy)
    return [events.noted(found[0]["task_id"], "REFUSED")] if found[0].get("no_code") else found


def handler(kind, wrong):
    """A handler of one event type that is wrong."""
    return lambda patch: patch.setitem(events.HANDLERS, f"inspection.{kind}", wrong)


def decided_again(entry, known, policy):
    """Forgets that it decided before."""
    facts = decide(entry, known, policy)
    if facts[0]["fact"] not in ("REPEATED", "CONFLICT"):
        return facts
    forgetful = copy.deepcopy(known)
    del forgetful.tasks[entry.data["task_id"]]
    return decide(entry, forgetful, policy)


def conflict_repeats(entry, known, policy):
    facts = decide(entry, known, policy)
    if facts[0]["fact"] == "CONFLICT":
        return [{"fact": "REPEATED", "task_id": entry.data["task_id"]}]
    return facts


def year_by_clock(entry, known, policy):
    facts = decide(entry, known, policy)
    for fact in facts:
        if "decision" in fact:
            fact["decision"]["year"] = datetime.fromtimestamp(entry.at_ms / 1000, UTC).year
    return facts


def counter_lost(entry, known, policy):
    """Counts from a view that was wiped: nothing is known of other tasks."""
    forgetful = Enterprise(
        {name: t for name, t in known.tasks.items() if name == entry.data.get("task_id")},
        known.classes, known.whitelist, known.joints,
    )  # fmt: skip
    return decide(entry, forgetful, policy)


def by_the_first_policy(first=[]):  # noqa: B006 - it remembers, which is the fault
    def wrong(entry, known, policy):
        first.append(policy)
        return decide(entry, known, first[0])

    return wrong


def refuses_everything(entry, known, policy):
    facts = decide(entry, known, policy)
    decision = facts[0].get("decision", {})
    if decision.get("decision") == "ISSUED":
        decision.update(decision="INTERCEPTED_OVER_CAP", code_kind=None, valid_until=None)
    return facts


def issues_everything(entry, known, policy):
    facts = decide(entry, known, policy)
    decision = facts[0].get("decision", {})
    if decision.get("decision") == "INTERCEPTED_OVER_CAP":
        decision.update(decision="ISSUED", code_kind="SINGLE", valid_until="2026-12-31")
    return facts


def every_tally(change):
    """Tallies with something changed in each."""
    sound = caps._tally

    def tally(rule, known, task, others):
        return change(sound(rule, known, task, others), rule)

    return lambda patch: patch.setattr(caps, "_tally", tally)


def one_more(tally, _rule):
    return replace(tally, counted=tally.counted[1:])


def never_free(tally, _rule):
    return replace(tally, free=False)


def own_tasks_only(rule, known, task, others):
    return caps_tally(replace(rule, shared=False), known, task, others)


def any_year(rule, known, task, others):
    return caps_tally(replace(rule, years=10), known, task, others)


def windows_exclude_the_first_day(case, onsite):
    later = [t for t in onsite if t.day != min(o.day for o in onsite)]
    return too_dense(case, later)


caps_tally, too_dense = caps._tally, prompts._too_dense


def no_separator(secret, key_id, names, shard):
    uscc, task_id = names
    return derive(secret, key_id, (uscc + task_id, ""), shard)


derive = audit_world.derive_code

WRONG_RULES = {
    # what is wrong: (how, check that must say so)
    "exempt counted": (attribute(caps, "is_exempt", lambda *_: False), "I10"),
    "exempt without evidence": (
        attribute(caps, "is_exempt", lambda trigger, _e, listed: trigger in listed), "I1"),
    "cancelled counted": (attribute(Task, "is_live", live_however("CANCELLED")), "I1'"),
    "expired counted": (attribute(Task, "is_live", live_however("EXPIRED")), "I10"),
    "a visit without a code not counted": (
        handler("result.recorded", result_without_a_code_is_refused), "I10"),
    "released twice": (handler("task.cancelled", released_twice), "I10"),
    "released after the visit": (handler("task.cancelled", cancelled_after_the_visit), "I10"),
    "a refusal to scan stops the visit": (
        handler("entry.recorded", refusal_stops_the_visit), "I10"),
    "one too many": (every_tally(one_more), "I1"),
    "a joint visit counted twice": (every_tally(never_free), "I10"),
    "a name makes visits one": (
        attribute(Enterprise, "visit_of", lambda _self, task: task.joint_id), "I1"),
    "an unknown joint inspection is not named": (
        attribute(prompts, "ORDER", prompts.ORDER[:-1]), "I10"),
    "items are not asked for again": (
        attribute(doubts, "_whitelisted_since", lambda *_: []), "I10"),
    "officers are not asked for again": (attribute(doubts, "_of_officers", lambda *_: []), "I10"),
    "a group's counter not shared": (attribute(caps, "_tally", own_tasks_only), "I1"),
    "counted over all years": (attribute(caps, "_tally", any_year), "I10"),
    "class not looked at": (attribute(caps, "_concerns", lambda *_: True), "I1'"),
    "members of a led visit counted": (attribute(caps, "_is_members", lambda *_: False), "I10"),
    "tombstone forgotten": (ladder_without("CANCELLED"), "I10"),
    "officers not looked at": (ladder_without("REJECTED_UNQUALIFIED"), "I10"),
    "approval not looked at": (ladder_without("REJECTED_NO_APPROVAL"), "I10"),
    "territory not looked at": (ladder_without("REJECTED_OUT_OF_TERRITORY"), "I10"),
    "scope not looked at": (ladder_without("RECORDED_OUT_OF_SCOPE"), "I10"),
    "off-site needs a code": (ladder_without("RECORDED_OFFSITE"), "I10"),
    "back-fill blocked": (ladder_without("RECORDED_BACKFILL"), "I10"),
    "joint task ignored": (ladder_without("REFUSED_JOINT_MEMBER"), "I10"),
    "whitelist ignored": (ladder_without("REFUSED_WHITELISTED"), "I10"),
    "cap ignored": (ladder_without("INTERCEPTED_OVER_CAP"), "I1"),
    "ladder upside down": (ladder_of(tuple(reversed(ladder.LADDER))), "I10"),
    "others may act on a task": (attribute(events, "_is_foreign", lambda *_: False), "I10"),
    "days in UTC": (
        attribute(events, "shanghai_day", lambda at: days.as_instant(at).astimezone(UTC).date()),
        "I10"),
    "entry keeps the year": (attribute(events, "_overfilled", lambda *_: []), "I10"),
    "same item never noticed": (attribute(prompts, "ORDER", prompts.ORDER[:1]), "I10"),
    "windows one day short": (
        attribute(prompts, "_too_dense", windows_exclude_the_first_day), "I10"),
    "item order in the digest": (
        lambda patch: patch.setattr(ladder, "sorted", backwards, raising=False), "I10"),
    "key without separator": (attribute(audit_world, "derive_code", no_separator), "I2.codes"),
    "codes by chance": (
        attribute(audit_world, "derive_code", lambda *a: derive(b"?" * 32, *a[1:])), "I2.codes"),
    "code of another partition": (
        attribute(audit_world, "derive_code", lambda s, k, n, shard: derive(s, k, n, 1 - shard)),
        "I2.codes"),
    "QR text unsigned": (
        attribute(audit_world, "qr_text", lambda code, _until: f"https://hub/{code}"), "I2.qr"),
}  # fmt: skip

WRONG_DECIDERS = {
    "repeat decided again": (decided_again, "I3"),
    "conflict answered as a repeat": (conflict_repeats, "I10"),
    "year by the clock": (year_by_clock, "I10"),
    "count from a wiped view": (counter_lost, "I1"),
    "policy from a cache": (by_the_first_policy(), "I10"),
    "everything refused": (refuses_everything, "I1'"),
    "everything issued": (issues_everything, "I1"),
}


def violated(world):
    report = run_audit(world.dump, world.redis, KEYS)
    return {check.name for check in report.checks if check.violations_total}


# Not every history comes to every rule: one of a few must.
HISTORIES = range(3, 11)


@pytest.mark.parametrize("name", WRONG_RULES)
def test_a_hub_with_a_wrong_rule_is_found_out(monkeypatch, name):
    plant, check = WRONG_RULES[name]

    def history(seed):
        with monkeypatch.context() as patch:
            plant(patch)
            return History(seed=seed, events=400).world

    assert any(check in violated(history(seed)) for seed in HISTORIES)


@pytest.mark.parametrize("name", WRONG_DECIDERS)
def test_a_hub_that_decides_wrongly_is_found_out(name):
    wrong, check = WRONG_DECIDERS[name]

    world = History(seed=4, events=400, decide=wrong).world

    assert check in violated(world)


def test_the_fold_is_not_what_the_planted_faults_share(monkeypatch):
    """After a planted fault the sound rules are back: the next history is judged by them."""
    assert violated(History(seed=3, events=400).world) == set()
    assert fold.decide is decide
    assert state.Task.is_live.fget(Task("T", 0, visited=True))
