"""Which joint inspections are to be planned? `hub joints`, and one of them: `hub show joint`.

Those of one quarter with the same lead, the same members and one district make a group: the lead
plans them together (art. 2).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated, Any

import orjson
import redis
import typer
from rich.console import RenderableType
from rich.text import Text

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.stories.find import history_of, partitions, place_of
from connectors.console.stories.joint_story import JointStory
from connectors.console.stories.story import SubjectStory, tell
from connectors.console.terminal.screen import card, instant, row, table
from connectors.redis_view import key as view_key
from schemas.regions import district_of, region

_HUBS_OWN = re.compile(r"LHJC-\d{4}Q[1-4]-(?P<uscc>[0-9A-Z]{18})")
_SHOWN_MAX = 50

Rows = list[dict[str, Any]]


def register(app: typer.Typer) -> None:
    """Add `joints`."""
    command(app, "joints")(joints)


def joints(
    hub: Context,
    quarter: Annotated[str | None, typer.Argument(metavar="[2026Q1]")] = None,
    dept: Annotated[str | None, typer.Option(help="Only where this department takes part.")] = None,
    group: Annotated[
        str | None, typer.Option(help="The enterprises of one group, instead of all groups.")
    ] = None,
) -> None:
    """List joint inspections by lead, members and district, or the enterprises of one group."""
    count = partitions(hub)
    with hub.redis() as client:
        rows = [
            one
            for one in all_rows(client, count)
            if (quarter is None or one["quarter"] == quarter)
            and (dept is None or dept in one["members"])
            and (group is None or one["group"] == group)
        ]
    if not rows:
        raise CommandError("no such joint inspection was formed", Exit.FOUND)
    if hub.json:
        hub.emit({"joints": rows} if group else {"groups": groups_of(rows)})
        return
    hub.show(*(_enterprises(rows) if group else _groups(rows)))


def all_rows(client: redis.Redis, count: int) -> Rows:
    """Every joint inspection as the view has it, by quarter, lead and day."""
    # A hash that is being rehashed may show a field twice.
    found: dict[bytes, dict[str, Any]] = {}
    for partition in range(count):
        for name, value in client.hscan_iter(view_key(partition, "joint"), count=1000):
            found[name] = orjson.loads(value)
    order = ("quarter", "lead", "group", "day", "uscc")
    return sorted(found.values(), key=lambda one: tuple(str(one[name]) for name in order))


def groups_of(rows: Iterable[dict[str, Any]]) -> Rows:
    """What is planned together: one entry a group."""
    groups: dict[str, Rows] = defaultdict(list)
    for one in rows:
        groups[one["group"] or one["joint_id"]].append(one)
    return [
        {
            **{name: some[0][name] for name in ("quarter", "lead", "members")},
            "group": name,
            "district": district_of(some[0]["region"]) or some[0]["region"],
            "enterprises": len(some),
            "first_day": min((one["day"] for one in some if one["day"]), default=None),
            "last_day": max((one["day"] for one in some if one["day"]), default=None),
        }
        for name, some in groups.items()
    ]


def joint_cards(story: SubjectStory, joint: JointStory, uscc: str) -> list[RenderableType]:
    """One joint inspection: what it is, who brings what and how far each is, and its course."""
    formed = joint.formed
    place = region(formed.region)
    heading = card(
        f"Joint inspection {formed.joint_id}",
        [
            ("enterprise", f"{uscc}  {formed.name}".rstrip()),
            ("where", f"{formed.region} {place.name if place else ''}".strip()),
            ("kind", f"{joint.kind or 'not said'}, {formed.quarter}"),
            ("lead", Text(f"{joint.lead or 'nobody'}  {joint.ground}".rstrip(), style="bold")),
            ("day", f"{formed.day} proposed" if formed.day else None),
            ("group", joint.group),
            ("left", ", ".join(joint.left)),
        ],
    )
    members = table("department", "items", "task", "!decision", "!code state", title="Members")
    for dept in sorted(joint.members, key=lambda one: (one != joint.lead, one)):
        part = joint.parts.get(dept)
        items = ", ".join(part.items) if part else None
        own = [
            one for one in story.tasks.values() if (one.dept, one.along) == (dept, formed.joint_id)
        ]
        task = own[-1] if own else None
        decision = task.decision.decision if task and task.decision else None
        row(members, dept, items, task and task.task_id, decision, task and task.state)
    codes = {one.decision.code for one in story.tasks.values() if one.along and one.decision}
    course = table("!when", "what", title="Course")
    for at_ms, what in joint.events:
        row(course, instant(at_ms), what)
    code = card("Joint code", [("code", ", ".join(sorted(filter(None, codes))) or "none yet")])
    return [heading, members, code, course]


def show_joint(
    hub: Context,
    joint_id: Annotated[str, typer.Argument(metavar="JOINT_ID")],
    uscc: Annotated[
        str | None, typer.Option("--uscc", help="Credit code of the enterprise, if not in the id.")
    ] = None,
) -> None:
    """Show a joint inspection: members, lead and why, each one's task, the code, its course."""
    named = _HUBS_OWN.fullmatch(joint_id)
    credit_code = uscc or (named["uscc"] if named else None)
    if credit_code is None:
        text = f"{joint_id!r} does not say which enterprise it is about: name it with --uscc"
        raise CommandError(text, Exit.USAGE)
    history = history_of(hub, place_of(credit_code, partitions(hub)), with_journal=False)
    story = tell(history.answers)
    joint = story.joints.get(joint_id)
    if joint is None:
        raise CommandError(f"no joint inspection {joint_id} of {history.place.key} was formed")
    if hub.json:
        hub.emit({"uscc": history.place.key, **joint.as_dict()})
        return
    hub.show(*joint_cards(story, joint, history.place.key))


def _groups(rows: Rows) -> list[RenderableType]:
    shown = table("group", "members, lead first", "!district", "#visits", "!first day")
    for one in groups_of(rows):
        place = region(one["district"])
        members = sorted(one["members"], key=lambda dept: dept != one["lead"])
        row(
            shown, one["group"], ", ".join(members), place.name if place else one["district"],
            one["enterprises"], one["first_day"],
        )  # fmt: skip
    return [shown]


def _enterprises(rows: Rows) -> list[RenderableType]:
    shown = table("!day", "joint task", "name", "#items")
    for one in rows[:_SHOWN_MAX]:
        row(shown, one["day"], one["joint_id"], one["entity_name"], one["items"])
    more = [Text(f"{len(rows) - _SHOWN_MAX:,} more")] if len(rows) > _SHOWN_MAX else []
    return [shown, *more]
