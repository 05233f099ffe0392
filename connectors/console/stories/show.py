"""What is the story of this task, this code, this enterprise? Cards from Redis and the logs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import redis
import typer

from connectors.audit import read_keys
from connectors.audit.keyfiles import qr_fault
from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.stories.cards import decision_card, standing_card, subject_cards, timeline
from connectors.console.stories.find import (
    History,
    Place,
    first_decision,
    history_of,
    partitions,
    place_of,
    places_of_task,
    task_of_code,
)
from connectors.console.stories.show_json import code_json, subject_json, task_json
from connectors.console.stories.story import tell
from connectors.console.terminal.code_text import read_code
from connectors.console.terminal.screen import card, this_year
from connectors.console.together.joints import joint_cards, show_joint
from schemas.decision import DecisionMade

TaskId = Annotated[str, typer.Argument(metavar="ID", help="As the department named it.")]
Uscc = Annotated[
    str | None, typer.Option("--uscc", help="Credit code of the enterprise: finds it at once.")
]
CodeText = Annotated[
    str, typer.Argument(metavar="CODE", help="With or without hyphens; O is read as 0.")
]
CreditCode = Annotated[str, typer.Argument(metavar="CREDIT_CODE")]
Year = Annotated[int | None, typer.Option(help="Calendar year of the tasks; default: this one.")]


def register(app: typer.Typer) -> None:
    """Add `show task`, `show code`, `show subject` and `show joint`."""
    show = typer.Typer(
        help="One case, readable: a task, a code, an enterprise.", no_args_is_help=True
    )
    command(show, "task")(task)
    command(show, "code")(code)
    command(show, "subject")(subject)
    command(show, "joint")(show_joint)
    app.add_typer(show, name="show")


def task(hub: Context, task_id: TaskId, uscc: Uscc = None) -> None:
    """Show a task: decision, code, count, prompts and reasons explained, and its timeline."""
    with hub.redis() as client:
        place = _find(hub, client, task_id, uscc)
        made = first_decision(client, place, task_id)
    history = history_of(hub, place, with_journal=True)
    story = tell(history.answers).task(task_id)
    made = made or story.decision
    if made is None and all(entry.task_id != task_id for entry in history.entries):
        raise CommandError(
            f"no task {task_id} of {place.key} is known: neither decided nor in the journal"
        )
    if hub.json:
        hub.emit(task_json(history, story, made))
        return
    if made is not None:
        hub.show(decision_card(made, _name_in(history)))
    hub.show(standing_card(story), timeline(history, task_id))
    _read(hub, history)


def code(hub: Context, text: CodeText) -> None:
    """Show an inspection code: task, state, last day, and whether its QR text is genuine."""
    try:
        name, shard = read_code(text)
    except ValueError as cause:
        raise CommandError(f"{text!r} {cause}", Exit.USAGE) from cause
    with hub.redis() as client:
        found = task_of_code(client, name, shard, lambda: partitions(hub))
        made = first_decision(client, *found) if found else None
    if found is None or made is None:
        raise CommandError(
            f"code {name} was never issued, or the view is being rebuilt: see `hub status`"
        )
    history = history_of(hub, found[0], with_journal=False)
    told = tell(history.answers)
    story = told.task(found[1])
    fault = qr_verdict(hub.settings.keys, made)
    if hub.json:
        hub.emit({**code_json(made, story, fault), "records_read": history.records_read})
        return
    verdict = fault or "genuine: signed by the hub for this code"
    hub.show(decision_card(made), standing_card(story))
    hub.show(card("QR code", [("text", made.qr_text), ("signature", verdict)]))
    joint = told.joints.get(told.task(found[1]).along or "")
    if joint is not None:
        hub.show(*joint_cards(told, joint, made.uscc))
    _read(hub, history)


def subject(hub: Context, credit_code: CreditCode, year: Year = None) -> None:
    """Show an enterprise: classes, whitelist, and a year's tasks by department, used and cap."""
    place = place_of(credit_code, partitions(hub))
    history = history_of(hub, place, with_journal=True)
    if not history.answers and not history.entries:
        raise CommandError(
            f"nothing is on record for {place.key}: {history.records_read:,} records read in "
            f"partition {place.partition}"
        )
    story, name, year = tell(history.answers), _name_in(history), year or this_year()
    if hub.json:
        hub.emit(subject_json(history, story, name, year))
        return
    hub.show(*subject_cards(story, place.key, name, year))
    _read(hub, history)


def qr_verdict(keys: Path, made: DecisionMade) -> str:
    """Why the QR text of a decision does not vouch for its code; empty when it does."""
    if made.code is None or made.qr_text is None or made.valid_until is None:
        return "the decision carries no QR text"
    try:
        return qr_fault(read_keys(keys), made.qr_text, made.code, made.valid_until)
    except (OSError, ValueError) as cause:
        return f"not checked: the keys in {keys} cannot be read ({cause})"


def _find(hub: Context, client: redis.Redis, task_id: str, uscc: str | None) -> Place:
    count = partitions(hub)
    if uscc is not None:
        return place_of(uscc, count)
    places = places_of_task(hub, client, task_id, count)
    if len(places) == 1:
        return places[0]
    if not places:
        raise CommandError(
            f"no task {task_id} was decided. If it is still to be decided, or was cancelled before "
            "it came, name its enterprise: --uscc CREDIT_CODE"
        )
    codes = ", ".join(sorted(place.key for place in places))
    raise CommandError(
        f"{len(places)} enterprises have a task {task_id}: name one with --uscc: {codes}",
        Exit.USAGE,
    )


def _name_in(history: History) -> str:
    """The enterprise's name: as the registry had it at the latest event, else as that says."""
    for entry in reversed(history.entries):
        if entry.record is None:
            continue
        listed = entry.record.findings.subject
        name = listed.name if listed else getattr(entry.record.data, "entity_name", "")
        if name:
            return str(name)
    return ""


def _read(hub: Context, history: History) -> None:
    hub.note(f"{history.records_read:,} records read in partition {history.place.partition}.")
