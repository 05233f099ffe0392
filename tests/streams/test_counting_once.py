"""Whenever counting is killed, repeated or cut up, each answer is counted once."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest
from counted_year import Logs, count, lists, played_year, table

from connectors.generate import city_year, generate
from connectors.statistics.file import FILE_NAME, StatisticsFile, StatisticsMovedError
from schemas.statistics import TABLES
from schemas.topics import DECIDED
from streams.statistics import Statistics

SEED = 5


def test_two_runs_are_identical(year, counted, tmp_path):
    with StatisticsFile(counted) as store:
        first = store.digest()

    assert count(tmp_path / "again.sqlite", year) == first


def test_counting_record_by_record_gives_the_same_as_counting_all_at_once(tmp_path):
    lines = list(generate(replace(city_year(400), officers=80), SEED))
    whole = played_year(lines, partitions=1)
    growing = played_year(lines, partitions=1)
    answers = growing.kafka.logs[DECIDED, 0]
    waiting, answers[:] = list(answers), []
    with StatisticsFile(tmp_path / "growing.sqlite") as store:
        counting = Statistics(store, growing.kafka, 1)
        for record in waiting:
            answers.append(record)
            asyncio.run(counting.level())
        assert store.digest() == count(tmp_path / "whole.sqlite", whole)


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("seed", range(4))
def test_a_process_killed_anywhere_leaves_nothing_out_and_counts_nothing_twice(
    year, counted, tmp_path, seed
):
    path, rng = tmp_path / FILE_NAME, Random(seed)

    def dying(_point: str) -> None:
        if rng.random() < 0.02:
            raise Killed

    lives = 0
    while True:
        lives += 1
        try:
            digest = count(path, year, dying)
        except Killed:
            continue
        break

    with StatisticsFile(counted) as store:
        assert digest == store.digest()
    assert lives > 3


def test_answers_published_twice_are_counted_once(year, counted, tmp_path):
    twice = Logs(type(year.kafka)(year.kafka.partitions), year.book)
    for (topic, partition), records in year.kafka.logs.items():
        log = twice.kafka.logs[topic, partition]
        for at, record in enumerate(records):
            again = records[max(0, at - 5) : at] if topic == DECIDED and at % 50 == 0 else []
            for one in (*again, record):
                offset = len(log) if topic == DECIDED else one.offset
                log.append(replace(one, offset=offset))

    count(tmp_path / FILE_NAME, twice)

    assert len(twice.kafka.all(DECIDED)) > len(year.kafka.all(DECIDED))
    for name in TABLES:
        assert table(tmp_path / FILE_NAME, name) == table(counted, name)
    assert lists(tmp_path / FILE_NAME) == lists(counted)


def test_a_second_process_that_counts_into_the_same_file_is_refused(year, tmp_path):
    path = tmp_path / FILE_NAME

    def other_comes(point: str) -> None:
        if point == "before counting":
            with ThreadPoolExecutor(1) as other:
                other.submit(count, path, year).result()

    with pytest.raises(StatisticsMovedError, match="End one of them"):
        count(path, year, other_comes)
    assert count(path, year) == count(tmp_path / "alone.sqlite", year)


def test_a_file_of_another_release_is_counted_anew(year, counted, tmp_path):
    path = tmp_path / FILE_NAME
    count(path, year)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE layout SET digest = 'older'")
        db.execute("UPDATE visit SET tasks = tasks + 1")
        db.commit()

    digest = count(path, year)

    with StatisticsFile(counted) as store:
        assert digest == store.digest()
