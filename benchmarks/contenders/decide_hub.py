"""The decide stage on the hub's engine, or with `bare` on a plain aiokafka loop.

With `one-out` the answers to all departments go to one topic.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from benchmarks.contenders.bare_loop import drive
from benchmarks.contenders.parts import OneOutTopic, decide_handler, publisher_of
from benchmarks.job import Job, read_job, run
from benchmarks.meter import Meter, Metered
from schemas.topics import JOURNAL
from streams.engine import Engine, EngineSettings


async def main(job: Job, *, bare: bool, one_out: bool) -> None:
    publisher: Any = await publisher_of(job)
    if one_out:
        publisher = OneOutTopic(publisher)
    handler = Metered(await decide_handler(job, publisher), Meter(job))
    if bare:
        await drive(job.bootstrap, job.group, [JOURNAL], handler)
    settings = EngineSettings(bootstrap=job.bootstrap, group=job.group)
    await Engine(settings, [JOURNAL], handler).run(asyncio.Event())


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB, bare="bare" in sys.argv, one_out="one-out" in sys.argv), JOB)
