"""The small fold on the hub's engine, or with `bare` on a plain aiokafka loop."""

from __future__ import annotations

import asyncio
import sys

import redis.asyncio as aioredis

from benchmarks.contenders.bare_loop import drive
from benchmarks.contenders.small_fold import SOURCE
from benchmarks.contenders.small_handler import SmallHandler
from benchmarks.job import Job, read_job, run
from benchmarks.meter import Meter, Metered
from connectors.publisher import KafkaPublisher
from streams.engine import Engine, EngineSettings


async def main(job: Job, *, bare: bool) -> None:
    publisher = KafkaPublisher(job.bootstrap)
    await publisher.start()
    client = aioredis.from_url(job.redis_url)
    handler = Metered(SmallHandler(client, publisher, job.group), Meter(job))
    if bare:
        await drive(job.bootstrap, job.group, [SOURCE], handler)
    settings = EngineSettings(bootstrap=job.bootstrap, group=job.group)
    await Engine(settings, [SOURCE], handler).run(asyncio.Event())


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB, bare="bare" in sys.argv), JOB)
