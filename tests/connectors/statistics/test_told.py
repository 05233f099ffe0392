"""How far is counted is told to whoever watches, and counting never depends on it."""

from __future__ import annotations

import pytest
import redis.asyncio as aioredis
from builders import Hub, a_cap, a_policy
from counted_year import Logs, logs_of

from connectors.statistics.file import FILE_NAME, StatisticsFile
from connectors.statistics.told import Counted, read_counted, telling
from schemas.topics import DECIDED
from streams.statistics import Statistics


@pytest.fixture
def logs() -> Logs:
    """Three answers about two enterprises, in two partitions."""
    one, other = (Hub(policy=a_policy(a_cap(1))) for _ in range(2))
    one.submit("T-1")
    one.submit("T-2")
    other.submit("T-3")
    return logs_of(one, other)


async def test_the_position_of_the_file_is_told_after_a_count_and_when_nothing_was_new(
    logs: Logs, tmp_path, redis_url
):
    moments = iter((1_000, 1_000, 2_000, 9_000))
    with StatisticsFile(tmp_path / FILE_NAME) as store:
        async with (
            telling(redis_url, 15.0, lambda: next(moments)) as tell,
            aioredis.from_url(redis_url) as client,
        ):
            before = await read_counted(client)
            counting = Statistics(store, logs.kafka, 2, tell=tell)
            await counting.level()
            after = await read_counted(client)
            await counting.level()
            later = await read_counted(client)

        assert before is None
        ends = {number: len(logs.kafka.logs[DECIDED, number]) for number in (0, 1)}
        assert after == Counted(ends, 2_000, 15_000)
        assert later == Counted(ends, 9_000, 15_000)
        assert {number: store.position(number)[0] for number in (0, 1)} == ends


async def test_while_much_is_counted_it_is_told_chunk_by_chunk(logs: Logs, tmp_path):
    told = []

    async def tell(positions):
        told.append(dict(positions))

    with StatisticsFile(tmp_path / FILE_NAME) as store:
        await Statistics(store, logs.kafka, 2, tell=tell).level()

    assert told == [{0: 2}, {1: 1}, {0: 2, 1: 1}]


async def test_redis_away_or_none_at_all_stops_no_counting(logs: Logs, tmp_path):
    for number, url in enumerate(("redis://127.0.0.1:1", "")):
        with StatisticsFile(tmp_path / f"{number}.sqlite") as store:
            async with telling(url, 15.0) as tell:
                assert await Statistics(store, logs.kafka, 2, tell=tell).level() == 3


@pytest.mark.parametrize(
    ("every_s", "gone_after_s"),
    [pytest.param(15, 60, id="a minute at least"), pytest.param(300, 900, id="three times")],
)
def test_who_has_not_told_for_long_is_gone(every_s, gone_after_s):
    told = Counted({}, 1_000, 1000 * every_s)

    assert told.alive(1_000 + 1000 * gone_after_s)
    assert not told.alive(1_001 + 1000 * gone_after_s)


async def test_another_process_goes_on_where_the_first_one_ended(logs: Logs, tmp_path, redis_url):
    waiting = logs.kafka.logs[DECIDED, 0].pop()
    found = []
    for _ in range(2):
        with StatisticsFile(tmp_path / FILE_NAME) as store:
            async with (
                telling(redis_url, 15.0) as tell,
                aioredis.from_url(redis_url) as client,
            ):
                await Statistics(store, logs.kafka, 2, tell=tell).level()
                counted = await read_counted(client)
                found.append(counted.next_of[0])
        logs.kafka.logs[DECIDED, 0].append(waiting)

    assert found == [1, 2]
