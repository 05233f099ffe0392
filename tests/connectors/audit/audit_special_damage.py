"""Ways of being wrong that take more than one step, or a certain place, to bring about."""

import orjson
from audit_damage import change_leaf, drop, header, leaves
from audit_world import bytes_of, digest

from connectors.audit.dump import Record


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
    return path != ("rules_version",) or any(
        isinstance(fact.get("decision"), dict) for fact in message["facts"]
    )


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


def refusal_of_nothing(it):
    """A refusal of an inbound record that was never refused."""
    place = it.pick("insp.out.", is_refusal)
    message = orjson.loads(it.get(place).value)
    message["origin_offset"] += 100_000
    it.append(place[0], 0, it.get(place)._replace(value=bytes_of(message)))
    return f"{place}"


def decided_for_another(field, text):
    """A first decision that names another department or enterprise, wherever it is kept."""

    def damage(it):
        place = it.pick("insp.decided", lambda r: b'"DECIDED"' in r.value)
        body = orjson.loads(it.get(place).value)
        body["facts"][0]["decision"][field] = text
        it.put(place, value=bytes_of(body))
        return f"{place}"

    return damage
