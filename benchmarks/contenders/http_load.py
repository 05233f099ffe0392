"""Sends events over HTTP on kept connections: as fast as they are answered, or at a steady rate.

A client that costs little: requests are made before the clock runs, and of an answer only the
status and the length are read.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NoReturn

import orjson

from benchmarks.contenders.probe import submitted, summary
from benchmarks.job import Job, read_job, run
from benchmarks.meter import Meter, tell

ANSWER_WAIT_S = 30.0
_HEAD_END = b"\r\n\r\n"


class Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._got = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits hears of it."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("hung up on"))

    def data_received(self, data: bytes) -> None:
        """A part of an answer."""
        self._got += data
        head, end, body = self._got.partition(_HEAD_END)
        if not end or self._answer is None:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._got = b""
            self._answer.set_result(int(head[9:12]))

    async def ask(self, request: bytes) -> int:
        """The status of the answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


def requests(job: Job) -> Iterator[bytes]:
    """New events of one department, each in a request or many together."""
    extra, size = job.extra, job.extra.get("batch", 1)
    events = (
        orjson.dumps({
            "specversion": "1.0", "id": task_id, "source": posting.dept, "type": posting.type,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "data": orjson.Fragment(posting.value),
        })
        for task_id, posting in submitted(Path(extra["file"]), {extra["dept"]})
    )  # fmt: skip
    path, kind = ("/v1/events", "") if size == 1 else ("/v1/events:batch", "-batch")
    prefer = f"Prefer: wait={extra['wait_s']}\r\n" if "wait_s" in extra else ""
    while some := list(islice(events, size)):
        body = some[0] if size == 1 else b"[" + b",".join(some) + b"]"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{prefer}"
            f"Authorization: Bearer {extra['token']}\r\n"
            f"Content-Type: application/cloudevents{kind}+json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


async def connect(job: Job) -> list[Client]:
    """The connections."""
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(Client, "127.0.0.1", job.extra["port"])
        for _ in range(job.extra["connections"])
    ]
    return [client for _, client in made]


async def flood(job: Job) -> NoReturn:
    """As many as are answered; tells the rate."""
    size = job.extra.get("batch", 1)
    left = deque(islice(requests(job), job.events // size))
    watched = {**job.watched, "server": job.extra["server"]}
    clients, meter = await connect(job), Meter(replace(job, watched=watched))
    statuses = Counter[int]()

    async def work(client: Client) -> None:
        while left:
            statuses[await client.ask(left.popleft())] += 1

    meter.first()
    await asyncio.gather(*(work(client) for client in clients))
    meter.done = job.events // size * size
    check(statuses, {202, 207})
    meter.finish()


async def steady(job: Job) -> None:
    """At a rate, whatever the answers take; tells how long each took from when it was due."""
    extra = job.extra
    count = int(extra["rate"] * extra["total_s"])
    ready = deque(islice(requests(job), count))
    idle: asyncio.Queue[Client] = asyncio.Queue()
    for client in await connect(job):
        idle.put_nowait(client)
    took_s: list[float] = []
    statuses = Counter[int]()
    began = time.perf_counter() + 0.1

    async def one(due: float) -> None:
        client = await idle.get()
        statuses[await client.ask(ready.popleft())] += 1
        idle.put_nowait(client)
        if due - began >= extra["warm_s"]:
            took_s.append(time.perf_counter() - due)

    tasks = []
    for number in range(count):
        due = began + number / extra["rate"]
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    async with asyncio.timeout(ANSWER_WAIT_S):
        await asyncio.gather(*tasks)
    check(statuses, {200, 202})
    tell({**summary(took_s), "decided": statuses[200], "of": count})


def check(statuses: Counter[int], good: set[int]) -> None:
    """Nothing that was refused may count."""
    if not statuses.keys() <= good:
        raise RuntimeError(f"answers {dict(statuses)}: only {sorted(good)} expected")


if __name__ == "__main__":
    JOB = read_job()
    run(steady(JOB) if "steady" in sys.argv[1:] else flood(JOB), JOB)
