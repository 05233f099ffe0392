"""The least that taking events in over HTTP can cost: FastAPI, and Kafka with acks=all.

No credentials, no validation, no memory of what came before: a repeated event is taken in twice.
"""

from __future__ import annotations

import asyncio

import orjson
import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Request, Response

from benchmarks.job import Job, read_job, run


async def main(job: Job) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=job.bootstrap, acks="all", enable_idempotence=True, linger_ms=0
    )
    await producer.start()
    app, topic = FastAPI(), job.extra["topic"]

    @app.post("/v1/events")
    async def post_event(request: Request) -> Response:
        await producer.send_and_wait(topic, await request.body())
        return Response(b"{}", 202, media_type="application/json")

    @app.post("/v1/events:batch")
    async def post_batch(request: Request) -> Response:
        events = orjson.loads(await request.body())
        sent = [await producer.send(topic, orjson.dumps(event)) for event in events]
        await asyncio.gather(*sent)
        return Response(b"{}", 207, media_type="application/json")

    config = uvicorn.Config(
        app, port=job.extra["port"], loop="none", access_log=False, log_level="info"
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB), JOB)
