"""What lies on the topics and in Redis now? Reads as a stranger: no group, no commit.

Only what lay there when reading began is read; the hub should be at rest, or the last records have
no answers yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import redis.asyncio as aioredis
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from connectors.audit.dump import Bounds, Dump, Headers, Record, RedisShard, RedisView
from connectors.audit.wire import CE_ID, CE_TIME, JOURNAL, READ_HEADERS, is_audited

Progress = Callable[[int, int], None]

_FETCH_BYTES = 64 * 1024 * 1024
_PARTITION_BYTES = 8 * 1024 * 1024
_WAIT_MS = 1000
_SILENT_ROUNDS_MAX = 30
_SCAN_COUNT = 5000
_OF_ONE_RECORD = frozenset({CE_ID, CE_TIME})


class DumpReadError(Exception):
    """The topics could not be read to their ends; the text names the partition and what to do."""


Login = Mapping[str, Any]
_NONE: Login = {}


async def read_topics(
    bootstrap: str, progress: Progress | None = None, login: Login = _NONE
) -> Dump:
    """All audited topics from the first offset kept to the last.

    Args:
        bootstrap: Address of the broker.
        login: How to connect: `security_protocol` and the like, as aiokafka has them.
        progress: Told how many records are read and how many there are.

    Raises:
        DumpReadError: The broker stopped sending before the ends were reached.
    """
    parts = await _partitions(bootstrap, login)
    if not parts:
        return Dump()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        **login,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        fetch_max_bytes=_FETCH_BYTES,
        max_partition_fetch_bytes=_PARTITION_BYTES,
    )
    await consumer.start()
    try:
        return await _read(consumer, parts, progress or (lambda _done, _all: None))
    finally:
        await consumer.stop()


async def _partitions(bootstrap: str, login: Login) -> list[TopicPartition]:
    """Every partition of every audited topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **login)
    await admin.start()
    try:
        found = await admin.describe_topics()
    finally:
        await admin.close()
    return sorted(
        TopicPartition(topic["topic"], part["partition"])
        for topic in found
        if is_audited(topic["topic"])
        for part in topic["partitions"]
    )


async def _read(
    consumer: AIOKafkaConsumer, parts: list[TopicPartition], progress: Progress
) -> Dump:
    dump = Dump()
    begins = await consumer.beginning_offsets(parts)
    ends = await consumer.end_offsets(parts)
    for part in parts:
        dump.bounds[part.topic, part.partition] = Bounds(begins[part], ends[part])
        dump.partition(part.topic, part.partition)
    waiting = {part: ends[part] for part in parts if ends[part] > begins[part]}
    total = sum(ends[part] - begins[part] for part in parts)
    consumer.assign(list(waiting))
    for part in waiting:
        consumer.seek(part, begins[part])
    await _fetch(consumer, dump, waiting, lambda done: progress(done, total))
    return dump


async def _fetch(
    consumer: AIOKafkaConsumer,
    dump: Dump,
    waiting: dict[TopicPartition, int],
    progress: Callable[[int], None],
) -> None:
    """Read until every partition in `waiting` has come to its end."""
    interned: dict[tuple[str, bytes], tuple[str, bytes]] = {}
    done = silent = 0
    while waiting:
        fetched = await consumer.getmany(timeout_ms=_WAIT_MS)
        for part, records in fetched.items():
            if part in waiting:
                done += _take(dump, part, records, (waiting[part], interned))
        # A compacted or transactional end has no record: the position tells, not the last offset.
        for part in list(waiting):
            if await consumer.position(part) >= waiting[part]:
                del waiting[part]
                consumer.pause(part)
        silent = 0 if fetched else silent + 1
        if silent > _SILENT_ROUNDS_MAX:
            behind = ", ".join(f"{p.topic}/{p.partition}" for p in sorted(waiting))
            raise DumpReadError(
                f"the broker sends nothing more, but {behind} is not read to its end: "
                "check the broker and any open transaction, then audit again"
            )
        progress(done)


def _take(
    dump: Dump,
    part: TopicPartition,
    records: Iterable[ConsumerRecord],
    end_and_interned: tuple[int, dict[tuple[str, bytes], tuple[str, bytes]]],
) -> int:
    end, interned = end_and_interned
    rows = dump.partition(part.topic, part.partition)
    before = len(rows)
    for record in records:
        if record.offset < end:
            headers = _headers(record.headers, interned)
            rows.append(Record(record.offset, record.timestamp, record.key, record.value, headers))
    return len(rows) - before


def _headers(
    found: Iterable[tuple[str, bytes]], interned: dict[tuple[str, bytes], tuple[str, bytes]]
) -> Headers:
    """The headers that the auditor reads; equal ones are one object, for there are millions."""
    kept = []
    for pair in found:
        if pair[0] in _OF_ONE_RECORD:
            kept.append(pair)
        elif pair[0] in READ_HEADERS:
            kept.append(interned.setdefault(pair, pair))
    return tuple(kept)


async def read_redis(url: str, partitions: Iterable[int]) -> RedisView:
    """The views of these journal partitions."""
    async with aioredis.from_url(url) as client:
        return {number: await _read_shard(client, number) for number in partitions}


async def _read_shard(client: aioredis.Redis, number: int) -> RedisShard:
    async def whole(part: str) -> dict[bytes, bytes]:
        name, found = f"insp:{{{number}}}:{part}", dict[bytes, bytes]()
        async for field, value in client.hscan_iter(name, count=_SCAN_COUNT):
            found[field] = value
        return found

    async def scored(part: str) -> dict[str, int]:
        scan = client.zscan_iter(f"insp:{{{number}}}:{part}", count=_SCAN_COUNT)
        return {_text(member): int(score) async for member, score in scan}

    async def values(part: str) -> dict[str, bytes]:
        return {_text(key): value for key, value in (await whole(part)).items()}

    return RedisShard(
        position=_all_text(await whole("position")),
        state=await values("state"),
        task=await values("task"),
        code=_all_text(await whole("code")),
        open=await scored("open"),
        public=await values("public"),
        result=_all_text(await whole("result")),
        case=_all_text(await whole("case")),
        case_due=await scored("case_due"),
        agenda=await scored("agenda"),
        joint=await values("joint"),
        drawn=await scored("drawn"),
    )


def journal_partitions(dump: Dump) -> list[int]:
    """The partitions of the journal, for which there are views in Redis."""
    return sorted(dump.records.get(JOURNAL, {}))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def _all_text(found: dict[bytes, bytes]) -> dict[str, str]:
    return {_text(key): _text(value) for key, value in found.items()}
