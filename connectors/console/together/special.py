"""How does a department get from a special inspection's list to its tasks? `hub special tasks`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.stories.find import history_of, partitions, place_of
from connectors.console.stories.special_story import SpecialStory, tell_special
from connectors.console.terminal.screen import row, table
from connectors.console.together.draw_gather import registered
from connectors.console.together.own_events import OwnEvent, publish_own
from connectors.console.together.special_shares import read_shares
from connectors.specials.tasks import Listed, Made, NoTasksError, Row, Wish, check_standing, rows
from schemas.enums import Mode
from schemas.inbound import Approval
from schemas.messages import TASK_SUBMITTED
from schemas.special_words import SPECIAL_PREFIX

_ROWS_SHOWN = 40

SpecialId = Annotated[str, typer.Argument(metavar="SPECIAL_ID", help="As it was filed.")]
Dept = Annotated[str, typer.Option(metavar="DEPT", help="The department that claimed it.")]
Item = Annotated[
    list[str] | None, typer.Option("--item", help="What is inspected; again for more.")
]
Officer = Annotated[
    list[str] | None, typer.Option("--officer", help="Certificate of who goes; again for more.")
]
On = Annotated[
    list[datetime],
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help="Day of the visits; again: spread evenly over them."
    ),
]
ByDistrict = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.csv|.xlsx", exists=True, dir_okay=False,
        help="Who goes to which district, and for what. Columns: district (region code), "
        "officers, items (separated by ;). An empty cell: as --officer and --item say.",
    ),
]  # fmt: skip
ModeOption = Annotated[Mode, typer.Option(help="On site or off site.")]
OwnApproval = Annotated[
    tuple[str, str, str] | None,
    typer.Option(
        metavar="NO BY TIME", help="Of the department's own plan; else the special inspection's."
    ),
]
Again = Annotated[
    bool, typer.Option("--again", help="Also for objects whose task was refused or cancelled.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be submitted.")]
WaitS = Annotated[
    float, typer.Option(min=0.1, help="How long intake may stand still before we give up.")
]


def register(app: typer.Typer) -> None:
    """Add `special tasks`."""
    group = typer.Typer(help="Special inspections: from the list to tasks.", no_args_is_help=True)
    command(group, "tasks")(tasks)
    app.add_typer(group, name="special")


def tasks(
    hub: Context,
    special_id: SpecialId,
    *,
    dept: Dept,
    on: On,
    item: Item = None,
    officer: Officer = None,
    by_district: ByDistrict = None,
    mode: ModeOption = Mode.ONSITE,
    approval: OwnApproval = None,
    again: Again = False,
    dry_run: DryRun = False,
    wait_s: WaitS = 30.0,
) -> None:
    """Submit a task for each object of the list that lies in the department's territory.

    The department must have claimed the special inspection, or plan it. Each task's id follows from
    special inspection, department and object: done twice, it makes nothing twice.
    """
    if not item and by_district is None:
        raise CommandError("what is inspected? Give --item, or --by-district", Exit.USAGE)
    shares = () if by_district is None else read_shares(by_district)
    wish = Wish(
        dept=dept, shares=shares, items=tuple(item or ()), officers=tuple(officer or ()),
        days=tuple(day.date() for day in on), mode=mode, approval=_approval(approval), again=again,
    )  # fmt: skip
    place = place_of(SPECIAL_PREFIX + special_id, partitions(hub))
    story = tell_special(history_of(hub, place, with_journal=True))
    with hub.admin() as admin:
        found = registered(hub, admin, story.plan.listed if story.plan is not None else ())
        try:
            check_standing(found.specials.get(special_id), special_id, dept)
            department = found.departments.get(dept)
            if department is None:
                raise NoTasksError(f"department {dept} is not registered")
            made = rows(_listed(story), wish, department.region, found.subjects)
        except NoTasksError as why:
            raise CommandError(str(why)) from why
        except ValidationError as cause:
            wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in cause.errors()]
            raise CommandError(f"no task can be made: {'; '.join(wrong)}", Exit.USAGE) from None
        events = [
            OwnEvent(dept, TASK_SUBMITTED, one.task.task_id, one.task, one.uscc)
            for one in made
            if one.task is not None
        ]
        if events and not dry_run:
            publish_own(hub, admin, events, wait_s)
    _tell(hub, made, len(events), dry_run=dry_run)


def _listed(story: SpecialStory) -> Listed:
    plan, filed = story.plan, story.filed
    if plan is None or filed is None:
        raise NoTasksError(f"{story.special_id} has no list of objects: tasks are submitted singly")
    made = [
        Made(one.uscc, one.task_id, one.dept, one.decision, one.cancelled)
        for one in story.objects.values()
    ]
    return Listed(
        story.special_id, plan.listed, plan.superior, plan.starts_on, plan.ends_on, filed.approval,
        made,
    )  # fmt: skip


def _approval(given: tuple[str, str, str] | None) -> Approval | None:
    if given is None:
        return None
    no, by, at = given
    try:
        return Approval(no=no, by=by, at=datetime.fromisoformat(at))
    except ValueError as cause:
        raise CommandError(f"--approval: {cause}", Exit.USAGE) from None


def _tell(hub: Context, made: list[Row], submitted: int, *, dry_run: bool) -> None:
    left_out = Counter(one.why.partition(" ")[0] for one in made if one.task is None)
    if hub.json:
        hub.emit(_as_json(made, submitted, dry_run=dry_run))
        return
    if len(made) <= _ROWS_SHOWN:
        shown = table("object", "task", "!day", "not submitted", title="From the list to tasks")
        for one in made:
            named = (None, None) if one.task is None else (one.task.task_id, one.task.planned_on)
            row(shown, one.uscc, *named, one.why)
        hub.show(shown)
    would = "would be submitted" if dry_run else "submitted"
    told = "".join(f", {count:,} {why}" for why, count in sorted(left_out.items()))
    hub.show(f"{submitted:,} tasks {would} for {len(made):,} objects of the list{told}")
    if submitted and not dry_run:
        hub.note("The decisions come on the department's topic; `hub case special:ID` tells them.")


def _as_json(made: list[Row], submitted: int, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "submitted": submitted,
        "objects": [
            {
                "uscc": one.uscc,
                "task_id": None if one.task is None else one.task.task_id,
                "planned_on": None if one.task is None else one.task.planned_on.isoformat(),
                "not_submitted": one.why or None,
            }
            for one in made
        ],
    }
