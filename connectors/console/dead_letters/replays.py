"""Which dead letters were sent in again? A small compacted topic remembers: none goes twice.

Before a letter is sent a mark PLANNED is written, with the end of the partition it will go to;
after its delivery a mark SENT. When a replay dies in between, the next one looks from that end on
for the record that carries the letter's id: it is there or it is not, nothing has to be guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from connectors.console.context import Context
from connectors.console.dead_letters.letters import Letter
from connectors.console.dead_letters.replay_plan import Shipment
from connectors.console.traffic.logs import LogRecord, Span, scan, spans_of
from connectors.kafka_admin import KafkaAdmin, Position
from connectors.publisher import KafkaPublisher, OutRecord
from schemas.dead_letter import REPLAY_COUNT_HEADER, replay_headers
from schemas.operator import MarkState, ReplayMark
from schemas.topic_shape import topic_of
from schemas.topics import REPLAYS, spec_of

LETTER_HEADER = "hub-dlq-letter"
WHY_HEADER = "hub-dlq-replayed-why"
BATCH_LETTERS = 500


def read_marks(hub: Context, admin: KafkaAdmin) -> dict[str, ReplayMark]:
    """The last mark of every letter, by its id. None were made before the first replay."""
    marks: dict[str, ReplayMark] = {}

    def take(record: LogRecord) -> None:
        if record.value:
            mark = ReplayMark.model_validate_json(record.value)
            marks[mark.letter] = mark

    scan(hub, spans_of(admin, [REPLAYS]), take, "reading earlier replays")
    return marks


def settle(hub: Context, admin: KafkaAdmin, marks: dict[str, ReplayMark]) -> dict[str, ReplayMark]:
    """Find out what became of the letters that a replay which died had planned, and write it down.

    Returns the marks of all letters that were sent; those that never left are open again.
    """
    doubtful = {mark.letter: mark for mark in marks.values() if mark.state is MarkState.PLANNED}
    sent = {letter: mark for letter, mark in marks.items() if letter not in doubtful}
    if not doubtful:
        return sent
    arrived = _arrived(hub, admin, doubtful.values())
    found = {
        letter: mark.model_copy(update={"state": MarkState.SENT})
        for letter, mark in doubtful.items()
        if letter in arrived
    }
    asyncio.run(_write_down(hub.bootstrap(), found.values()))
    return sent | found


def _arrived(hub: Context, admin: KafkaAdmin, planned: Collection[ReplayMark]) -> set[str]:
    """Letters of which a record lies in the partition they were to go to, beyond its end then."""
    arrived: set[str] = set()

    def take(record: LogRecord) -> None:
        for name, value in record.headers:
            if name == LETTER_HEADER and value is not None:
                arrived.add(value.decode("utf-8", "replace"))

    spans: dict[Position, Span] = {}
    for at, (first, end) in spans_of(admin, {mark.topic for mark in planned}).items():
        starts = [mark.from_offset for mark in planned if (mark.topic, mark.partition) == at]
        if starts:
            spans[at] = (max(first, min(starts)), end)
    scan(hub, spans, take, "looking for a replay that was cut off")
    return arrived


async def _write_down(bootstrap: str, marks: Iterable[ReplayMark]) -> None:
    publisher = KafkaPublisher(bootstrap, client_id="hub-dlq-replay")
    await publisher.start()
    try:
        await publisher.publish([_mark_record(mark) for mark in marks])
    finally:
        await publisher.stop()


def send_again(
    hub: Context, shipments: Sequence[Shipment], why: str, done: Callable[[int], None]
) -> None:
    """Send letters back to where they came from, each once; `done` hears how many are through."""
    with hub.admin() as admin:
        admin.apply([topic_of(spec_of("replays"), REPLAYS, hub.settings.sizing())])
        ends = admin.end_offsets({(one.topic, one.partition) for one in shipments})
    asyncio.run(_send_again(hub.bootstrap(), shipments, _Writer(why, ends), done))


async def _send_again(
    bootstrap: str, shipments: Sequence[Shipment], writer: _Writer, done: Callable[[int], None]
) -> None:
    publisher = KafkaPublisher(bootstrap, client_id="hub-dlq-replay")
    await publisher.start()
    try:
        for first in range(0, len(shipments), BATCH_LETTERS):
            batch = shipments[first : first + BATCH_LETTERS]
            await publisher.publish([writer.mark(one, MarkState.PLANNED) for one in batch])
            await publisher.publish([writer.record(one) for one in batch])
            await publisher.publish([writer.mark(one, MarkState.SENT) for one in batch])
            done(first + len(batch))
    finally:
        await publisher.stop()


class _Writer:
    """Writes marks and records for one replay."""

    def __init__(self, why: str, ends: dict[tuple[str, int], int]) -> None:
        self._why = why
        self._ends = ends

    def mark(self, one: Shipment, state: MarkState) -> OutRecord:
        end = self._ends[one.topic, one.partition]
        return _mark_record(
            ReplayMark(
                letter=one.letter.id, state=state, topic=one.topic, partition=one.partition,
                from_offset=end, why=self._why,
            )
        )  # fmt: skip

    def record(self, one: Shipment) -> OutRecord:
        headers = again_headers(one.letter, self._why)
        return OutRecord(one.topic, one.partition, one.letter.key, one.letter.value, headers)


def _mark_record(mark: ReplayMark) -> OutRecord:
    return OutRecord(REPLAYS, 0, mark.letter.encode(), mark.model_dump_json().encode())


def again_headers(letter: Letter, why: str) -> list[tuple[str, Any]]:
    """The original record's headers, how often it was sent again, from which letter and why."""
    ours = (LETTER_HEADER, WHY_HEADER, REPLAY_COUNT_HEADER)
    kept = [(name, value) for name, value in replay_headers(letter.headers) if name not in ours]
    count = 1 + (letter.cause.replay_count if letter.cause else 0)
    return [
        *kept,
        (REPLAY_COUNT_HEADER, str(count).encode()),
        (LETTER_HEADER, letter.id.encode()),
        (WHY_HEADER, why.encode()),
    ]
