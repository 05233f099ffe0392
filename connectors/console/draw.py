"""How is drawn so that anybody can check it? `hub draw`: commit, reveal, verify (art. 3, 5)."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.draw_files import (
    DrawFiles,
    files_of,
    last_sent,
    read_document,
    read_plan,
)
from connectors.console.draw_frame import frame_of
from connectors.console.draw_gather import Registered, registered
from connectors.console.draw_publish import publish_committed, publish_revealed, revealed
from connectors.console.draw_view import chosen_table, frame_parts
from connectors.console.rules_port import ConsoleRules
from connectors.console.screen import SHANGHAI
from schemas.draw import DrawDocument, DrawFrame, drawn
from schemas.draw_frame import DrawPlan
from schemas.inbound_draw import DrawCommitted

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
    files = files_of(hub.settings.data_dir, plan.draw_id)
    now = datetime.now(SHANGHAI)
    with hub.admin() as admin:
        frame = frame_of(hub, admin, rules, plan, objects, last_sent(
            files.folder, previous, plan.dept, plan.draw_id), now.date())  # fmt: skip
        frame, seed = files.keep(frame, secrets.token_hex(_SEED_BYTES))
        known = publish_committed(hub, admin, _commitment(frame, seed, now), wait_s)
    told = {
        "draw_id": plan.draw_id,
        "frame_sha256": known.frame_sha256,
        "seed_sha256": known.seed_sha256,
        "objects": known.objects,
        "take": known.take,
        "officers": known.officers,
        "excluded": dict(Counter(one.why for one in frame.excluded)),
        "public_source": frame.public_source,
        "frame": str(files.frame),
    }
    if hub.json:
        hub.emit(told)
        return
    hub.show(*frame_parts(frame, known))
    hub.show(f"Published. {files.frame} may be seen by everybody; {files.seed} by nobody yet.")
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
    files = files_of(hub.settings.data_dir, draw_id)
    frame, seed = files.kept()
    if bool(public_value) != (frame.public_source is not None):
        wanted = f"--public-value: {frame.public_source}" if frame.public_source else "no value"
        raise CommandError(f"{draw_id} goes with {wanted}", Exit.USAGE)
    with hub.admin() as admin:
        found = registered(hub, admin)
        committed = found.commitments.get(draw_id)
        if committed is None:
            raise CommandError(
                f"{draw_id} was not published: do `hub draw commit` again with the same files"
            )
        document = _document(files, frame, committed, seed, public_value)
        files.publish(document)
        publish_revealed(hub, admin, document, wait_s)
    if hub.json:
        hub.emit({**document.model_dump(mode="json", by_alias=True), "file": str(files.document)})
        return
    hub.show(chosen_table(document))
    hub.show(
        f"{len(document.chosen):,} objects drawn and submitted. {files.document} proves it: "
        "anybody recomputes it with examples/recompute_draw.py"
    )


def verify(hub: Context, document: Document) -> None:
    """Recompute a published draw, and compare it with what was committed to before."""
    draw = read_document(document)
    with hub.admin() as admin:
        found = registered(hub, admin)
    faults = _differences(draw, found)
    if hub.json:
        hub.emit({"draw_id": draw.frame.draw_id, "true": not faults, "faults": faults})
    elif faults:
        hub.show(*(f"{draw.frame.draw_id}: {fault}" for fault in faults))
    else:
        hub.show(f"{draw.frame.draw_id}: {len(draw.chosen):,} objects, as the seed chooses, and as "
                 f"committed to on {draw.committed_at}")  # fmt: skip
    if faults:
        raise typer.Exit(Exit.FOUND)


def _commitment(frame: DrawFrame, seed: str, now: datetime) -> DrawCommitted:
    return DrawCommitted(
        draw_id=frame.draw_id,
        dept=frame.dept,
        quarter=frame.quarter,
        frame_sha256=frame.digest(),
        seed_sha256=hashlib.sha256(bytes.fromhex(seed)).hexdigest(),
        public_source=frame.public_source,
        objects=sum(len(one.objects) for one in frame.strata),
        take=sum(one.take for one in frame.strata),
        officers=len(frame.officers),
        committed_at=now.replace(microsecond=0),
    )


def _document(
    files: DrawFiles, frame: DrawFrame, committed: DrawCommitted, seed: str, public_value: str
) -> DrawDocument:
    """The whole draw; one that was made before is the same again."""
    if files.document.exists():
        known = read_document(files.document)
        if (known.public_value, known.frame_sha256) == (public_value, committed.frame_sha256):
            return known
        raise CommandError(f"{frame.draw_id} was drawn before, otherwise: {files.document}")
    return DrawDocument(
        frame=frame,
        frame_sha256=committed.frame_sha256,
        seed_sha256=committed.seed_sha256,
        committed_at=committed.committed_at.isoformat(),
        seed=seed,
        public_value=public_value,
        revealed_at=datetime.now(SHANGHAI).replace(microsecond=0).isoformat(),
        chosen=drawn(frame, seed, public_value),
    )


def _differences(draw: DrawDocument, found: Registered) -> list[str]:
    """In what a document differs from what was published of the draw."""
    committed, seed = (
        found.commitments.get(draw.frame.draw_id), found.seeds.get(draw.frame.draw_id)
    )  # fmt: skip
    if committed is None:
        return ["nobody committed to it"]
    told = [
        ("department", committed.dept, draw.frame.dept),
        ("frame", committed.frame_sha256, draw.frame_sha256),
        ("seed's hash", committed.seed_sha256, draw.seed_sha256),
    ]
    if seed is not None:
        told += [
            ("seed", seed.seed, draw.seed), ("public value", seed.public_value, draw.public_value),
            ("outcome", seed.chosen_sha256, revealed(draw).chosen_sha256),
        ]  # fmt: skip
    faults = [f"another {name} than was published" for name, one, other in told if one != other]
    return faults if seed is not None else [*faults, "its seed was not published"]


def _first(function: Callable[..., None]) -> str:
    return (function.__doc__ or "").split("\n\n")[0]
