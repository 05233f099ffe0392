"""Is every damage of the topics and of Redis found? All of them, or the audit proves nothing."""

import random

import pytest
from audit_damage import (
    FREE_TEXT,
    Damaged,
    change_header,
    change_key,
    change_value,
    copy_to_end,
    double,
    drop,
    move,
    redis_add,
    redis_drop,
    redis_value,
    swap,
)
from audit_history import History
from audit_special_damage import (
    alter_beneath_the_digest,
    another_time,
    answer_to_another_department,
    code_of_another_task,
    decided_for_another,
    drop_a_lone_answer,
    drop_every_copy,
    has_decision,
    invented_answer,
    is_decision,
    is_journaled,
    is_refusal,
    is_update,
    letter_for_an_accepted_input,
    longer,
    other_type_of_answer,
    position,
    refusal_of_nothing,
    shard_lost,
    shards_exchanged,
)
from audit_world import KEYS

from connectors.audit import run_audit

SEEDS = range(5)


ANY_OF_DECIDED = "I3 I4.journal I5.decided I6.decided I10 I12"

# what is damaged: (how, the checks of which one must say so)
DAMAGES = {
    "input: a value": (change_value("insp.in."), "I5.journal I5.ctl I5.dlq"),
    "input: id": (change_header("insp.in.", "ce_id", is_journaled), "I5.journal"),
    "input: source": (change_header("insp.in.", "ce_source", is_journaled), "I5.journal"),
    "input: type": (change_header("insp.in.", "ce_type"), "I5.journal I5.ctl I4.refusals"),
    "input: time": (change_header("insp.in.", "ce_time", is_journaled), "I5.journal"),
    "input: key": (change_key("insp.in.", is_journaled), "I5.journal"),
    "input: dropped": (drop("insp.in."), "I5.journal I5.dlq I5.ctl"),
    "input: doubled": (copy_to_end("insp.in."), "I4.inputs"),
    "input: swapped": (swap("insp.in."), "I5.journal I5.dlq I5.ctl"),
    "input: moved": (move("insp.in."), "I4.inputs"),
    "journal: a value": (change_value("insp.journal"), "I5.decided I5.journal"),
    "journal: a value beneath its digest": (alter_beneath_the_digest, "I5.journal"),
    "journal: id header": (change_header("insp.journal", "ce_id"), "I5.journal"),
    "journal: type header": (change_header("insp.journal", "ce_type"), "I5.journal"),
    "journal: key": (change_key("insp.journal"), "I12"),
    "journal: time": (another_time, "I5.decided"),
    "journal: dropped": (drop("insp.journal"), "I5.decided"),
    "journal: doubled": (copy_to_end("insp.journal"), "I4.journal"),
    "journal: doubled otherwise": (double("insp.journal"), "I4.journal"),
    "journal: swapped": (swap("insp.journal"), "I5.decided"),
    "journal: moved": (move("insp.journal"), "I4.journal"),
    "decided: a value": (
        change_value("insp.decided", keep=has_decision),
        ANY_OF_DECIDED,
    ),
    "decided: key": (change_key("insp.decided"), "I3 I12"),
    "decided: dropped": (drop_every_copy, "I4.journal"),
    "decided: doubled otherwise": (double("insp.decided"), "I3"),
    "decided: swapped": (swap("insp.decided"), "I6.decided"),
    "decided: moved": (move("insp.decided"), "I6.decided"),
    "decision: a value": (change_value("insp.out.", wanted=is_decision), "I5.out I3 I6.out I12"),
    "update: a value": (change_value("insp.out.", wanted=is_update), "I5.out I3 I12"),
    "refusal: a value": (
        change_value("insp.out.", wanted=is_refusal, without=FREE_TEXT),
        "I4.refusals",
    ),
    "answer: key": (change_key("insp.out.", lambda r: is_decision(r) or is_update(r)), "I12"),
    "answer: dropped": (drop_a_lone_answer, "I4.out I4.refusals"),
    "answer: doubled otherwise": (double("insp.out.", lambda r: not is_refusal(r)), "I3"),
    "answer: swapped": (swap("insp.out.", same_key=True), "I6.out"),
    "answer: to another department": (answer_to_another_department, "I12"),
    "answer: invented": (invented_answer, "I5.out"),
    "answer: type": (other_type_of_answer, "I5.out"),
    "policy: a value": (change_value("insp.ctl.policy"), "I5.ctl"),
    "policy: key": (change_key("insp.ctl.policy"), "I5.ctl"),
    "policy: dropped": (drop("insp.ctl.policy"), "I4.inputs"),
    "policy: origin": (change_header("insp.ctl.policy", "hub-origin"), "I5.ctl"),
    "registry: a value": (change_value("insp.ctl.registry"), "I5.ctl"),
    "registry: key": (change_key("insp.ctl.registry"), "I5.ctl"),
    "registry: dropped": (drop("insp.ctl.registry"), "I4.inputs"),
    "registry: origin": (change_header("insp.ctl.registry", "hub-origin"), "I5.ctl"),
    "dead letter: bytes": (
        lambda it: (
            (place := it.pick("insp.dlq."))
            and (it.put(place, value=it.get(place).value + b" ") or f"{place}")
        ),
        "I5.dlq",
    ),
    "dead letter: key": (change_key("insp.dlq."), "I5.dlq"),
    "dead letter: dropped": (drop("insp.dlq."), "I4.inputs"),
    "dead letter: topic": (change_header("insp.dlq.", "kafka_dlt-original-topic"), "I5.dlq"),
    "dead letter: partition": (
        change_header("insp.dlq.", "kafka_dlt-original-partition"),
        "I5.dlq",
    ),
    "dead letter: offset": (change_header("insp.dlq.", "kafka_dlt-original-offset"), "I5.dlq"),
    "dead letter: reason": (change_header("insp.dlq.", "hub-dlq-reason-code"), "I4.refusals"),
    "dead letter: of an accepted input": (letter_for_an_accepted_input, "I4.inputs"),
    "Redis: pos": (position("pos"), "I11.position"),
    "Redis: decided": (position("decided"), "I11.position"),
    "Redis: a decision": (redis_value("task", longer), "I11.tasks"),
    "Redis: a decision lost": (redis_drop("task"), "I11.tasks"),
    "Redis: a decision invented": (redis_add("task", "91\x1fT", b"{}"), "I11.tasks"),
    "Redis: a code's task": (redis_value("code", longer), "I11.codes"),
    "Redis: code of another task": (code_of_another_task, "I11.codes"),
    "Redis: a code lost": (redis_drop("code"), "I11.codes"),
    "Redis: a code invented": (redis_add("code", "00-A000", "91\x1fT"), "I11.codes"),
    "Redis: a last day": (
        redis_value("open", lambda day, draw: day + draw.choice([-1, 1])),
        "I11.open",
    ),
    "Redis: an open code lost": (redis_drop("open"), "I11.open"),
    "Redis: an open code invented": (redis_add("open", "91\x1fT", 739_000), "I11.open"),
    "Redis: a task off the agenda": (redis_drop("agenda"), "I11.agenda"),
    "Redis: a task on the agenda invented": (
        redis_add("agenda", "WJW\x1f2026-01-01\x1f91\x1fT", 0),
        "I11.agenda",
    ),
    "Redis: a state lost": (redis_drop("state"), "I11.states"),
    "Redis: a state invented": (redis_add("state", "91120116MA05X9999A", b""), "I11.states"),
    "Redis: shards exchanged": (shards_exchanged, "I11.position I11.tasks I11.codes"),
    "Redis: a shard lost": (shard_lost, "I11.position"),
    "refusal: of nothing": (refusal_of_nothing, "I5.out"),
    "decided: for another department": (decided_for_another("dept", "X"), "I12 I3"),
    "decided: for another enterprise": (decided_for_another("uscc", "X"), "I12 I3"),
}


@pytest.fixture(scope="module")
def worlds():
    return {seed: History(seed=100 + seed, events=120).world for seed in SEEDS}


def test_the_undamaged_histories_are_sound(worlds):
    assert all(run_audit(w.dump, w.redis, KEYS).ok for w in worlds.values())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_found(worlds, name, seed):
    damage, checks = DAMAGES[name]
    damaged, did = None, None
    for attempt in range(20):
        damaged = Damaged(worlds[seed], random.Random(f"{name} {seed} {attempt}"))
        did = damage(damaged)
        if did:
            break
    assert did, "the history has nothing that could be damaged so"

    report = run_audit(damaged.dump, damaged.redis, KEYS)

    violated = {check.name for check in report.checks if check.violations_total}
    assert violated & set(checks.split()), f"{did}: {violated}"
    assert report.exit_code == 1
