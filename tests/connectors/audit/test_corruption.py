"""Is every damage of the topics and of Redis found? All of them, or the audit proves nothing."""

import random

import orjson
import pytest
from audit_damage import (
    FREE_TEXT,
    Damaged,
    change_header,
    change_key,
    change_leaf,
    change_value,
    copy_to_end,
    double,
    drop,
    header,
    leaves,
    move,
    redis_add,
    redis_drop,
    redis_value,
    swap,
)
from audit_history import History
from audit_world import KEYS, bytes_of, digest

from connectors.audit import run_audit
from connectors.audit.dump import Record

SEEDS = range(5)


def is_decision(record):
    return record.header("ce_type") == "decision.made"


def is_update(record):
    return record.header("ce_type") == "task.updated"


def is_refusal(record):
    return record.header("ce_type") == "event.refused"


def is_journaled(record):
    """Whether more than the bytes is kept of an input: a dead letter has no envelope."""
    return (record.key or b"").startswith(b"9")


def has_decision(message, path):
    """Whether the rules version can be judged: it must agree with that of the decision in it."""
    return path != ("rules_version",) or any("decision" in fact for fact in message["facts"])


def drop_a_lone_answer(it):
    """Takes away an answer of which there is one copy only."""
    counts = {}
    for _, _, rows in it.dump.walk("insp.out."):
        for r in rows:
            counts[r.key, r.value] = counts.get((r.key, r.value), 0) + 1
    return drop("insp.out.", lambda r: counts[r.key, r.value] == 1)(it)


def drop_every_copy(it):
    """Takes away all copies of one record of insp.decided."""
    topic, number, index = it.pick("insp.decided")
    rows = it.dump.records[topic][number]
    value = rows[index].value
    rows[:] = [r for r in rows if r.value != value]
    return f"{value[:80]}"


def alter_beneath_the_digest(it):
    """Changes a journal record and every digest of it: only its input and the fold can tell."""
    place = it.pick("insp.journal")
    record = it.get(place)
    message = orjson.loads(record.value)
    path = it.draw.choice([p for p in leaves(message["data"]) if p != ("note",)])
    message["data"] = change_leaf(message["data"], path, it.draw)
    value = bytes_of(message)
    it.put(place, value=value)
    for rows in it.dump.records["insp.decided"].values():
        for index, r in enumerate(rows):
            if digest(record.value).encode() in r.value:
                swapped = r.value.replace(digest(record.value).encode(), digest(value).encode())
                rows[index] = r._replace(value=swapped)
    return f"{place}: {path}"


def answer_to_another_department(it):
    place = it.pick("insp.out.", lambda r: is_decision(r) or is_update(r))
    record = it.get(place)
    other = it.draw.choice([t for t in it.dump.topics("insp.out.") if t != place[0]])
    it.drop(place)
    it.append(other, 0, record)
    return f"{place} to {other}"


def invented_answer(it):
    place = it.pick("insp.out.", is_decision)
    record = it.get(place)
    message = orjson.loads(record.value)
    message["source"]["offset"] += 100_000
    it.append(place[0], 0, record._replace(value=bytes_of(message)))
    return f"{place}"


def other_type_of_answer(it):
    place = it.pick("insp.out.", lambda r: is_decision(r) or is_update(r))
    it.put(place, headers=header(it.get(place), "ce_type", "task.forgotten"))
    return f"{place}"


def letter_for_an_accepted_input(it):
    topic, number, index = it.pick("insp.in.", lambda r: r.header("ce_source") != "REGISTRY")
    record = it.get((topic, number, index))
    names = ("topic", topic), ("partition", str(number)), ("offset", str(index))
    headers = tuple((f"kafka_dlt-original-{n}", text.encode()) for n, text in names)
    headers += (("hub-dlq-reason-code", b"FAULTED"),)
    if index >= len(it.dump.records[topic][number]) or record.value[:1] != b"{":
        return None
    it.append("insp.dlq.intake", 0, Record(0, 0, record.key, record.value, headers))
    return f"{topic}/{number}/{index}"


def another_time(it):
    place = it.pick("insp.journal")
    it.put(place, timestamp_ms=it.get(place).timestamp_ms + 1)
    return f"{place}"


def shifted(value, draw):
    return str(int(value) + draw.choice([-3, -2, -1, 1, 2, 3]))


def position(field):
    def damage(it):
        shard = it.draw.choice(list(it.redis.values()))
        shard.position[field] = shifted(shard.position[field], it.draw)
        return field

    return damage


def shards_exchanged(it):
    it.redis[0], it.redis[1] = it.redis[1], it.redis[0]
    return "0 and 1"


def shard_lost(it):
    del it.redis[it.draw.choice([0, 1])]
    return "one"


def code_of_another_task(it):
    shard = it.shard("code")
    one, two = it.draw.sample(sorted(shard.code), 2)
    shard.code[one] = shard.code[two]
    return f"{one} to the task of {two}"


def longer(value, _draw):
    return value + (b" " if isinstance(value, bytes) else "X")


