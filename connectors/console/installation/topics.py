"""Does the broker have the topics it must have? Plan, create, and compare setting by setting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.installation.topics_access import (
    apply_access,
    check_access,
    grants_of,
    name_some,
    show_access,
)
from connectors.console.terminal.screen import row, size, table
from connectors.kafka_access import AccessReport
from connectors.kafka_admin import KafkaAdmin
from connectors.strimzi import documents, topic_resources, user_resources
from connectors.topic_drift import TopicReport
from schemas.messages import REGISTRY_DEPARTMENT
from schemas.sites import SITES
from schemas.topics import DAY_MS, FEED_PREFIX, Topic, dept_of_in_topic
from schemas.topics import plan as plan_topics

Dept = Annotated[
    list[str] | None,
    typer.Option("--dept", help="Registry code of a department; may be given several times."),
]
DeptFile = Annotated[
    Path | None,
    typer.Option(
        "--dept-file", exists=True, dir_okay=False,
        help="File with one department code a line, or with registry.department events.",
    ),
]  # fmt: skip
Site = Annotated[
    list[str] | None,
    typer.Option("--site", help="Code of a publicity site; may be given several times."),
]
Every = Annotated[bool, typer.Option("--all", help="Name every topic, however many there are.")]


def register(app: typer.Typer) -> None:
    """Add `topics plan`, `topics apply`, `topics check` and `topics strimzi`."""
    topics = typer.Typer(
        help="The topics on the broker: plan, create, check.", no_args_is_help=True
    )
    command(topics, "plan")(plan)
    command(topics, "apply")(apply)
    command(topics, "check")(check)
    command(topics, "strimzi")(strimzi)
    app.add_typer(topics, name="topics")


def plan(
    hub: Context,
    dept: Dept = None,
    dept_file: DeptFile = None,
    site: Site = None,
    *,
    every: Every = False,
) -> None:
    """Show which topics there must be and which of them are missing. Nothing is changed.

    Departments and sites already on the broker are planned along with those named here.
    """
    with hub.admin() as admin:
        planned = planned_topics(hub, admin, _departments(dept, dept_file), site or [])
        missing = {topic.name for topic in admin.plan(planned)}
    if hub.json:
        hub.emit(
            {"topics": [_topic_json(topic, missing) for topic in planned], "missing": len(missing)}
        )
        return
    hub.show(_plan_table(planned, missing))
    name_some(hub, "missing", sorted(missing), every=every)
    hub.note(f"{len(planned):,} topics planned, {len(missing):,} missing on {hub.bootstrap()}.")


def apply(
    hub: Context,
    dept: Dept = None,
    dept_file: DeptFile = None,
    site: Site = None,
    *,
    every: Every = False,
) -> None:
    """Create the topics that are missing. Existing ones are left alone; their drift is reported.

    On a broker that asks who is there, departments and publicity systems get their permissions and,
    in files of mode 0400 in the data folder's `kafka-users`, their passwords.
    """
    with hub.admin() as admin:
        planned = planned_topics(hub, admin, _departments(dept, dept_file), site or [])
        report = admin.apply(planned)
        access = apply_access(hub, planned) if not admin.embedded else None
    _report(hub, report, access, every=every)


def check(
    hub: Context,
    dept: Dept = None,
    dept_file: DeptFile = None,
    site: Site = None,
    *,
    every: Every = False,
) -> None:
    """Compare the topics on the broker with the plan. Ends with 1 if one is missing or differs."""
    with hub.admin() as admin:
        planned = planned_topics(hub, admin, _departments(dept, dept_file), site or [])
        report = admin.check(planned)
        access = check_access(hub, planned) if not admin.embedded else None
    _report(hub, report, access, every=every)


def strimzi(hub: Context, dept: Dept = None, dept_file: DeptFile = None, site: Site = None) -> None:
    """Write topics and the hub's own users as Strimzi's resources, for `kubectl apply -f -`.

    No broker is asked: the topics are those of the departments named here, and of all systems.
    """
    try:
        planned = plan_topics(
            _departments(dept, dept_file), {*SITES, *(site or [])}, hub.settings.sizing()
        )
        text = as_strimzi(planned)
    except ValueError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause
    typer.echo(text, nl=False)


def as_strimzi(planned: list[Topic]) -> str:
    """Topics, and who may do what with them, as resources of Strimzi."""
    return documents([*topic_resources(planned), *user_resources(grants_of(planned))])


def planned_topics(
    hub: Context, admin: KafkaAdmin, departments: Iterable[str], sites: Iterable[str]
) -> list[Topic]:
    """The topics of this installation.

    For these departments and sites, those there already, and the sites that must stop (art. 13).
    """
    existing = admin.partition_counts()
    there = {dept for name in existing if (dept := dept_of_in_topic(name))}
    feeds = {name.removeprefix(FEED_PREFIX) for name in existing if name.startswith(FEED_PREFIX)}
    try:
        return plan_topics({*there, *departments}, {*SITES, *feeds, *sites}, hub.settings.sizing())
    except ValueError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause


def departments_in(path: Path) -> Iterator[str]:
    """Department codes of a file: one a line, or events of which those that register one are read.

    Raises:
        CommandError: a line is neither.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = line.strip()
            if not text or text.startswith(b"#"):
                continue
            if not text.startswith(b"{"):
                yield text.decode("utf-8", "backslashreplace")
            elif REGISTRY_DEPARTMENT.encode() in text:
                yield from _registered(text, f"{path}:{number}")


