"""A bare client loop: the same connector, nothing kept, no receipts, no look at the page.

What one process can bring to a system if it need not prove anything.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.job import Job, read_job, run
from benchmarks.meter import Meter
from connectors.sites.table import open_system
from schemas.delivery import Accepted, Delivery
from schemas.feed import Disclosure, delivery_key
from schemas.settings import Settings
from schemas.topics import feed_topic


async def main(job: Job) -> None:
    settings, site = Settings(), job.extra["site"]
    system = open_system(site, settings)
    meter = Meter(job)
    turn = asyncio.Semaphore(settings.deliver_calls_max)

    async def call(some: list[Delivery]) -> None:
        try:
            answers = await system.send(some)
        finally:
            turn.release()
        if not all(isinstance(one, Accepted) for one in answers):
            raise RuntimeError(f"{site} did not take all: {answers[:3]}")
        meter.count(len(some))

    async with asyncio.TaskGroup() as group:
        waiting: list[Delivery] = []
        async for delivery in _owed(job, site):
            meter.first()
            waiting.append(delivery)
            if len(waiting) == system.batch_max:
                await turn.acquire()
                group.create_task(call(waiting))
                waiting = []
        await turn.acquire()
        group.create_task(call(waiting))


async def _owed(job: Job, site: str) -> AsyncIterator[Delivery]:
    consumer = AIOKafkaConsumer(bootstrap_servers=job.bootstrap, enable_auto_commit=False)
    await consumer.start()
    there = TopicPartition(feed_topic(site), 0)
    consumer.assign([there])
    await consumer.seek_to_beginning(there)
    left = job.events
    while left:
        for records in (await consumer.getmany(timeout_ms=1000, max_records=left)).values():
            for record in records:
                left -= 1
                yield _delivery(record.value)
    await consumer.stop()


def _delivery(value: bytes) -> Delivery:
    one = Disclosure.model_validate_json(value)
    key = delivery_key(one.site, one.uscc, one.result_id, one.version)
    digest = hashlib.sha256(value).hexdigest()
    return Delivery(key, one.uscc, one.result_id, one.version, one.state, value, digest, 1, None)


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB), JOB)
