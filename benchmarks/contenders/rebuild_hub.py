"""How long does it take to make the view again from the recorded facts?

As `hub rebuild` does it.
"""

from __future__ import annotations

from benchmarks.contenders.parts import publisher_of
from benchmarks.job import Job, read_job, run
from benchmarks.meter import Meter
from connectors.kafka_log import KafkaLog
from connectors.redis_view import RedisView, connect
from schemas.topics import JOURNAL
from streams.recovery import Recovery


async def main(job: Job) -> None:
    logs = KafkaLog(job.bootstrap)
    view = RedisView(connect(job.redis_url), job.redis_url)
    recovery = Recovery(view, logs, await publisher_of(job))
    ends = {
        partition: (await logs.span(JOURNAL, partition))[1]
        for partition in range(await logs.partitions(JOURNAL))
    }
    meter = Meter(job)
    meter.first()
    # All is committed: a rebuild tells no department anything a second time.
    meter.done = await recovery.rebuild(ends, lambda _done, _total: None)
    meter.finish()


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB), JOB)
