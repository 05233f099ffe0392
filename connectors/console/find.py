"""Where does a task lie, and what do the logs say of its enterprise? Redis finds, the logs tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import redis
from pydantic import BaseModel, ValidationError

from connectors.console.context import CommandError, Context, Exit
from connectors.console.logs import LogRecord, headers_of, partition_of, scan, spans_of
from connectors.redis_view import key as view_key
from schemas.codec import decode_journal
from schemas.decision import DecisionMade
from schemas.facts import Decided
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.journal import JournalRecord
from schemas.malformed import Malformed
from schemas.special_words import SPECIAL_PREFIX, SURVEY_PREFIX
from schemas.topics import DECIDED, JOURNAL

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


def task_of_code(client: redis.Redis, code: str, shard: int) -> tuple[Place, str] | None:
    """The enterprise and the task that a code was issued for; None if the view has no such code."""
    found = cast("bytes | None", client.hget(view_key(shard, "code"), code))
    if found is None:
        return None
    credit_code, _, task_id = found.decode().partition(SEPARATOR)
    return Place(credit_code, shard), task_id


def history_of(hub: Context, place: Place, *, with_journal: bool) -> History:
    """Read one partition of the logs for all that concerns one enterprise."""
    history = History(place)
    topics = [JOURNAL, DECIDED] if with_journal else [DECIDED]
    with hub.admin() as admin:
        spans = {
            at: span for at, span in spans_of(admin, topics).items() if at[1] == place.partition
        }
    own = place.key.encode()

    def take(record: LogRecord) -> None:
        if record.key != own:
            return
        if record.topic == JOURNAL:
            history.entries.append(_entry(record))
        elif (answer := _answer(record)) is not None:
            history.answers.append(answer)

    history.records_read = scan(hub, spans, take, f"reading the log of {place.key}")
    return history


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
