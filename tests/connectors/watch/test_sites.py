"""What is owed at a system by when, what is done and not seen, and how much was carried out."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis.asyncio as aioredis
from confluent_kafka import Producer

from connectors.watch.memory import Memory
from connectors.watch.sites import Sites
from schemas.feed import Stage
from schemas.topics import receipt_topic
from streams import watching
from streams.delivery.receipts import Draft, Head, encode_receipt

sys.path.insert(0, str(Path(__file__).parents[1] / "console"))

from ledger_world import A, Ledgers, an_entry, real_now_ms

LONG_AGO = datetime(2026, 1, 5, 2, tzinfo=UTC)
AT = receipt_topic(A), 0


@pytest.fixture
def look(fresh_broker, redis_url):
    """Looks once, with what was remembered so far; `ends`: of the receipts."""
    memory = Memory()

    def once(end=0, now_ms=None):
        async def run():
            async with aioredis.from_url(redis_url) as client:
                sites = Sites(client, redis_url, fresh_broker.bootstrap, watching)
                return await sites.look([A], {AT: end}, memory, now_ms or real_now_ms())

        return asyncio.run(run())[A]

    return once


@pytest.fixture
def ledgers(redis_url):
    return Ledgers(redis_url)


def test_the_backlog_is_a_histogram_by_due_moment(look, ledgers):
    today = datetime.now(UTC)
    for number, said in enumerate((LONG_AGO, today, today)):
        ledgers.put(A, an_entry(A, f"R-{number}", said=said))
    ledgers.put(A, an_entry(A, "R-done", 2, "STOPPED", "PROCESSED", said=today))

    found = look()

    assert [count for _, count in found.owed] == [1, 2]
    assert found.owed[0][0] < real_now_ms() < found.owed[1][0]
    assert found.waiting == 3
    assert found.oldest == 0


def test_what_is_done_and_not_seen_waits_for_proof(look, ledgers):
    an_hour_ago = real_now_ms() - 3_600_000
    ledgers.put(A, an_entry(A, "R-1", 2, "STOPPED", "PROCESSED", said=LONG_AGO, at_ms=an_hour_ago))

    found = look()

    assert (found.unseen, found.unseen_ms, found.unseen_overdue) == (1, an_hour_ago, 1)
    assert found.owed == []


def test_an_empty_ledger_owes_nothing(look):
    found = look()

    assert (found.owed, found.waiting, found.unseen, found.oldest) == ([], 0, 0, None)
    assert found.ledger.feed_next is None


def test_deliveries_are_counted_from_receipts_and_each_once(look, fresh_broker):
    entry, _ = an_entry(A)
    producer = Producer({"bootstrap.servers": fresh_broker.bootstrap, "log_level": 0})
    stages = (Stage.ACCEPTED, Stage.PROCESSED, Stage.OBSERVED, Stage.PROCESSED)
    before = look(end=0).done
    for number, stage in enumerate(stages):
        value, _ = encode_receipt(
            A, Draft(entry, stage, 1, "200", None, ()), number, Head().hash, 1_000 + number
        )
        producer.produce(AT[0], value, partition=0)
    producer.produce(AT[0], b"what a system wrote", partition=0)
    producer.flush(10)

    assert before == 0
    assert look(end=3).done == 1
    assert look(end=5).done == 2
    assert look(end=5).done == 2


def test_the_last_working_day_is_told(look, ledgers):
    said = datetime(2026, 3, 10, 2, tzinfo=UTC)  # a Tuesday; due on Friday
    ledgers.put(A, an_entry(A, "R-1", said=said))
    due = look(now_ms=int(said.timestamp() * 1000)).owed[0][0]

    assert not look(now_ms=int(said.timestamp() * 1000)).last_day
    assert look(now_ms=due - 3_600_000).last_day
