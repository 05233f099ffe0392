"""How far is every stage? For each consumer group and partition: committed, end, lag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import Context
from connectors.console.groups import DECIDE_GROUP, INTAKE_GROUP
from connectors.console.screen import row, table
from connectors.kafka_admin import KafkaAdmin, Position
from schemas.topics import DLQ_PREFIX, JOURNAL, STAGES, dept_of_in_topic, dlq_topic


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """How far one group is in one partition. `committed` None: it never committed there."""

    stage: str
    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int


def register(app: typer.Typer) -> None:
    """Add `status`."""
    command(app, "status")(status)


def status(
    hub: Context,
    *,
    every: Annotated[bool, typer.Option("--all", help="Also list partitions without lag.")] = False,
) -> None:
    """Show how far intake and decide are: committed position, end of the log, lag.

    Lag is in records. Where a group never committed it counts from the oldest record.
    """
    with hub.admin() as admin:
        lags = list(lags_of(admin))
        letters = dead_letters(admin)
    if hub.json:
        hub.emit(
            {
                "broker": hub.bootstrap(),
                "lag": {stage: _total(lags, stage) for stage in ("intake", "decide")},
                "dead_letters": letters,
                "partitions": [asdict(one) for one in lags],
            }
        )
        return
    _show(hub, lags, letters, every=every)


def lags_of(admin: KafkaAdmin) -> Iterator[PartitionLag]:
    """How far every group is in every partition it reads, by stage, topic and partition."""
    counts = admin.partition_counts()
    topics = {
        "intake": (INTAKE_GROUP, sorted(name for name in counts if dept_of_in_topic(name))),
        "decide": (DECIDE_GROUP, [JOURNAL] if JOURNAL in counts else []),
    }
    for stage, (group, names) in topics.items():
        there: list[Position] = [(name, number) for name in names for number in range(counts[name])]
        committed = admin.committed(group) if there else {}
        first, end = admin.beginning_offsets(there), admin.end_offsets(there)
        for at in there:
            done = committed.get(at)
            behind = end[at] - max(first[at], done or 0)
            yield PartitionLag(stage, group, *at, done, end[at], max(0, behind))


def dead_letters(admin: KafkaAdmin) -> dict[str, int]:
    """How many dead letters each stage keeps; stages whose topic is not there yet are left out."""
    counts = admin.partition_counts()
    kept = {}
    for stage in STAGES:
        there = [(dlq_topic(stage), number) for number in range(counts.get(dlq_topic(stage), 0))]
        if there:
            first, end = admin.beginning_offsets(there), admin.end_offsets(there)
            kept[stage] = sum(end[at] - first[at] for at in there)
    return kept


def _total(lags: list[PartitionLag], stage: str) -> int:
    return sum(one.lag for one in lags if one.stage == stage)


def _show(hub: Context, lags: list[PartitionLag], letters: dict[str, int], *, every: bool) -> None:
    stages = table("stage", "group", "#partitions", "#with lag", "#lag", "#dead letters")
    for stage, group in (("intake", INTAKE_GROUP), ("decide", DECIDE_GROUP)):
        some = [one for one in lags if one.stage == stage]
        behind = sum(1 for one in some if one.lag)
        row(stages, stage, group, len(some), behind, _total(lags, stage), letters.get(stage))
    hub.show(stages)
    listed = [one for one in lags if every or one.lag or one.topic == JOURNAL]
    if listed:
        places = table("stage", "topic", "#partition", "#committed", "#end", "#lag")
        for one in listed:
            row(
                places, one.stage, one.topic, one.partition, one.committed, one.end, one.lag,
                style="yellow" if one.lag else None,
            )  # fmt: skip
        hub.show(places)
    if not lags:
        hub.note(f"No topics of the hub on {hub.bootstrap()}: create them with `hub topics apply`.")
    elif any(letters.values()):
        hub.note(f"Dead letters wait in {DLQ_PREFIX}*: see `hub dlq ls`.")
