"""What do the benchmarks on the product feed it?

A generated year of a city, put where it is needed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from benchmarks.site import Site
from connectors.console.traffic.event_lines import LineReader, Posting
from connectors.generate import CitySpec, generate
from connectors.publisher import KafkaPublisher
from schemas.topics import CTL_POLICY, CTL_REGISTRY, JOURNAL, in_topic
from streams.intake import judge
from streams.ports import Outgoing
from streams.registry import Registry, read_ctl
from streams.replay import file_record

SEED = 20_250
YEAR = 2025
"""The last full year: no event of it lies in the future."""

_CONTROL = frozenset({CTL_POLICY, CTL_REGISTRY})
_CHUNK = 5_000


def city_file(folder: Path, spec: CitySpec, name: str = "year") -> Path:
    """The file of a generated city; made the first time."""
    path = folder / "events" / f"{name}-{spec.events or spec.tasks}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            file.writelines(generate(spec, SEED))
        partial.rename(path)
    return path


def postings(path: Path) -> Iterator[Posting]:
    """The records that the lines of a file stand for, in order."""
    reader = LineReader()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            yield reader.read(line, number)


def departments(path: Path) -> list[str]:
    """The departments that the leading lines of a file register."""
    found = []
    for posting in postings(path):
        if not posting.from_registry:
            break
        if posting.registers is not None:
            found.append(posting.registers)
    return found


def judged(lines: Iterable[Posting], registry: Registry) -> Iterator[Outgoing]:
    """What intake publishes for these lines: control entries and journal records, in order.

    What it refuses is left out: it never reaches the stage that is measured.
    """
    for posting in lines:
        for record in judge(file_record(posting, posting.line), registry):
            if record.topic in _CONTROL:
                registry.put(*read_ctl(record.key or b"", record.value or b""))
            if record.topic in _CONTROL or record.topic == JOURNAL:
                yield record


def fill_journal(site: Site, path: Path) -> dict[str, Any]:
    """Put a file into the journal by intake's own judgement, in the file's order."""
    names = departments(path)
    site.create_hub_topics(names)
    site.tell(f"the journal is filled from {path.name} …")
    counts = publish_all(site.bootstrap, judged(postings(path), Registry()))
    return {"departments": names, "records": counts[JOURNAL]}


def fill_inputs(site: Site, path: Path) -> dict[str, Any]:
    """Put a file on the departments' topics; its registries go to the control topics at once."""
    names = departments(path)
    site.create_hub_topics(names)
    site.tell(f"the departments' topics are filled from {path.name} …")
    fill_control(site, path)
    sent = (as_sent(posting) for posting in postings(path) if not posting.from_registry)
    return {"departments": names, "records": sum(publish_all(site.bootstrap, sent).values())}


def fill_control(site: Site, path: Path) -> None:
    """Put the leading lines of a file on the control topics."""
    leading = takewhile(lambda posting: posting.from_registry, postings(path))
    publish_all(site.bootstrap, judged(leading, Registry()))


def as_sent(posting: Posting) -> Outgoing:
    """The record that a department publishes."""
    return Outgoing(in_topic(posting.dept), None, posting.key, posting.value, posting.headers)


def publish_all(bootstrap: str, records: Iterable[Outgoing]) -> dict[str, int]:
    """Publish everything, in order; returns how many went to each topic."""
    counts: Counter[str] = Counter()
    left = iter(records)

    async def publish() -> None:
        publisher = KafkaPublisher(bootstrap)
        await publisher.start()
        while chunk := list(islice(left, _CHUNK)):
            await publisher.publish(chunk)
            counts.update(record.topic for record in chunk)
        await publisher.stop()

    asyncio.run(publish())
    return dict(counts)
