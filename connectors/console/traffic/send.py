"""How does a file of events reach the hub? Line by line to the departments' topics."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.console.command import command
from connectors.console.context import Context, Exit
from connectors.console.registries.registry_refusals import RegistryRefusals
from connectors.console.terminal.safe_text import safe
from connectors.console.terminal.screen import progress, row, table
from connectors.console.traffic.sender import Sender
from connectors.console.traffic.sending import Reading, Sending
from connectors.console.traffic.taken_in import Intake

_FAULTS_TOLD_MAX = 10
_DEPTS_SHOWN_MAX = 15
_NAME_SHOWN_MAX = 60

EventFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE.jsonl", exists=True, dir_okay=False, help="One structured CloudEvent a line."
    ),
]
Rate = Annotated[float | None, typer.Option(min=0.01, help="At most so many events a second.")]
JournalOrder = Annotated[
    bool,
    typer.Option(
        "--journal-order",
        help="Keep each enterprise's events in order even between departments (slower).",
    ),
]
WaitS = Annotated[
    float, typer.Option(min=0.1, help="How long intake may stand still before we give up.")
]
NoWait = Annotated[
    bool,
    typer.Option("--no-wait", help="Do not wait until the leading registry lines are taken in."),
]
Lenient = Annotated[
    bool, typer.Option("--lenient", help="Go on, and end with 0, although lines could not be sent.")
]


def register(app: typer.Typer) -> None:
    """Add `send`."""
    command(app, "send")(send)


def send(
    hub: Context,
    file: EventFile,
    *,
    rate: Rate = None,
    journal_order: JournalOrder = False,
    wait_s: WaitS = 60.0,
    no_wait: NoWait = False,
    lenient: Lenient = False,
) -> None:
    """Publish a file of events to the departments' topics, in CloudEvents binary mode.

    Leading lines from REGISTRY go first; the topics of the departments they register are created,
    and the rest follows when intake has taken them in. Lines that cannot be sent are named and
    counted.
    """
    reading = Reading(file)
    began = time.monotonic()
    with hub.admin() as admin, progress(hub.err, "sending", _line_count(file)) as bar:
        sender = Sender(hub.bootstrap(), rate_per_s=rate)
        intake = Intake(admin, patience_s=wait_s)
        refusals = RegistryRefusals(hub.bootstrap(), admin)
        sending = Sending(admin, hub.settings.sizing(), sender, reading, intake, refusals, bar)
        sending.run(journal_order=journal_order, wait=not no_wait, lenient=lenient)
    took_s = time.monotonic() - began
    if hub.json:
        hub.emit(_report_json(sender, reading, took_s))
    else:
        _report(hub, sender, reading, took_s)
    if reading.faults_total and not lenient:
        raise typer.Exit(Exit.FOUND)


def _line_count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _report(hub: Context, sender: Sender, reading: Reading, took_s: float) -> None:
    types = table("event type", "#events")
    for name, count in sorted(sender.by_type.items()):
        row(types, safe(name[:_NAME_SHOWN_MAX]), count)
    depts = table("department", "#events")
    busiest = sender.by_dept.most_common(_DEPTS_SHOWN_MAX)
    for dept, count in busiest:
        row(depts, dept, count)
    others = sender.sent - sum(count for _, count in busiest)
    if others:
        row(depts, f"{len(sender.by_dept) - len(busiest):,} more", others, style="dim")
    hub.show(types, depts)
    for number, fault in reading.faults[:_FAULTS_TOLD_MAX]:
        hub.note(f"line {number:,} not sent: {fault}")
    if reading.faults_total > _FAULTS_TOLD_MAX:
        hub.note(f"… and {reading.faults_total - _FAULTS_TOLD_MAX:,} more (see --json)")
    speed = sender.sent / max(took_s, 1e-9)
    hub.show(
        f"{sender.sent:,} events sent in {took_s:.1f} s ({speed:,.0f}/s), "
        f"{reading.faults_total:,} lines not sent"
    )


def _report_json(sender: Sender, reading: Reading, took_s: float) -> dict[str, Any]:
    return {
        "sent": sender.sent,
        "took_s": round(took_s, 3),
        "by_type": dict(sorted(sender.by_type.items())),
        "by_dept": dict(sorted(sender.by_dept.items())),
        "not_sent": reading.faults_total,
        "faults": [{"line": number, "fault": fault} for number, fault in reading.faults],
    }
