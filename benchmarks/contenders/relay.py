"""A relay on bare aiokafka: what comes on one topic goes out on the next. No state, no durability.

The least that two programs between sender and reader can cost.
"""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.job import Job, read_job, run


async def main(job: Job) -> None:
    consumer = AIOKafkaConsumer(
        job.extra["source"],
        bootstrap_servers=job.bootstrap,
        group_id=job.group,
        auto_offset_reset="latest",
        enable_auto_commit=False,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=job.bootstrap, acks="all", enable_idempotence=True, linger_ms=0
    )
    sink = job.extra["sink"]
    await producer.start()
    await consumer.start()
    while True:
        sent = []
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            for record in records:
                kept = list(record.headers)
                sent.append(await producer.send(sink, record.value, key=record.key, headers=kept))
        await asyncio.gather(*sent)


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB), JOB)
