"""Each night a system's public list is held against the ledger: on a real broker and a sandbox."""

from __future__ import annotations

import asyncio

import redis.asyncio as aioredis
from confluent_kafka import Producer
from delivery_world import USCC, a_disclosure
from ledger_world import C, real_now_ms
from site_in_thread import SiteInThread
from structlog.testing import capture_logs
from waiting import POLL_S
from watched_hub import WatchedHub

from connectors.console.systems.nightly_look import nightly_look
from connectors.kafka_log import KafkaLog
from connectors.publisher import KafkaPublisher
from connectors.redis_ledger import RedisLedger
from connectors.sites.tianjin_subjects import TianjinSubjects
from schemas.calendar_file import NO_OVERRIDES
from schemas.codec import encode_json
from schemas.compared import COMPARED, SiteCompared, decode_compared
from schemas.feed import Disclosure, DisclosureState, Receipt, Stage, delivery_key, feed_key
from schemas.settings import Settings
from schemas.topics import DAY_MS, OPERATOR, dlq_topic, feed_topic, receipt_topic
from streams.delivery.run import SiteDelivery, SiteSettings, World
from streams.desks import oversight
from streams.lanes import Partition
from streams.rules.delivery.ledger import entry_of

RESULTS = (("R-1", 2, DisclosureState.STOPPED), ("R-2", 1, DisclosureState.DISCLOSED))


def fill(bootstrap: str) -> None:
    """A stop and a disclosure on the feed, both carried out, as the system says itself."""
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for result_id, version, state in RESULTS:
        value = a_disclosure(C, result_id, version, state.value, USCC)
        producer.produce(feed_topic(C), value, feed_key(USCC, result_id), partition=0)
        entry = entry_of(Disclosure.model_validate_json(value), value, 0)
        receipt = Receipt(
            site=C, uscc=USCC, result_id=result_id, version=version, state=state,
            stage=Stage.PROCESSED, by="SITE", key=delivery_key(C, USCC, result_id, version),
            body_sha256=entry.body_sha256, status="imported", site_receipt_id="S-1", at=1,
        )  # fmt: skip
        producer.produce(receipt_topic(C), encode_json(receipt), result_id, partition=0)
    assert producer.flush(20) == 0


async def take_all(delivery: SiteDelivery, log: KafkaLog) -> None:
    """Take feed and receipts in, and the countersignatures that follow from them."""
    feed, receipts = Partition(feed_topic(C), 0), Partition(receipt_topic(C), 0)
    await delivery.handler.open(feed, None)
    at = await delivery.handler.open(receipts, None)
    _, end = await log.span(receipts.topic, 0)
    async for records in log.scan(receipts.topic, 0, at or 0, end):
        await delivery.handler.handle(receipts, records)


async def compared(ledger: RedisLedger, night_ms: int) -> SiteCompared:
    """What came of the comparison of that night."""
    async with asyncio.timeout(60):
        while True:
            last = decode_compared((await ledger.control()).get(COMPARED))
            if last is not None and last.at_ms >= night_ms:
                return last
            await asyncio.sleep(POLL_S)


async def test_a_stop_that_is_still_shown_is_found_and_told_and_nothing_where_there_is_none(
    hub: WatchedHub,
):
    for topic in (feed_topic(C), receipt_topic(C), OPERATOR, dlq_topic("deliver")):
        hub.topic(topic)
    fill(hub.bootstrap)
    log, publisher = KafkaLog(hub.bootstrap), KafkaPublisher(hub.bootstrap)
    await publisher.start()
    with SiteInThread() as site:
        page = f"{site.address}/public"
        system, settings = TianjinSubjects(page), Settings(site_subjects_page=page)
        async with aioredis.from_url(hub.redis_url) as client:
            redis, later_ms = (client, hub.redis_url), [0]
            ledger = RedisLedger(*redis, C)
            world = World(
                ledger=ledger, logs=log, publisher=publisher, system=system,
                clock=lambda: real_now_ms() + later_ms[0], rnd=lambda: 0.5, calendar=NO_OVERRIDES,
                compare=nightly_look(C, settings, redis, system, oversight),
            )  # fmt: skip
            delivery = SiteDelivery(world, SiteSettings(look_every_s=3600.0, digest_every_s=0.1))
            await take_all(delivery, log)
            for result_id, version, _ in RESULTS:
                site.show(USCC, result_id, version - (result_id == "R-1"))
            stop = asyncio.Event()
            with capture_logs() as lines:
                running = asyncio.create_task(delivery.run(stop))
                first = await compared(ledger, 0)
                site.hide(USCC, "R-1")
                # A night later: its digest goes out, and the comparison after it.
                later_ms[0] = DAY_MS
                second = await compared(ledger, real_now_ms() + DAY_MS // 2)
                stop.set()
                await running
        await system.close()
    _, end = await log.span(feed_topic(C), 0)
    await publisher.stop()

    told = [one for one in lines if one["event"] == "compared with its public list"]
    assert [(one.kind, one.result_id, one.found) for one in first.differences] == [
        ("MISSING_STOP", "R-1", "shown at version 1")
    ]
    assert (first.compared, first.settled, first.agrees) == (2, True, False)
    assert (second.compared, second.agrees) == (2, True)
    assert [(one["log_level"], one["differing"]) for one in told] == [("error", 1), ("info", 0)]
    assert end == len(RESULTS) + 1, "the digest of the second night"
