"""Two logs in memory, as intake and decide leave them: of a generated year, or of enterprises."""

# ruff: noqa: S608 - names of tables of our own

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from builders import Hub, Mint
from fakes import FakeKafka

from connectors.console.traffic.event_lines import LineReader
from connectors.statistics.file import StatisticsFile
from connectors.statistics.view import opened
from schemas.codec import decode_journal
from schemas.facts import Decided
from schemas.journal import JournalEvent, Source
from schemas.statistics import TABLES, WATCH_KEYS
from schemas.topics import DECIDED, JOURNAL
from streams.accept import ForControl, ForJournal, accept
from streams.answer import answer, encode_decided
from streams.intake import journal_record
from streams.policies import PolicyBook
from streams.ports import Outgoing, passed
from streams.registry import Registry
from streams.replay import file_record
from streams.rules.state import EMPTY, SubjectState
from streams.statistics import NameBook, Statistics


@dataclass
class Logs:
    """The journal and its answers, and what the registries call departments and items."""

    kafka: FakeKafka
    book: NameBook = field(default_factory=NameBook)

    def answer(self, decided: Decided) -> None:
        """Append an answer, as decide does."""
        value = encode_decided(decided)
        self.kafka.append(Outgoing(DECIDED, decided.src.partition, decided.key.encode(), value))


def played_year(lines: Iterable[bytes], partitions: int = 2) -> Logs:
    """The logs after a file of events."""
    logs = Logs(FakeKafka(partitions))
    registry, reader, mint = Registry(), LineReader(), Mint()
    policies, states = PolicyBook(registry), dict[str, SubjectState]()
    for number, line in enumerate(lines, 1):
        accepted = accept(file_record(reader.read(line), number), registry)
        if isinstance(accepted, ForControl):
            registry.put(accepted.type, accepted.entry)
            logs.book.put(accepted.entry)
        elif isinstance(accepted, ForJournal):
            there = logs.kafka.append(journal_record(accepted))
            record = decode_journal(there.value)
            source = Source(JOURNAL, there.partition, there.offset)
            event = JournalEvent(record, source, there.timestamp, "", accepted.key)
            policy = policies.at_once(record.policy_version)
            before = states.get(accepted.key, EMPTY)
            states[accepted.key], decided = answer(before, event, policy, mint)
            logs.answer(decided)
    return logs


def logs_of(*hubs: Hub) -> Logs:
    """The logs of enterprises that a test played, each for itself in a partition."""
    logs = Logs(FakeKafka(len(hubs)))
    for partition, hub in enumerate(hubs):
        for number, event in enumerate(hub.events):
            outgoing = journal_record(ForJournal(event.key, event.record))
            there = logs.kafka.append(outgoing._replace(partition=partition))
            line = hub.decided(number)
            src = line.src.model_copy(update={"partition": partition, "offset": there.offset})
            logs.answer(line.model_copy(update={"src": src}))
    return logs


def export_events(logs: Logs, folder: Path) -> None:
    """Both logs as lines of JSON, for whoever counts them without us."""
    with (folder / "journal.jsonl").open("wb") as out:
        for record in logs.kafka.all(JOURNAL):
            content = decode_journal(record.value).model_dump(mode="json", by_alias=True)
            place = {"p": record.partition, "o": record.offset, "type": content["type"]}
            out.write(orjson.dumps({**place, "data": content["data"]}) + b"\n")
    with (folder / "decided.jsonl").open("wb") as out:
        for record in logs.kafka.all(DECIDED):
            plain = orjson.loads(record.value or b"")
            place = {"p": plain["src"]["partition"], "o": plain["src"]["offset"]}
            line = {**place, "seq": record.offset, "key": plain["key"], "facts": plain["facts"]}
            out.write(orjson.dumps(line) + b"\n")


def count(path: Path, logs: Logs, at_point: Callable[[str], None] = passed) -> str:
    """Count all there is into a file; gives its digest."""
    with StatisticsFile(path) as store:
        counting = Statistics(
            store,
            logs.kafka,
            logs.kafka.partitions,
            names=lambda: logs.book.names,
            at_point=at_point,
        )
        asyncio.run(counting.level())
        return store.digest()


def table(path: Path, name: str) -> list[tuple[Any, ...]]:
    """The rows of a table of counters, sorted."""
    keys, measures = TABLES[name]
    columns = ", ".join((*keys, *measures))
    with opened(path) as db:
        return sorted(db.execute(f"SELECT {columns} FROM {name}").fetchall())


def lists(path: Path) -> list[tuple[Any, ...]]:
    """The lines of all lists, sorted."""
    with opened(path) as db:
        return sorted(db.execute(f"SELECT {', '.join(WATCH_KEYS)} FROM watch").fetchall())