DAMAGES = {
    "input: a value": change_value("insp.in."),
    "input: id": change_header("insp.in.", "ce_id", is_journaled),
    "input: source": change_header("insp.in.", "ce_source", is_journaled),
    "input: type": change_header("insp.in.", "ce_type"),
    "input: time": change_header("insp.in.", "ce_time", is_journaled),
    "input: key": change_key("insp.in.", is_journaled),
    "input: dropped": drop("insp.in."),
    "input: doubled": copy_to_end("insp.in."),
    "input: swapped": swap("insp.in."),
    "input: moved": move("insp.in."),
    "journal: a value": change_value("insp.journal"),
    "journal: a value beneath its digest": alter_beneath_the_digest,
    "journal: id header": change_header("insp.journal", "ce_id"),
    "journal: type header": change_header("insp.journal", "ce_type"),
    "journal: key": change_key("insp.journal"),
    "journal: time": another_time,
    "journal: dropped": drop("insp.journal"),
    "journal: doubled": copy_to_end("insp.journal"),
    "journal: doubled otherwise": double("insp.journal"),
    "journal: swapped": swap("insp.journal"),
    "journal: moved": move("insp.journal"),
    "decided: a value": change_value("insp.decided", keep=has_decision),
    "decided: key": change_key("insp.decided"),
    "decided: dropped": drop_every_copy,
    "decided: doubled otherwise": double("insp.decided"),
    "decided: swapped": swap("insp.decided"),
    "decided: moved": move("insp.decided"),
    "decision: a value": change_value("insp.out.", wanted=is_decision),
    "update: a value": change_value("insp.out.", wanted=is_update),
    "refusal: a value": change_value("insp.out.", wanted=is_refusal, without=FREE_TEXT),
    "answer: key": change_key("insp.out.", lambda r: is_decision(r) or is_update(r)),
    "answer: dropped": drop_a_lone_answer,
    "answer: doubled otherwise": double("insp.out.", lambda r: not is_refusal(r)),
    "answer: swapped": swap("insp.out.", same_key=True),
    "answer: to another department": answer_to_another_department,
    "answer: invented": invented_answer,
    "answer: type": other_type_of_answer,
    "policy: a value": change_value("insp.ctl.policy"),
    "policy: key": change_key("insp.ctl.policy"),
    "policy: dropped": drop("insp.ctl.policy"),
    "policy: origin": change_header("insp.ctl.policy", "hub-origin"),
    "registry: a value": change_value("insp.ctl.registry"),
    "registry: key": change_key("insp.ctl.registry"),
    "registry: dropped": drop("insp.ctl.registry"),
    "registry: origin": change_header("insp.ctl.registry", "hub-origin"),
    "dead letter: bytes": lambda it: (
        (place := it.pick("insp.dlq."))
        and (it.put(place, value=it.get(place).value + b" ") or f"{place}")
    ),
    "dead letter: key": change_key("insp.dlq."),
    "dead letter: dropped": drop("insp.dlq."),
    "dead letter: topic": change_header("insp.dlq.", "kafka_dlt-original-topic"),
    "dead letter: partition": change_header("insp.dlq.", "kafka_dlt-original-partition"),
    "dead letter: offset": change_header("insp.dlq.", "kafka_dlt-original-offset"),
    "dead letter: reason": change_header("insp.dlq.", "hub-dlq-reason-code"),
    "dead letter: of an accepted input": letter_for_an_accepted_input,
    "Redis: pos": position("pos"),
    "Redis: decided": position("decided"),
    "Redis: a decision": redis_value("task", longer),
    "Redis: a decision lost": redis_drop("task"),
    "Redis: a decision invented": redis_add("task", "91\x1fT", b"{}"),
    "Redis: a code's task": redis_value("code", longer),
    "Redis: code of another task": code_of_another_task,
    "Redis: a code lost": redis_drop("code"),
    "Redis: a code invented": redis_add("code", "00-A000", "91\x1fT"),
    "Redis: a last day": redis_value("open", lambda day, draw: day + draw.choice([-1, 1])),
    "Redis: an open code lost": redis_drop("open"),
    "Redis: an open code invented": redis_add("open", "91\x1fT", 739_000),
    "Redis: a state lost": redis_drop("state"),
    "Redis: a state invented": redis_add("state", "91120116MA05X9999A", b""),
    "Redis: shards exchanged": shards_exchanged,
    "Redis: a shard lost": shard_lost,
}


@pytest.fixture(scope="module")
def worlds():
    return {seed: History(seed=100 + seed, events=120).world for seed in SEEDS}


def test_the_undamaged_histories_are_sound(worlds):
    assert all(run_audit(w.dump, w.redis, KEYS).ok for w in worlds.values())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_found(worlds, name, seed):
    damaged, did = None, None
    for attempt in range(20):
        damaged = Damaged(worlds[seed], random.Random(f"{name} {seed} {attempt}"))
        did = DAMAGES[name](damaged)
        if did:
            break
    assert did, "the history has nothing that could be damaged so"

    report = run_audit(damaged.dump, damaged.redis, KEYS)

    assert report.violations_total > 0, did
    assert report.exit_code == 1
