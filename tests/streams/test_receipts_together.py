"""Receipts that come while others are being published are published together, in one chain."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from delivery_world import USCC, a_disclosure
from fakes import FakeKafka

from schemas.feed import Disclosure, Receipt, Stage
from schemas.topics import receipt_topic
from streams.delivery.receipts import Draft, ReceiptBook
from streams.ports import Outgoing
from streams.rules.delivery.ledger import entry_of

SITE = "GSXT-TJ"


class SlowKafka(FakeKafka):
    """Acknowledges when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go = asyncio.Event()
        self.asked: list[int] = []
        self.fails = False

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        self.asked.append(len(records))
        await self.may_go.wait()
        if self.fails:
            raise ConnectionError("the broker is gone")
        return await super().publish(records)

    def chain(self) -> list[Receipt]:
        records = self.all(receipt_topic(SITE))
        return [Receipt.model_validate_json(one.value or b"") for one in records]


@pytest.fixture
def kafka() -> SlowKafka:
    return SlowKafka()


@pytest.fixture
def book(kafka: SlowKafka) -> ReceiptBook:
    return ReceiptBook(SITE, kafka, lambda: 1_773_104_400_000)


def about(*numbers: int) -> list[Draft]:
    values = [a_disclosure(SITE, f"R-{number}", 1, "STOPPED", USCC) for number in numbers]
    entries = [entry_of(Disclosure.model_validate_json(value), value, 1) for value in values]
    return [Draft(entry, Stage.ACCEPTED, 1, "202") for entry in entries]


async def begun(book: ReceiptBook, *of: list[Draft]) -> list[asyncio.Task[int]]:
    """Callers that write; the first is on its way to the broker, the others wait."""
    tasks = []
    for drafts in of:
        tasks.append(asyncio.create_task(book.write(drafts)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return tasks


async def test_what_gathers_meanwhile_is_one_publication(book: ReceiptBook, kafka: SlowKafka):
    callers = await begun(book, about(1, 2), about(3), about(4, 5, 6))

    kafka.may_go.set()
    ends = await asyncio.gather(*callers)

    assert kafka.asked == [2, 4]
    assert ends == [2, 6, 6], "behind all of one's own"
    chain = kafka.chain()
    assert [one.result_id for one in chain] == [f"R-{n}" for n in range(1, 7)]
    assert [one.seq for one in chain] == list(range(6))
    assert [one.prev for one in chain] == ["", *(one.hash for one in chain[:-1])]


async def test_who_gives_up_while_waiting_takes_nobody_along(book: ReceiptBook, kafka: SlowKafka):
    first, second, third = await begun(book, about(1), about(2), about(3))

    second.cancel()
    first.cancel()
    kafka.may_go.set()

    assert await third == 2
    assert [one.result_id for one in kafka.chain()] == ["R-1", "R-3"]
    assert first.cancelled()
    assert second.cancelled()


async def test_all_hear_of_a_failure_and_nothing_is_chained_to_it(
    book: ReceiptBook, kafka: SlowKafka
):
    callers = await begun(book, about(1), about(2))

    kafka.fails = True
    kafka.may_go.set()
    async with asyncio.timeout(10):
        told = await asyncio.gather(*callers, return_exceptions=True)

    assert [type(one) for one in told] == [ConnectionError, ConnectionError]
    assert kafka.asked == [1]
    assert kafka.chain() == []


async def test_nothing_to_write_asks_nobody(book: ReceiptBook, kafka: SlowKafka):
    assert await book.write([]) == 0
    assert kafka.asked == []
