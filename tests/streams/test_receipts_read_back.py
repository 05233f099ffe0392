"""A receipt that the book wrote is known when it comes back: as if it had been read, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from delivery_fakes import FakeLedger
from delivery_world import USCC, a_disclosure
from fakes import FakeKafka
from hypothesis import given
from hypothesis import strategies as st

from schemas.feed import Disclosure, Receipt, Stage
from schemas.topics import receipt_topic
from streams.delivery import receipts
from streams.delivery.receipt_fold import ReceiptFold
from streams.delivery.receipts import Draft, ReceiptBook, read_receipt
from streams.delivery.site_desk import SiteDesk
from streams.rules.delivery.ledger import Waits, encode_entry, entry_of

SITE = "GSXT-TJ"
TEXTS = st.text(max_size=600)


def entry(state: str = "STOPPED"):
    value = a_disclosure(SITE, "R-1", 3, state, USCC)
    return entry_of(Disclosure.model_validate_json(value), value, 7)


def written(book: ReceiptBook, kafka: FakeKafka, *drafts: Draft):
    asyncio.run(book.write(drafts))
    return kafka.all(receipt_topic(SITE))[-len(drafts) :]


@given(
    stage=st.sampled_from(Stage), state=st.sampled_from(["STOPPED", "DISCLOSED", "WITHDRAWN"]),
    status=TEXTS, receipt_id=st.none() | TEXTS, errors=st.lists(TEXTS, max_size=30),
)  # fmt: skip
def test_it_is_what_reading_its_bytes_gives(stage, state, status, receipt_id, errors):
    kafka = FakeKafka()
    book = ReceiptBook(SITE, kafka, lambda: 1_773_104_400_000)
    draft = Draft(entry(state), stage, 2, status, receipt_id, tuple(errors))

    first, second = written(book, kafka, draft, draft)

    for record in (first, second):
        known = book.read_back(record.value)
        assert known == read_receipt(record, SITE)
        assert known is not None
        assert (
            known.model_dump_json() == Receipt.model_validate_json(record.value).model_dump_json()
        )


def test_it_is_known_once_and_other_bytes_are_not():
    kafka = FakeKafka()
    book = ReceiptBook(SITE, kafka, lambda: 1)
    (record,) = written(book, kafka, Draft(entry(), Stage.ACCEPTED))

    assert book.read_back(record.value + b" ") is None
    assert book.read_back(None) is None
    assert book.read_back(record.value) is not None
    assert book.read_back(record.value) is None


class CountingLedger(FakeLedger):
    """Counts how often it was asked for entries."""

    asked = 0

    async def entries(self, names: Sequence[str]) -> list[bytes | None]:
        self.asked += 1
        return await super().entries(names)


def test_only_what_another_process_wrote_is_looked_up_before_it_is_folded():
    kafka, ledger, ours = FakeKafka(), CountingLedger(), entry()
    ledger.content.entries[ours.name] = encode_entry(ours)
    book, other = (ReceiptBook(SITE, kafka, lambda: 1) for _ in range(2))
    fold = ReceiptFold(SiteDesk(SITE, ledger, kafka, lambda: 1), Waits(), book)

    asked = []
    for writer in (book, other):
        records = written(writer, kafka, Draft(ours, Stage.ACCEPTED))
        (read,) = asyncio.run(fold.read(records))
        assert (read.by, read.stage) == ("HUB", Stage.ACCEPTED)
        asked.append(ledger.asked)

    assert asked == [0, 1]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(receipts, "WRITTEN_MAX", 10)
    kafka = FakeKafka()
    book = ReceiptBook(SITE, kafka, lambda: 1)

    records = written(book, kafka, *[Draft(entry(), Stage.ACCEPTED)] * 25)

    known = [book.read_back(record.value) is not None for record in records]
    assert known.count(True) <= 10
    assert known[-1], "the newest are there"
