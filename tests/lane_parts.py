"""What does a lane need around it in a test? A consumer, a handler, batches."""

import asyncio
from collections.abc import Sequence

from fakes import FakeRecord

from streams.lanes import Partition

TP = Partition("t", 0)


class FakeConsumer:
    """A log with a committed offset; seeking is recorded."""

    def __init__(self, committed: int | None = None, beginning: int = 0):
        self.at, self.first = committed, beginning
        self.seeks: list[int] = []
        self.durable_at: dict[Partition, int] = {}
        self.handed_over: list[list[int]] = []

    async def committed(self, tp: Partition):
        return self.at

    async def beginning(self, tp: Partition):
        return self.first

    async def rewind(self, tp: Partition, offset: int):
        self.seeks.append(offset)

    def taken(self, tp: Partition, records: Sequence[FakeRecord]):
        self.handed_over.append([record.offset for record in records])

    def durable(self, tp: Partition, next_offset: int):
        self.durable_at[tp] = next_offset


class Handler:
    """Remembers what it was given; fails or waits on demand."""

    eager = False

    def __init__(self, start: int | None = None):
        self.start = start
        self.seen: list[int] = []
        self.closed: list[Partition] = []
        self.fail = False
        self.looked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def open(self, tp: Partition, committed: int | None):
        return self.start

    async def handle(self, tp: Partition, records: Sequence[FakeRecord]):
        await self.gate.wait()
        if self.fail:
            raise RuntimeError("the disk is on fire")
        self.seen += [r.offset for r in records]

    async def idle(self, tp: Partition):
        self.looked += 1

    async def close(self, tp: Partition):
        self.closed.append(tp)


def batch(first: int, last: int) -> list[FakeRecord]:
    return [FakeRecord("t", 0, n, 0, None, b"") for n in range(first, last + 1)]


async def settle(condition, deadline_s: float = 30.0):
    """Wait until a condition holds."""
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110 - any condition, not only an event
            await asyncio.sleep(0.001)


def never(cause: BaseException):
    raise AssertionError(f"must not die: {cause!r}")
