"""How is the hub? What the watch found, stage by stage; ends with 0, 1 or 2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import redis
import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.due.looker import Looker
from connectors.console.due.status_view import status_picture, with_supposed
from connectors.console.due.supposing import IfDown, Rate, Until, what_if
from connectors.console.registries.calendar import calendar_now
from connectors.console.rules_port import OversightRules
from connectors.console.terminal.moments import now_ms
from connectors.console.terminal.watching import EVERY_S, Every, Picture, Watch, present
from connectors.kafka_admin import KafkaAdmin, Position
from connectors.watch.store import Pictures, read_pictures_now
from schemas.access import DECIDE_GROUP, INTAKE_GROUP
from schemas.topics import JOURNAL, STAGES, dept_of_in_topic, dlq_topic
from schemas.watch import PartitionView, Snapshot, Stage, StageView, Verdict

NOBODY = "nobody watches, so nothing is judged: start `hub watch` (or `hub worker watch`)"
NO_TOPICS = "no topics of the hub there: create them with `hub topics apply`"


def register(app: typer.Typer, rules: OversightRules) -> None:
    """Add `status`."""

    def status(
        hub: Context,
        *,
        every: Annotated[
            bool, typer.Option("--all", help="Also list what all is well with.")
        ] = False,
        if_down: IfDown = None,
        until: Until = None,
        rate: Rate = None,
        watch: Watch = False,
        every_s: Every = EVERY_S,
    ) -> None:
        """Show how every stage is: verdict, lag, oldest waiting record, rate, deadlines.

        Ends with 0 if all is well, 1 if somebody should look today, 2 if somebody must act now, 3
        if the broker does not answer. What each verdict means: docs/watching.md. What is supposed
        with --if-down changes nothing of that.
        """
        if rate is not None and if_down is None:
            raise CommandError("--rate goes with --if-down SITE --until T", Exit.USAGE)
        supposed, looker = what_if(if_down, until), None
        if if_down is not None:
            looker = Looker(hub, rules, calendar_now(hub), "day", rate, supposed)

        def look() -> Picture:
            picture = _look(hub, every=every)
            return picture if looker is None else with_supposed(picture, looker.outlooks())

        present(hub, look, every_s if watch else None)

    command(app, "status")(status)


def _look(hub: Context, *, every: bool) -> Picture:
    now = now_ms()
    snapshot, departments = _kept(hub)
    if snapshot is None:
        snapshot = measured_now(hub, now, every=every)
    elif snapshot.stale(now):
        snapshot = _unbelieved(snapshot)
    return status_picture(snapshot, departments, now, every=every)


def _kept(hub: Context) -> Pictures:
    """What the watch kept; nothing where there is no Redis either."""
    try:
        with hub.redis() as client:
            return read_pictures_now(client)
    except (CommandError, redis.RedisError):
        return None, None


def measured_now(hub: Context, now: int, *, every: bool) -> Snapshot:
    """Positions as they are this moment; one look says nothing of how they move.

    Raises:
        BrokerUnreachable: the broker does not answer.
    """
    with hub.admin() as admin:
        parts = tuple(positions_of(admin))
        letters = dead_letters(admin)
    stages = tuple(
        StageView(
            stage=stage,
            verdict=Verdict.NO_DATA,
            lag=sum(one.lag for one in parts if one.stage is stage),
            partitions=sum(1 for one in parts if one.stage is stage),
            behind=sum(1 for one in parts if one.stage is stage and one.lag),
        )
        for stage in (Stage.INTAKE, Stage.DECIDE)
    )
    listed = tuple(one for one in parts if every or one.lag)
    faults = (NOBODY,) if parts else (NOBODY, f"{hub.bootstrap()}: {NO_TOPICS}")
    return Snapshot(
        at_ms=now, every_s=60.0, broker=hub.bootstrap(), verdict=Verdict.NO_DATA, stages=stages,
        partitions=listed, dead_letters=letters, faults=faults,
    )  # fmt: skip


def positions_of(admin: KafkaAdmin) -> Iterator[PartitionView]:
    """How far intake and decide are in every partition they read, by stage, topic, partition."""
    counts = admin.partition_counts()
    topics = {
        Stage.INTAKE: (INTAKE_GROUP, sorted(name for name in counts if dept_of_in_topic(name))),
        Stage.DECIDE: (DECIDE_GROUP, [JOURNAL] if JOURNAL in counts else []),
    }
    for stage, (group, names) in topics.items():
        there: list[Position] = [(name, number) for name in names for number in range(counts[name])]
        committed = admin.committed(group) if there else {}
        first, end = admin.beginning_offsets(there), admin.end_offsets(there)
        for at in there:
            done = committed.get(at)
            behind = max(0, end[at] - max(first[at], done or 0))
            yield PartitionView(
                stage=stage, group=group, topic=at[0], partition=at[1], committed=done,
                end=end[at], lag=behind, verdict=Verdict.NO_DATA,
            )  # fmt: skip


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


def _unbelieved(old: Snapshot) -> Snapshot:
    """A picture that is too old: what it showed may be otherwise by now."""
    stages = tuple(
        StageView(stage=one.stage, site=one.site, verdict=Verdict.NO_DATA) for one in old.stages
    )
    return msgspec.structs.replace(old, verdict=Verdict.NO_DATA, stages=stages, partitions=())
