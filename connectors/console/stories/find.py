"""Where does a task lie, and what do the logs say of its enterprise? Redis finds, the logs tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import redis
from pydantic import BaseModel, ValidationError

from connectors.console.context import CommandError, Context, Exit
from connectors.console.traffic.logs import LogRecord, headers_of, scan, spans_of
from connectors.generations import in_force
from connectors.kafka_admin import KafkaAdmin
from connectors.partitioner import partition_of
from connectors.redis_view import key as view_key
from schemas.codec import decode_journal
from schemas.decision import DecisionMade
from schemas.facts import Decided
from schemas.generations import GENERATIONS_KEY, Generations, JournalGenerations
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.journal import JournalRecord
from schemas.malformed import Malformed
from schemas.special_words import SPECIAL_PREFIX, SURVEY_PREFIX
from schemas.topics import DECIDED, GENERATIONS, JOURNAL

SEPARATOR = "\x1f"
_SCAN_AT_ONCE = 5000
_GLOB = re.compile(r"([\\*?\[\]^-])")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task lies: the key of its log (the credit code), and the partition of the journal."""

    key: str
    partition: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal record where it lies. `record` None: it cannot be read; `fault` says why."""

    offset: int
    at_ms: int
    record: JournalRecord[BaseModel] | None
    fault: str = ""

    @property
    def task_id(self) -> str | None:
        """The task it is about, if it is about one."""
        return None if self.record is None else getattr(self.record.data, "task_id", None)


@dataclass(slots=True)
class History:
    """All that the logs hold of one enterprise, and how many records were read to find it."""

    place: Place
    entries: list[Entry] = field(default_factory=list)
    answers: list[Decided] = field(default_factory=list)
    records_read: int = 0


def partitions(hub: Context) -> int:
    """How many partitions the journal has.

    Raises:
        CommandError: there is no journal.
    """
    with hub.admin() as admin:
        count = admin.partition_counts().get(JOURNAL, 0)
    if not count:
        raise CommandError(
            f"there is no topic {JOURNAL} on {hub.bootstrap()}: create the topics with "
            "`hub topics apply`, or name the right broker in HUB_BROKER"
        )
    return count


def place_of(text: str, count: int) -> Place:
    """Where an enterprise's log lies.

    Raises:
        CommandError: the text is no credit code.
    """
    if text.startswith((SURVEY_PREFIX, SPECIAL_PREFIX)):
        return Place(text, partition_of(text, count))
    reading = read_credit_code(text)
    if reading.outcome not in (CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT):
        hint = f"; did you mean {reading.suggestion}?" if reading.suggestion else ""
        raise CommandError(f"{text!r} {reading.problem}{hint}", Exit.USAGE)
    return Place(reading.code, partition_of(reading.code, count))


def places_of_task(hub: Context, client: redis.Redis, task_id: str, count: int) -> list[Place]:
    """Every enterprise that has a decided task of this id: ids are unique only within one."""
    hub.note("Looking through all tasks in Redis; with --uscc the answer comes at once.")
    pattern = f"*{SEPARATOR}" + _GLOB.sub(r"\\\1", task_id)
    return [
        Place(name.partition(SEPARATOR)[0], partition)
        for partition in range(count)
        for name in _fields(client, view_key(partition, "task"), pattern)
    ]


def first_decision(client: redis.Redis, place: Place, task_id: str) -> DecisionMade | None:
    """The decision on a task as the view has it; None if it has none."""
    field_name = f"{place.key}{SEPARATOR}{task_id}"
    found = cast("bytes | None", client.hget(view_key(place.partition, "task"), field_name))
    return None if found is None else DecisionMade.model_validate_json(found)


def task_of_code(
    client: redis.Redis, code: str, shard: int, others: Callable[[], int]
) -> tuple[Place, str] | None:
    """The enterprise and the task that a code was issued for; None if the view has no such code.

    `others` tells how many partitions there are. It is asked only if the code is not in the one
    that it names: in a journal that has grown its enterprise may have gone on in any.
    """
    for partition in _first_then_all(shard, others):
        found = cast("bytes | None", client.hget(view_key(partition, "code"), code))
        if found is not None:
            credit_code, _, task_id = found.decode().partition(SEPARATOR)
            return Place(credit_code, partition), task_id
    return None


def _first_then_all(first: int, count: Callable[[], int]) -> Iterator[int]:
    yield first
    yield from range(count())


def history_of(hub: Context, place: Place, *, with_journal: bool) -> History:
    """Read the logs for all that concerns one enterprise: a partition of each generation."""
    history = History(place)
    topics = [JOURNAL, DECIDED] if with_journal else [DECIDED]
    with hub.admin() as admin:
        generations = generations_of(hub, admin)
        there = generations.partitions_of(place.key)
        spans = {at: span for at, span in spans_of(admin, topics).items() if at[1] in there}
    own = place.key.encode()
    entries: list[tuple[int, Entry]] = []

    def take(record: LogRecord) -> None:
        if record.key != own:
            return
        if record.topic == JOURNAL:
            base = generations.base(record.partition, record.offset)
            entries.append((base + record.offset, _entry(record)))
        elif (answer := _answer(record)) is not None:
            history.answers.append(answer)

    history.records_read = scan(hub, spans, take, f"reading the log of {place.key}")
    history.entries += [entry for _, entry in sorted(entries, key=lambda one: one[0])]
    if not generations.is_first:
        history.answers.sort(
            key=lambda one: generations.base(one.src.partition, one.src.offset) + one.src.offset
        )
    return history


def generations_of(hub: Context, admin: KafkaAdmin) -> Generations:
    """How keys are spread over the journal.

    Raises:
        JournalGrowsError: it is just being given more partitions.
    """
    counts, told = admin.partition_counts(), list[JournalGenerations]()

    def take(record: LogRecord) -> None:
        if record.key == GENERATIONS_KEY and record.value:
            told.append(JournalGenerations.model_validate_json(record.value))

    if GENERATIONS in counts:
        scan(hub, spans_of(admin, [GENERATIONS]), take, "reading the generations of the journal")
    return in_force(told[-1] if told else None, counts.get(JOURNAL, 0) or 1)


def _fields(client: redis.Redis, key: str, pattern: str) -> Iterator[str]:
    # A hash that is being rehashed may show a field twice.
    seen = set()
    for name, _ in client.hscan_iter(key, match=pattern, count=_SCAN_AT_ONCE):
        if name not in seen:
            seen.add(name)
            yield name.decode()


def _entry(record: LogRecord) -> Entry:
    try:
        content_type = headers_of(record).get("content-type")
        return Entry(record.offset, record.timestamp, decode_journal(record.value, content_type))
    except Malformed as fault:
        return Entry(record.offset, record.timestamp, None, str(fault))


def _answer(record: LogRecord) -> Decided | None:
    try:
        return Decided.model_validate_json(record.value or b"")
    except ValidationError:
        # What stands there and is no answer is for `hub audit` to complain of.
        return None