def _registered(line: bytes, place: str) -> Iterator[str]:
    try:
        event = orjson.loads(line)
        if event["type"] == REGISTRY_DEPARTMENT:
            yield str(event["data"]["dept"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as cause:
        raise CommandError(
            f"{place}: not a {REGISTRY_DEPARTMENT} event ({type(cause).__name__}: {cause}): one "
            "department code or one CloudEvent a line expected",
            Exit.USAGE,
        ) from cause


def _departments(named: list[str] | None, path: Path | None) -> list[str]:
    return [*(named or ()), *(departments_in(path) if path else ())]


def _topic_json(topic: Topic, missing: set[str]) -> dict[str, Any]:
    return {
        "topic": topic.name,
        "family": topic.spec.family,
        "partitions": topic.partitions,
        "replication_factor": topic.replication_factor,
        "configs": dict(topic.configs),
        "missing": topic.name in missing,
    }


def _plan_table(planned: list[Topic], missing: set[str]) -> Any:  # noqa: ANN401 - a renderable
    shown = table("!family", "#topics", "#missing", "#partitions", "cleanup", "#kept", "#largest")
    for family, group in groupby(planned, key=lambda topic: topic.spec.family):
        some = list(group)
        one = some[0]
        kept = int(one.configs["retention.ms"])
        row(
            shown,
            family,
            len(some),
            sum(topic.name in missing for topic in some),
            one.partitions,
            one.configs["cleanup.policy"],
            "for ever" if kept < 0 else f"{kept // DAY_MS:,} d",
            size(int(one.configs["max.message.bytes"])),
        )
    return shown


def _report(hub: Context, report: TopicReport, access: AccessReport | None, *, every: bool) -> None:
    ok = report.ok and (access is None or access.ok)
    if hub.json:
        hub.emit({"ok": ok, **asdict(report), "access": None if access is None else asdict(access)})
    else:
        name_some(hub, "created", list(report.created), every=every)
        name_some(hub, "missing", list(report.missing), every=every)
        if report.drift:
            drift = table("topic", "setting", "planned", "found", title="not as planned")
            for one in report.drift:
                row(
                    drift,
                    one.topic,
                    one.setting,
                    one.planned,
                    one.found,
                    style="red" if one.fatal else None,
                )
            hub.show(drift)
        name_some(hub, "not in the plan", list(report.unplanned), every=every)
        verdict = "as planned" if report.ok else "NOT as planned"
        hub.show(
            f"{verdict}: {report.as_planned:,} topics as planned, {len(report.created):,} created, "
            f"{len(report.missing):,} missing, {len({one.topic for one in report.drift}):,} differ"
        )
        show_access(hub, access, every=every)
    if not ok:
        raise typer.Exit(Exit.FOUND)
