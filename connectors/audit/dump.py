"""What was on the topics and in Redis when the audit began? Neutral: no client library in sight.

A dump on disk is one file of JSON lines: one a record, one a partition's bounds, one a Redis shard.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

Headers = tuple[tuple[str, bytes], ...]


class Record(NamedTuple):
    """One Kafka record as it lies in its partition. `timestamp_ms`: Unix milliseconds."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    def header(self, name: str) -> str | None:
        """The text of a header, bytes that are no UTF-8 escaped; None when it is absent."""
        for key, value in self.headers:
            if key == name:
                return value.decode("utf-8", "backslashreplace")
        return None

    def key_text(self) -> str:
        """The key as text; empty when there is none."""
        return (self.key or b"").decode("utf-8", "backslashreplace")


class Bounds(NamedTuple):
    """First offset the broker still holds, and the offset after the last."""

    begin: int
    end: int


@dataclass(slots=True)
class RedisShard:
    """The view of one journal partition, as it lies in Redis. States are opaque here."""

    position: dict[str, str] = field(default_factory=dict)
    state: dict[str, bytes] = field(default_factory=dict)
    task: dict[str, bytes] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    public: dict[str, bytes] = field(default_factory=dict)
    result: dict[str, str] = field(default_factory=dict)
    case: dict[str, str] = field(default_factory=dict)
    case_due: dict[str, int] = field(default_factory=dict)
    agenda: dict[str, int] = field(default_factory=dict)
    joint: dict[str, bytes] = field(default_factory=dict)
    drawn: dict[str, int] = field(default_factory=dict)


RedisView = dict[int, RedisShard]


@dataclass(slots=True)
class Dump:
    """Topic -> partition -> records in the order of their offsets."""

    records: dict[str, dict[int, list[Record]]] = field(default_factory=dict)
    bounds: dict[tuple[str, int], Bounds] = field(default_factory=dict)

    def partition(self, topic: str, partition: int) -> list[Record]:
        """The records of a partition, to be read or added to."""
        return self.records.setdefault(topic, {}).setdefault(partition, [])

    def topics(self, prefix: str = "") -> list[str]:
        """Names of the topics that begin so, sorted."""
        return sorted(name for name in self.records if name.startswith(prefix))

    def walk(self, prefix: str) -> Iterator[tuple[str, int, list[Record]]]:
        """Every partition of the topics that begin so, in order."""
        for topic in self.topics(prefix):
            for partition in sorted(self.records[topic]):
                yield topic, partition, self.records[topic][partition]

    def begin(self, topic: str, partition: int) -> int:
        """First offset the broker still holds; 0 when nobody said otherwise."""
        known = self.bounds.get((topic, partition))
        return known.begin if known else 0

    def end(self, topic: str, partition: int) -> int:
        """The offset after the last one."""
        known = self.bounds.get((topic, partition))
        if known:
            return known.end
        records = self.records.get(topic, {}).get(partition)
        return records[-1].offset + 1 if records else 0

    def count(self) -> int:
        """How many records the dump holds."""
        return sum(len(rows) for parts in self.records.values() for rows in parts.values())


def save_dump(path: Path, dump: Dump, redis: RedisView | None = None) -> None:
    """Write a dump, and the Redis view if there is one, as JSON lines."""
    with path.open("wb") as file:
        for line in _lines(dump, redis or {}):
            file.write(orjson.dumps(line) + b"\n")


def load_dump(path: Path) -> tuple[Dump, RedisView | None]:
    """Read what `save_dump` wrote. The view is None when the file holds none.

    Raises:
        ValueError: A line is none of a dump; the text names it.
    """
    dump, redis = Dump(), RedisView()
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                _take(dump, redis, orjson.loads(line))
            except (KeyError, TypeError, ValueError) as cause:
                raise ValueError(
                    f"{path.name} line {number} is no line of a dump: {cause}"
                ) from cause
    return dump, redis or None


def _lines(dump: Dump, redis: RedisView) -> Iterable[dict[str, Any]]:
    for (topic, partition), (begin, end) in sorted(dump.bounds.items()):
        yield {"t": topic, "p": partition, "begin": begin, "end": end}
    for topic, partition, records in dump.walk(""):
        for r in records:
            headers = [[key, _text(value)] for key, value in r.headers]
            yield {
                "t": topic,
                "p": partition,
                "o": r.offset,
                "ms": r.timestamp_ms,
                "k": _text(r.key),
                "v": _text(r.value),
                "h": headers,
            }
    for number, shard in sorted(redis.items()):
        yield {
            "redis": number,
            "position": shard.position,
            "code": shard.code,
            "open": shard.open,
            "state": {name: _text(value) for name, value in shard.state.items()},
            "task": {name: _text(value) for name, value in shard.task.items()},
            "public": {name: _text(value) for name, value in shard.public.items()},
            "result": shard.result,
            "case": shard.case,
            "case_due": shard.case_due,
            "agenda": shard.agenda,
            "joint": {name: _text(value) for name, value in shard.joint.items()},
            "drawn": shard.drawn,
        }


def _take(dump: Dump, redis: RedisView, line: dict[str, Any]) -> None:
    if "redis" in line:
        redis[line["redis"]] = RedisShard(
            position=line["position"],
            state={name: _bytes(value) or b"" for name, value in line["state"].items()},
            task={name: _bytes(value) or b"" for name, value in line["task"].items()},
            code=line["code"],
            open=line["open"],
            public={name: _bytes(text) or b"" for name, text in line.get("public", {}).items()},
            result=line.get("result", {}),
            case=line.get("case", {}),
            case_due=line.get("case_due", {}),
            agenda=line.get("agenda", {}),
            joint={name: _bytes(text) or b"" for name, text in line.get("joint", {}).items()},
            drawn=line.get("drawn", {}),
        )
    elif "begin" in line:
        dump.bounds[line["t"], line["p"]] = Bounds(line["begin"], line["end"])
        dump.partition(line["t"], line["p"])
    else:
        headers = tuple((key, _bytes(value) or b"") for key, value in line["h"])
        record = Record(line["o"], line["ms"], _bytes(line["k"]), _bytes(line["v"]), headers)
        dump.partition(line["t"], line["p"]).append(record)


def _text(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
