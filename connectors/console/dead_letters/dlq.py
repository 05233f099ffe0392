"""What waits in the dead letters, and how does it get another chance? List, show, send in again."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from rich.text import Text

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.dead_letters.dlq_view import (
    group_json,
    letter_cards,
    letter_json,
    reason_cards,
    show_plan,
)
from connectors.console.dead_letters.letter_acts import (
    carry_out,
    look_at_letters,
    plan_for,
    sent_ids,
)
from connectors.console.dead_letters.letters import (
    Letter,
    Wanted,
    letter_id,
    read_letters,
    stage_of,
)
from connectors.console.dead_letters.replay_plan import REPLAYS_MAX
from connectors.console.systems.operator_log import By
from connectors.console.terminal.original import SHOWN_BYTES_MAX, shown_value
from schemas.reasons import Refusal
from schemas.topics import STAGES

Names = list[str] | None

Stage = Annotated[Names, typer.Option("--stage", help=f"Only of this stage: {', '.join(STAGES)}.")]
Reason = Annotated[Names, typer.Option("--reason", help="Only with this reason code.")]
Dept = Annotated[Names, typer.Option("--dept", help="Only of this department or site.")]
Cause = Annotated[
    Names, typer.Option("--cause", help="Only of this cause, by the fingerprint in `dlq ls`.")
]
Id = Annotated[Names, typer.Option("--id", help="Only this letter; may be given several times.")]
Limit = Annotated[int | None, typer.Option(min=1, help="At most so many, the oldest first.")]
Every = Annotated[bool, typer.Option("--all", help="All that wait.")]
Whole = Annotated[bool, typer.Option("--all", help="Show the whole value, however long.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; send nothing.")]
Why = Annotated[str | None, typer.Option("--why", help="Why they go again; stays on record.")]
Force = Annotated[
    bool, typer.Option("--force", help=f"Also those that came back {REPLAYS_MAX} times or more.")
]
Name = Annotated[
    str,
    typer.Argument(
        metavar="ID|CAUSE",
        help="stage/partition/offset; or a cause in `dlq ls`: its latest letter.",
    ),
]
_CAUSE = re.compile(r"[0-9a-f]{12}")


def register(app: typer.Typer) -> None:
    """Add `dlq ls`, `dlq show` and `dlq replay`."""
    dlq = typer.Typer(
        help="Dead letters: list by cause, show one, send in again.", no_args_is_help=True
    )
    command(dlq, "ls")(ls)
    command(dlq, "show")(show)
    command(dlq, "replay")(replay)
    app.add_typer(dlq, name="dlq")


def ls(hub: Context, stage: Stage = None, reason: Reason = None, dept: Dept = None) -> None:
    """List dead letters by cause: stage, reason, sender, fingerprint. Ends with 1 if any waits.

    A letter that was sent in again no longer waits, whatever became of it; if it was refused again,
    a new letter does.
    """
    found = look_at_letters(hub, _wanted(stage, reason, dept))
    groups, strange, waiting = found.groups, found.strange, found.waiting
    if hub.json:
        shown = [group_json(one) for one in groups]
        hub.emit({"open": waiting, "unreadable": len(strange), "groups": shown})
    else:
        hub.show(*reason_cards(groups))
        hub.show(f"{waiting:,} dead letters wait, {len(groups):,} causes")
        if strange:
            hub.note(f"{len(strange):,} records are no dead letters, the first: {strange[0].id}")
    if waiting or strange:
        raise typer.Exit(Exit.FOUND)


def show(hub: Context, name: Name, *, every: Whole = False) -> None:
    """Show one dead letter: why, from where, its headers, and the original bytes."""
    letter = _one(hub, name)
    sent = letter.id in sent_ids(hub)
    if hub.json:
        hub.emit(letter_json(letter, sent_again=sent))
        return
    hub.show(*letter_cards(letter, sent_again=sent))
    whole = None if every else SHOWN_BYTES_MAX
    hub.show(Text("Original value", style="bold"), shown_value(letter.value, whole))


def replay(
    hub: Context,
    *,
    stage: Stage = None,
    reason: Reason = None,
    dept: Dept = None,
    cause: Cause = None,
    name: Id = None,
    limit: Limit = None,
    every: Every = False,
    dry_run: DryRun = False,
    why: Why = None,
    force: Force = False,
    by: By = None,
) -> None:
    """Send dead letters in again where they came from: original bytes and headers, each once.

    May be cut off at any point and run again: a letter that was sent is not sent a second time.
    """
    wanted = _wanted(stage, reason, dept, cause, name)
    if not wanted.narrowed and not every:
        raise CommandError("say which: --id, --reason, --dept, --cause, or --all", Exit.USAGE)
    text = (why or "").strip()
    if not dry_run and not text:
        raise CommandError(
            "say why, it goes on record: --why TEXT (or only look: --dry-run)", Exit.USAGE
        )
    plan = plan_for(hub, wanted, force=force)
    del plan.shipments[limit or len(plan.shipments) :]
    if not dry_run:
        carry_out(hub, plan, text, by)
    show_plan(hub, plan, dry_run=dry_run)
    if plan.held:
        raise typer.Exit(Exit.FOUND)


def _wanted(
    stage: Names, reason: Names, dept: Names, cause: Names = None, name: Names = None
) -> Wanted:
    _known(stage, STAGES, "stage")
    _known(reason, tuple(Refusal), "reason")
    return Wanted(
        tuple(stage) if stage else STAGES,
        frozenset(reason or ()),
        frozenset(dept or ()),
        frozenset(map(letter_id, name or ())),
        frozenset(cause or ()),
    )


def _known(given: Names, known: tuple[str, ...], what: str) -> None:
    for one in given or ():
        if one not in known:
            raise CommandError(
                f"{what} {one!r} is not known: one of {', '.join(known)} expected", Exit.USAGE
            )


def _one(hub: Context, name: str) -> Letter:
    if _CAUSE.fullmatch(name):
        wanted = Wanted(fingerprints=frozenset({name}))
    else:
        full = letter_id(name)
        wanted = Wanted(stages=(stage_of(full),), ids=frozenset({full}))
    found = read_letters(hub, wanted)
    if not found:
        raise CommandError(f"no dead letter {name}: it is not there, or no more; see `hub dlq ls`")
    return found[-1]
