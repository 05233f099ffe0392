"""How do sheets of departments, officers, items, enterprises and classes become registry entries?

Every fault is named at once, with row and column, and a sheet with a fault is not sent at all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.registries.registry_kinds import KINDS, Kind
from connectors.console.registries.registry_refusals import RegistryRefusals
from connectors.console.registries.registry_rows import Entry, RowFault, SheetReader
from connectors.console.registries.registry_standards import standards
from connectors.console.registries.share import SharingSender
from connectors.console.registries.sheets import read_sheet, write_sheet
from connectors.console.terminal.screen import SHANGHAI, progress, row, table
from connectors.console.traffic.event_lines import Posting
from connectors.console.traffic.sending import Reading, Sending
from connectors.console.traffic.taken_in import Intake
from schemas.envelope import Envelope, write_headers
from schemas.messages import REGISTRY_DEPARTMENT, SUBJECT_CLASSIFIED, WHITELIST_CHANGED
from schemas.registry import REGISTRY_SOURCE

_FAULTS_SHOWN_MAX = 50
_OF_ENTERPRISES = frozenset({SUBJECT_CLASSIFIED, WHITELIST_CHANGED})

KindName = Annotated[
    str, typer.Argument(metavar="|".join(KINDS), help="What the sheet holds, a row each.")
]
SheetFile = Annotated[Path, typer.Argument(metavar="FILE.csv|.xlsx", exists=True, dir_okay=False)]
BehindMax = Annotated[
    int,
    typer.Option(
        min=2,
        help="At most so many records may wait to be decided, and fewer where the hub is slow: a "
        "bulk update adds no more than their time to a decision.",
    ),
]
WaitS = Annotated[
    float, typer.Option(min=0.1, help="How long intake may stand still before we give up.")
]


def register(app: typer.Typer) -> None:
    """Add `registry import`, `registry template` and `registry standards`."""
    group = typer.Typer(
        help="Registries from sheets: departments, officers, items, subjects, classes, whitelist.",
        no_args_is_help=True,
    )
    command(group, "import")(import_sheet)
    command(group, "template")(template)
    command(group, "standards")(standards)
    app.add_typer(group, name="registry")


def import_sheet(
    hub: Context,
    kind: KindName,
    file: SheetFile,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and judge the whole sheet; send nothing.")
    ] = False,
    rate: Annotated[
        float | None, typer.Option(min=0.01, help="At most so many rows a second.")
    ] = None,
    behind_max: BehindMax = 2000,
    wait_s: WaitS = 60.0,
) -> None:
    """Enter a sheet into the registries. Ends with 1, sending nothing, if a row is faulty."""
    chosen, now = kind_named(kind), datetime.now(SHANGHAI)
    count, faults = _judge(hub, file, chosen, now.date())
    if faults or dry_run:
        _tell_judged(hub, kind, count, faults)
        return
    began = time.monotonic()
    with hub.admin() as admin, progress(hub.err, "sending", count) as bar:
        sender = SharingSender(
            hub.bootstrap(), admin, REGISTRY_SOURCE,
            behind_max=behind_max, patience_s=wait_s, rate_per_s=rate,
        )  # fmt: skip
        postings = _Postings(file, chosen, now)
        refusals = RegistryRefusals(hub.bootstrap(), admin)
        intake = Intake(admin, patience_s=wait_s)
        sending = Sending(admin, hub.settings.sizing(), sender, postings, intake, refusals, bar)
        sending.run(journal_order=False, wait=True, lenient=False)
    took_s = time.monotonic() - began
    if hub.json:
        hub.emit({"kind": kind, "sent": sender.sent, "took_s": round(took_s, 3), "faults": []})
    else:
        hub.show(f"{sender.sent:,} {kind} entered in {took_s:.1f} s; in force from now on")


def template(
    hub: Context,
    kind: KindName,
    out: Annotated[Path | None, typer.Option("--out", help="File to write: .xlsx or .csv.")] = None,
) -> None:
    """Write an empty sheet of a kind, with its header and one example row to be replaced."""
    chosen = kind_named(kind)
    path = out or Path(f"{kind}.xlsx")
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise CommandError(f"{path}: a name that ends with .xlsx or .csv expected", Exit.USAGE)
    if path.exists():
        raise CommandError(f"{path} is there already: name another file with --out", Exit.USAGE)
    header = [column.name for column in chosen.columns]
    example = [column.example for column in chosen.columns]
    notes = [["column", "栏目"], *([column.name, column.title] for column in chosen.columns)]
    write_sheet(path, kind, [header, example], notes)
    if hub.json:
        hub.emit({"kind": kind, "file": str(path), "columns": header})
    else:
        hub.show(
            f"{path} written: replace the example row, then `hub registry import {kind} {path}`"
        )


def kind_named(name: str) -> Kind:
    """The kind of sheet of this name.

    Raises:
        CommandError: there is none.
    """
    found = KINDS.get(name)
    if found is None:
        raise CommandError(f"{name}: one of {', '.join(KINDS)} expected", Exit.USAGE)
    return found


class _Postings(Reading):
    """The sheet's events as postings of the administrators, read row by row."""

    def __init__(self, file: Path, kind: Kind, now: datetime) -> None:
        super().__init__(file)
        self._kind, self._now = kind, now

    def postings(self) -> Iterator[Posting]:
        """Every entry's posting, in the sheet's order. The sheet was judged before."""
        told = self._now.isoformat(timespec="milliseconds")
        reader = SheetReader(self._kind, self._now.date())
        for entry in reader.entries(read_sheet(self.path)):
            self.at += 1
            yield _posting(entry, self._kind, told)


def _posting(entry: Entry, kind: Kind, told: str) -> Posting:
    envelope = Envelope(id=entry.id, source=REGISTRY_SOURCE, type=kind.type, time=told)
    return Posting(
        REGISTRY_SOURCE,
        kind.type,
        entry.about.partition("|")[0] if kind.type in _OF_ENTERPRISES else None,
        entry.value,
        write_headers(envelope),
        entry.about if kind.type == REGISTRY_DEPARTMENT else None,
        entry.row,
        entry.id,
    )


def _judge(hub: Context, file: Path, kind: Kind, today: date) -> tuple[int, list[RowFault]]:
    """How many entries the sheet has, and everything that is wrong with it."""
    reader, count = SheetReader(kind, today), 0
    with progress(hub.err, f"reading {file.name}", None) as bar:
        for count, entry in enumerate(reader.entries(read_sheet(file)), 1):
            if not count & 0x3FF:
                bar.at(entry.row)
    if not count and not reader.faults:
        raise CommandError(f"{file}: a header, and no row below it", Exit.USAGE)
    return count, sorted(reader.faults, key=lambda fault: fault.row)


def _tell_judged(hub: Context, kind: str, count: int, faults: Sequence[RowFault]) -> None:
    if hub.json:
        told = [fault._asdict() for fault in faults]
        hub.emit({"kind": kind, "entries": count, "sent": 0, "faults": told})
    elif faults:
        shown = table("#row", "column", "field", "found", "expected")
        for fault in faults[:_FAULTS_SHOWN_MAX]:
            row(shown, fault.row, fault.column, fault.field, fault.found, fault.expected)
        hub.show(shown)
        left = len(faults) - _FAULTS_SHOWN_MAX
        more = f" ({left:,} more are listed with --json)" if left > 0 else ""
        hub.show(f"{len(faults):,} faults{more}: nothing was sent")
    else:
        hub.show(f"{count:,} {kind}, no fault; nothing was sent (--dry-run)")
    if faults:
        raise typer.Exit(Exit.FOUND)
