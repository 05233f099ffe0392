"""The intake stage on the hub's engine, or with `bare` on a plain aiokafka loop."""

from __future__ import annotations

import asyncio
import sys

from benchmarks.contenders.bare_loop import drive
from benchmarks.contenders.parts import intake_handler, publisher_of
from benchmarks.job import Job, read_job, run
from benchmarks.meter import Meter, Metered
from schemas.topics import in_topic
from streams.engine import Engine, EngineSettings


async def main(job: Job, *, bare: bool) -> None:
    topics = [in_topic(dept) for dept in job.extra["departments"]]
    handler = Metered(await intake_handler(job, await publisher_of(job)), Meter(job))
    if bare:
        await drive(job.bootstrap, job.group, topics, handler)
    settings = EngineSettings(bootstrap=job.bootstrap, group=job.group)
    await Engine(settings, topics, handler).run(asyncio.Event())


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB, bare="bare" in sys.argv), JOB)
