"""How is drawn so that anybody can check it? `hub draw`: commit, reveal, verify (art. 3, 5)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.rules_port import ConsoleRules
from connectors.console.terminal.screen import SHANGHAI
from connectors.console.together.draw_files import not_drawn, read_objects, read_plan
from connectors.console.together.draw_gather import registered, sources_of, states_of
from connectors.console.together.draw_kept import check_new, document_kept
from connectors.console.together.draw_publish import publish_committed, publish_revealed
from connectors.console.together.draw_view import chosen_table, frame_parts
from connectors.draws.folder import (
    Begun,
    DrawFolder,
    asked_digest,
    folder_of,
    last_sent,
    read_document,
)
from connectors.draws.frame import NotDrawnError, frame_of
from connectors.draws.told import commitment, differences
from connectors.kafka_admin import KafkaAdmin
from schemas.draw_frame import Drawable, DrawPlan

_SEED_BYTES = 32

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.toml", exists=True, dir_okay=False)]
ObjectsFile = Annotated[
    Path,
    typer.Argument(
        metavar="OBJECTS.csv|.xlsx", exists=True, dir_okay=False,
        help="Columns: uscc, and if wanted avoid (officers not to be sent, separated by ;).",
    ),
]  # fmt: skip
DrawId = Annotated[str, typer.Argument(metavar="DRAW_ID")]
Document = Annotated[Path, typer.Argument(metavar="DRAW.json", exists=True, dir_okay=False)]
WaitS = Annotated[
    float, typer.Option(min=0.1, help="How long intake may stand still before we give up.")
]


def register(app: typer.Typer, rules: ConsoleRules) -> None:
    """Add `draw commit`, `draw reveal` and `draw verify`."""
    group = typer.Typer(
        help="Random draws of objects and officers that anybody can recompute.",
        no_args_is_help=True,
    )

    @command(group, "commit", help_text=_first(commit))
    def _commit(
        hub: Context,
        plan: PlanFile,
        objects: ObjectsFile,
        previous: Annotated[
            list[Path] | None,
            typer.Option(exists=True, dir_okay=False, help="An earlier draw kept elsewhere."),
        ] = None,
        *,
        wait_s: WaitS = 30.0,
    ) -> None:
        commit(hub, rules, read_plan(plan), objects, previous or [], wait_s)

    command(group, "reveal")(reveal)
    command(group, "verify")(verify)
    app.add_typer(group, name="draw")


def commit(
    hub: Context,
    rules: ConsoleRules,
    plan: DrawPlan,
    objects: Path,
    previous: list[Path],
    wait_s: float,
) -> None:
    """Fix what is drawn from, and publish its hash and that of a secret seed. Nothing is drawn yet.

    Classes, whitelist and visits are the hub's; officers are those of the registry whose
    certificates are valid to the end of the quarter.
    """
    with hub.admin() as admin:
        folder, begun = _begun(hub, admin, rules, plan, objects, previous)
        known = publish_committed(hub, admin, begun.committed, wait_s)
    frame = begun.frame
    told = {
        "draw_id": plan.draw_id,
        "frame_sha256": known.frame_sha256,
        "seed_sha256": known.seed_sha256,
        "objects": known.objects,
        "take": known.take,
        "officers": known.officers,
        "excluded": dict(Counter(one.why for one in frame.excluded)),
        "public_source": frame.public_source,
        "frame": str(folder.frame),
    }
    if hub.json:
        hub.emit(told)
        return
    hub.show(*frame_parts(frame, known))
    hub.show(f"Published. {folder.frame} may be seen by everybody; {folder.seed} by nobody yet.")
    if frame.public_source is None:
        hub.note(
            "No public_source: the seed alone decides, so nobody can be sure that it was not "
            "chosen. Name one in the plan, such as a stock index at its next close."
        )


def reveal(
    hub: Context,
    draw_id: DrawId,
    public_value: Annotated[
        str, typer.Option(help="The value of the public source that was named.")
    ] = "",
    *,
    wait_s: WaitS = 30.0,
) -> None:
    """Publish the seed, draw, and submit the objects as `draw.submitted`. Harmless if repeated."""
    with hub.admin() as admin:
        found = registered(hub, admin)
        committed = found.draws.commitments.get(draw_id)
        if committed is None:
            raise CommandError(
                f"{draw_id} was not published: do `hub draw commit` again with the same files"
            )
        folder = folder_of(hub.settings.draws, committed.dept, draw_id)
        draw = document_kept(folder, committed, found.draws.seeds.get(draw_id), public_value)
        publish_revealed(hub, admin, draw, wait_s)
    if hub.json:
        hub.emit({**draw.model_dump(mode="json", by_alias=True), "file": str(folder.document)})
        return
    hub.show(chosen_table(draw))
    hub.show(
        f"{len(draw.chosen):,} objects drawn and submitted. {folder.document} proves it: "
        "anybody recomputes it with examples/recompute_draw.py"
    )


def verify(hub: Context, document: Document) -> None:
    """Recompute a published draw, and compare it with what was committed to before."""
    draw = read_document(document)
    with hub.admin() as admin:
        found = registered(hub, admin)
    name = draw.frame.draw_id
    faults = differences(draw, found.draws.commitments.get(name), found.draws.seeds.get(name))
    if hub.json:
        hub.emit({"draw_id": draw.frame.draw_id, "true": not faults, "faults": faults})
    elif faults:
        hub.show(*(f"{draw.frame.draw_id}: {fault}" for fault in faults))
    else:
        hub.show(f"{draw.frame.draw_id}: {len(draw.chosen):,} objects, as the seed chooses, and as "
                 f"committed to on {draw.committed_at}")  # fmt: skip
    if faults:
        raise typer.Exit(Exit.FOUND)


def _begun(
    hub: Context,
    admin: KafkaAdmin,
    rules: ConsoleRules,
    plan: DrawPlan,
    objects: Path,
    previous: list[Path],
) -> tuple[DrawFolder, Begun]:
    """The draw as it is begun now, or as it was when the same was asked for before."""
    folder = folder_of(hub.settings.draws, plan.dept, plan.draw_id)
    wanted, faults = read_objects(objects)
    if faults:
        raise not_drawn(objects, faults)
    asked, now = asked_digest(plan, wanted), datetime.now(SHANGHAI)
    known = folder.begun()
    if known is None:
        found = registered(hub, admin, tuple(wanted))
        check_new(folder, found.draws.commitments.get(plan.draw_id))
        sources, states = sources_of(hub, admin, found), states_of(hub, tuple(wanted))
        sent = last_sent(
            hub.settings.draws, plan.dept, plan.draw_id, map(read_document, previous)
        )  # fmt: skip

        def drawable(uscc: str) -> Drawable:
            return rules.drawable(
                states.get(uscc), dept=plan.dept, scheme=plan.scheme, on=now.date()
            )

        try:
            frame = frame_of(plan, wanted, sources, drawable, sent, now.date())
        except NotDrawnError as why:
            raise not_drawn(objects, list(why.faults)) from why
        seed = secrets.token_hex(_SEED_BYTES)
        known = folder.keep(Begun(asked, frame, commitment(frame, seed, now), seed))
    if known.asked != asked:
        raise CommandError(
            f"{plan.draw_id} was begun with another plan or other objects, in {folder.path}: what "
            "is committed to never changes. Give this draw another draw_id"
        )
    return folder, known


def _first(function: Callable[..., None]) -> str:
    return (function.__doc__ or "").split("\n\n")[0]
