"""Which codes that may still be shown would not be issued today? `hub open-tasks` (art. 3, 14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import redis
import typer

from connectors.console.command import command
from connectors.console.context import Context, Exit
from connectors.console.rules_port import ConsoleRules
from connectors.console.stories.find import partitions
from connectors.console.terminal.screen import row, table
from connectors.console.together.draw_gather import Registered, registered, states_of
from connectors.console.traffic.logs import LogRecord, headers_of, scan, spans_of
from connectors.redis_view import key as view_key
from schemas.codec import decode_journal
from schemas.decision import DecisionMade
from schemas.enums import Standing
from schemas.inbound import TaskSubmitted
from schemas.malformed import Malformed
from schemas.topics import JOURNAL

_AT_ONCE = 1000
Place = tuple[int, int]
"""Partition and offset of a journal record."""


@dataclass(frozen=True, slots=True)
class Flag:
    """What stands against an open task now."""

    dept: str
    planned_on: date
    uscc: str
    task_id: str
    why: str
    about: str


def register(app: typer.Typer, rules: ConsoleRules) -> None:
    """Add `open-tasks`."""

    @command(app, "open-tasks", help_text=_HELP)
    def _open_tasks(hub: Context) -> None:
        open_tasks(hub, rules)


_HELP = (
    "Flag open tasks whose department or officers are no longer qualified, or that are whitelisted "
    "by now. Ends with 1 if there are any."
)


def open_tasks(hub: Context, rules: ConsoleRules) -> None:
    """Judge every task whose code may still be shown by the registries as they stand now."""
    with hub.redis() as client:
        made = dict(_open(client, partitions(hub)))
    states = states_of(hub, sorted({one.uscc for one in made.values()}))
    with hub.admin() as admin:
        found = registered(hub, admin)
        spans = _spans(made, dict(spans_of(admin, [JOURNAL])))
    tasks: dict[Place, TaskSubmitted] = {}

    def take(record: LogRecord) -> None:
        place = record.partition, record.offset
        if place in made:
            data = _task(record)
            if data is not None:
                tasks[place] = data

    scan(hub, spans, take, "reading open tasks")
    flags = sorted(
        (
            flag
            for place, data in tasks.items()
            for flag in _flags(made[place], data, (found, states), rules)
        ),
        key=lambda flag: (flag.dept, flag.planned_on, flag.task_id),
    )
    if hub.json:
        hub.emit({"open": len(made), "flagged": [_plain(flag) for flag in flags]})
    elif flags:
        shown = table("department", "!planned", "!credit code", "task", "why", "about")
        for one in flags:
            row(shown, one.dept, one.planned_on, one.uscc, one.task_id, one.why, one.about)
        hub.show(shown)
    else:
        hub.show(f"{len(made):,} open tasks, none of which would be refused now")
    if flags:
        raise typer.Exit(Exit.FOUND)


def _open(client: redis.Redis, count: int) -> Iterator[tuple[Place, DecisionMade]]:
    """The decisions on tasks whose codes may still be shown."""
    for partition in range(count):
        names = [bytes(name) for name, _ in client.zscan_iter(view_key(partition, "open"))]
        for at in range(0, len(names), _AT_ONCE):
            some = cast("Any", client.hmget(view_key(partition, "task"), names[at : at + _AT_ONCE]))
            for value in some:
                if value is not None:
                    one = DecisionMade.model_validate_json(value)
                    yield (one.source.partition, one.source.offset), one


def _spans(
    wanted: Mapping[Place, DecisionMade], there: dict[tuple[str, int], tuple[int, int]]
) -> dict[tuple[str, int], tuple[int, int]]:
    """The stretches of the journal that hold these records, as far as it still has them."""
    offsets: dict[int, list[int]] = {}
    for partition, offset in wanted:
        offsets.setdefault(partition, []).append(offset)
    return {
        (JOURNAL, partition): (max(min(some), there[JOURNAL, partition][0]), max(some) + 1)
        for partition, some in offsets.items()
        if (JOURNAL, partition) in there
    }


def _task(record: LogRecord) -> TaskSubmitted | None:
    try:
        data = decode_journal(record.value, headers_of(record).get("content-type")).data
    except Malformed:
        return None  # what stands there and is no record is for `hub audit` to complain of
    return data if isinstance(data, TaskSubmitted) else None


def _flags(
    made: DecisionMade,
    data: TaskSubmitted,
    now: tuple[Registered, Mapping[str, bytes]],
    rules: ConsoleRules,
) -> Iterator[Flag]:
    """What the registries and the enterprise's state say against a task, on its planned day."""
    (found, states), day = now, data.planned_on
    where = (made.dept, day, made.uscc, made.task_id)
    standing = rules.department_standing(found.departments.get(made.dept), day)
    if standing is not Standing.VALID:
        yield Flag(*where, f"DEPARTMENT_{standing}", made.dept)
    for number in dict.fromkeys(data.officers):
        standing = rules.officer_standing(found.officers.get(number), made.dept, day)
        if standing is not Standing.VALID:
            yield Flag(*where, f"OFFICER_{standing}", number)
    if not made.exempt:
        state = states.get(made.uscc)
        if rules.drawable(state, dept=made.dept, scheme="", on=day).whitelisted:
            yield Flag(*where, "SUBJECT_WHITELISTED", "")
        for item in dict.fromkeys(data.items):
            if found.is_item_whitelisted(item, day):
                yield Flag(*where, "ITEM_WHITELISTED", item)


def _plain(flag: Flag) -> dict[str, Any]:
    return {
        "dept": flag.dept, "planned_on": flag.planned_on.isoformat(), "uscc": flag.uscc,
        "task_id": flag.task_id, "why": flag.why, "about": flag.about,
    }  # fmt: skip
