"""Ways in which topics and Redis can be wrong: each changes one thing, drawn from a seed.

A damage returns what it did, or None when the history has nothing that it could damage.
"""

import copy

import orjson
from audit_world import bytes_of

from connectors.audit.dump import Dump, Record, RedisShard

# Words for people, and the id that a refusal may leave out: no promise is broken by other ones.
FREE_TEXT = {"field", "message", "advice"}


class Damaged:
    """A copy of a world that may be damaged."""

    def __init__(self, world, draw):
        self.draw = draw
        self.dump = Dump(
            {
                topic: {number: list(rows) for number, rows in parts.items()}
                for topic, parts in world.dump.records.items()
            }
        )
        self.redis = copy.deepcopy(world.redis)

    def pick(self, prefix, wanted=lambda _record: True):
        """A place of a record that is wanted: topic, partition, index."""
        places = [
            (topic, number, index)
            for topic, number, rows in self.dump.walk(prefix)
            for index, record in enumerate(rows)
            if wanted(record)
        ]
        return self.draw.choice(places) if places else None

    def get(self, place) -> Record:
        topic, number, index = place
        return self.dump.records[topic][number][index]

    def put(self, place, **changes):
        topic, number, index = place
        rows = self.dump.records[topic][number]
        rows[index] = rows[index]._replace(**changes)

    def drop(self, place):
        topic, number, index = place
        del self.dump.records[topic][number][index]

    def append(self, topic, number, record):
        rows = self.dump.partition(topic, number)
        rows.append(record._replace(offset=len(rows)))

    def shard(self, part) -> RedisShard:
        """A shard whose part is not empty."""
        return self.draw.choice([s for s in self.redis.values() if getattr(s, part)])


def leaves(value, path=()):
    """Paths of all single values of a message."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))
    else:
        yield path


def change_leaf(message, path, draw):
    """The message with another value at one place."""
    changed = copy.deepcopy(message)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = other_value(inner[path[-1]], draw)
    return changed


WRONG_KINDS = (None, 7, -1, 1.5, "", "X", [], [1], {}, {"a": 1}, True)


def other_value(value, draw):
    """Another value, now and then of a kind that does not belong there."""
    if draw.random() < 0.2:
        return draw.choice([w for w in WRONG_KINDS if bool(w) != bool(value)])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + draw.choice([-1, 1, 1000])
    if isinstance(value, str):
        return value + "X" if draw.random() < 0.5 else "X" + value[1:] if value[:1] != "X" else "Y"
    return ["X"] if isinstance(value, list) else "X"


def header(record, name, text):
    return tuple((key, text.encode() if key == name else value) for key, value in record.headers)


def change_value(
    prefix, *, without=frozenset(), wanted=lambda _record: True, keep=lambda m, p: True
):
    """A damage that changes one single value in one message of these topics."""

    def damage(it):
        place = it.pick(prefix, lambda r: r.value[:1] == b"{" and wanted(r))
        if place is None:
            return None
        message = orjson.loads(it.get(place).value)
        paths = [p for p in leaves(message) if not without & set(p) and keep(message, p)]
        path = it.draw.choice(paths)
        it.put(place, value=bytes_of(change_leaf(message, path, it.draw)))
        return f"{place}: {path}"

    return damage


def drop(prefix, wanted=lambda _record: True):
    """A damage that takes one record away."""

    def damage(it):
        place = it.pick(prefix, wanted)
        if place is None:
            return None
        it.drop(place)
        return f"{place}"

    return damage


def change_key(prefix, wanted=lambda _record: True):
    """A damage that gives a record the key of another enterprise."""

    def damage(it):
        place = it.pick(prefix, wanted)
        if place is None:
            return None
        it.put(place, key=b"91120116MA05X9999A")
        return f"{place}"

    return damage


def change_header(prefix, name, wanted=lambda _record: True):
    """A damage that changes one header."""

    def damage(it):
        place = it.pick(prefix, lambda r: r.header(name) is not None and wanted(r))
        record = it.get(place)
        text = record.header(name)
        altered = "2026-01-01T12:00:01+08:00" if name == "ce_time" else f"X{text}"
        if name.endswith(("partition", "offset")):
            altered = str(int(text) + 1000)
        it.put(place, headers=header(record, name, altered))
        return f"{place}: {name} {altered}"

    return damage


def double(prefix, wanted=lambda _record: True):
    """A damage that appends a record once more, its value changed in one place."""

    def damage(it):
        place = it.pick(prefix, lambda r: r.value[:1] == b"{" and wanted(r))
        record = it.get(place)
        message = orjson.loads(record.value)
        name = it.draw.choice([n for n in message if n not in ("src", "source")])
        message[name] = other_value(message[name], it.draw)
        it.append(place[0], place[1], record._replace(value=bytes_of(message)))
        return f"{place}: {name}"

    return damage


def copy_to_end(prefix):
    """A damage that appends a record unchanged where its offset is new."""

    def damage(it):
        place = it.pick(prefix)
        it.append(place[0], place[1], it.get(place))
        return f"{place}"

    return damage


def swap(prefix, *, same_key=False):
    """A damage that exchanges two different records of one partition; offsets stay in order."""

    def damage(it):
        first = it.pick(prefix)
        topic, number, index = first
        rows = it.dump.records[topic][number]
        one = rows[index]
        earlier = {(r.key, r.value) for r in rows[:index]}
        others = [
            at
            for at, r in enumerate(rows)
            if r.value != one.value
            and (not same_key or r.key == one.key)
            # What was published again earlier is known already: its copies may lie in any order.
            and at > index
            and not ({(one.key, one.value)} & earlier)
            and (r.key, r.value) not in {(q.key, q.value) for q in rows[:at]}
        ]
        if not others:
            return None
        at = it.draw.choice(others)
        two = rows[at]
        rows[index] = two._replace(offset=one.offset)
        rows[at] = one._replace(offset=two.offset)
        return f"{first} and {at}"

    return damage


def move(prefix, *, partitions=(0, 1)):
    """A damage that takes the last record of a partition to another one."""

    def damage(it):
        topic = it.draw.choice(it.dump.topics(prefix))
        number = it.draw.choice(partitions)
        rows = it.dump.partition(topic, number)
        if not rows:
            return None
        it.append(topic, 1 - number, rows.pop())
        return f"last of {topic}/{number}"

    return damage


def redis_value(part, change):
    """A damage that changes one entry of one part of the view."""

    def damage(it):
        entries = getattr(it.shard(part), part)
        name = it.draw.choice(sorted(entries))
        entries[name] = change(entries[name], it.draw)
        return f"{part} {name!r}"

    return damage


def redis_drop(part):
    """A damage that loses one entry of one part of the view."""

    def damage(it):
        entries = getattr(it.shard(part), part)
        name = it.draw.choice(sorted(entries))
        del entries[name]
        return f"{part} {name!r}"

    return damage


def redis_add(part, name, value):
    """A damage that adds an entry nobody wrote."""

    def damage(it):
        getattr(it.shard(part), part)[name] = value
        return f"{part} {name!r}"

    return damage
