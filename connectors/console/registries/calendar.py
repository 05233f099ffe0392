"""Which days are working days? `hub calendar`: look, enter a day or a whole notice."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from connectors.console.command import command, default
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import SHANGHAI, row, table
from connectors.console.traffic.event_lines import Posting
from connectors.console.traffic.logs import LogRecord, scan, spans_of
from connectors.console.traffic.sender import Sender
from connectors.console.traffic.taken_in import Intake
from connectors.kafka_admin import KafkaAdmin
from connectors.redis_calendar import KEY
from schemas.calendar_entries import (
    KeptCalendar,
    entries_of_file,
    finding_of,
    table_of,
    unpack,
    with_entries,
)
from schemas.calendar_file import CalendarTable
from schemas.codec import encode_json
from schemas.enums import DayKind
from schemas.envelope import Envelope, write_headers
from schemas.messages import REGISTRY_CALENDAR
from schemas.registry import REGISTRY_SOURCE, RegistryCalendar
from schemas.topics import CTL_REGISTRY, in_topic

SEEN_WAIT_S = 10.0
POLL_S = 0.1

Source = Annotated[str, typer.Option("--source", help="The notice it comes from, with its number.")]
WaitS = Annotated[
    float, typer.Option(min=0.1, help="How long intake may stand still before we give up.")
]
CalendarFile = Annotated[Path, typer.Argument(metavar="FILE.toml", exists=True, dir_okay=False)]
_WAIT_S = 30.0


def register(app: typer.Typer) -> None:
    """Add `calendar` and what can be entered into it."""
    group = typer.Typer()
    default(group)(show)
    command(group, "set")(set_day)
    command(group, "publish")(publish)
    app.add_typer(group, name="calendar")


def show(hub: Context) -> None:
    """Show the entries that win over the shipped calendar of working days, and when it ends.

    Ends with 1 if the calendar ends within 40 working days.
    """
    kept = kept_calendar(hub)
    if hub.json:
        hub.emit(kept.model_dump(mode="json"))
    else:
        if kept.entries:
            shown = table("DAY OR YEAR", "KIND", "SOURCE", title="Entered by administrators")
            for entry in kept.entries:
                row(shown, entry.about, _kind_text(entry), entry.source)
            hub.show(shown)
        else:
            hub.show("No entries: the shipped table and the calendar library hold.")
        hub.show(ends_text(kept.ends) if kept.ends else "It reaches further than 40 working days.")
    if kept.ends is not None:
        raise typer.Exit(Exit.FOUND)


def set_day(
    hub: Context,
    day: Annotated[str, typer.Argument(metavar="DAY", help="YYYY-MM-DD.")],
    kind: Annotated[
        str, typer.Argument(metavar="WORK|REST|AS_SHIPPED", help="AS_SHIPPED takes it back.")
    ],
    *,
    source: Source,
    wait_s: WaitS = _WAIT_S,
) -> None:
    """Enter one day. It counts for what is taken in from now on, and for clocks that run."""
    try:
        entry = RegistryCalendar(
            day=date.fromisoformat(day), kind=DayKind(kind.upper()), source=source
        )
    except ValidationError as wrong:
        fault = wrong.errors()[0]
        raise CommandError(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}", Exit.USAGE
        ) from wrong
    except ValueError as wrong:
        raise CommandError(
            f"{wrong}: YYYY-MM-DD and WORK, REST or AS_SHIPPED", Exit.USAGE
        ) from wrong
    _enter(hub, [entry], wait_s)


def publish(hub: Context, file: CalendarFile, wait_s: WaitS = _WAIT_S) -> None:
    """Enter a file of days and years, in the form of schemas/data/calendar.toml.

    Days entered before that are not in the file stay as they are.
    """
    try:
        entries = entries_of_file(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as cause:
        raise CommandError(f"{file}: {cause}", Exit.USAGE) from cause
    if not entries:
        raise CommandError(f"{file}: it has no [[day]] and no [[year]]", Exit.USAGE)
    _enter(hub, entries, wait_s)


def kept_calendar(hub: Context) -> KeptCalendar:
    """The entries in force, as the scheduler keeps them."""
    with hub.redis() as client:
        found = client.get(KEY)
    return unpack(found if isinstance(found, bytes) else None)


def calendar_now(hub: Context) -> CalendarTable:
    """The calendar in force: the shipped table, and the entries, which win over it."""
    return table_of(kept_calendar(hub).entries)


def with_file(hub: Context, path: Path | None) -> CalendarTable:
    """The calendar in force, over which a file wins.

    Raises:
        CommandError: the file is wrong; every row is named.
    """
    now = calendar_now(hub)
    if path is None:
        return now
    try:
        return with_entries(finding_of(entries_of_file(path.read_text(encoding="utf-8"))), now)
    except (OSError, ValueError) as cause:
        raise CommandError(f"{path}: {cause}", Exit.USAGE) from cause


def ends_text(ends: date) -> str:
    """What is said of a calendar that ends soon."""
    return (
        f"The calendar of working days ends on {ends}: due days after it come too early. Enter the "
        "State Council's notice for the next year: `hub calendar publish FILE.toml`"
    )


def _enter(hub: Context, entries: Sequence[RegistryCalendar], wait_s: float) -> None:
    sender, now = Sender(hub.bootstrap()), datetime.now(SHANGHAI).isoformat(timespec="milliseconds")
    for entry in entries:
        envelope = Envelope(
            id=f"calendar-{entry.about}-{uuid.uuid4().hex}",
            source=REGISTRY_SOURCE,
            type=REGISTRY_CALENDAR,
            time=now,
        )
        value = encode_json(entry)
        sender.send(
            Posting(REGISTRY_SOURCE, REGISTRY_CALENDAR, None, value, write_headers(envelope))
        )
    sender.flush()
    with hub.admin() as admin:
        Intake(admin, patience_s=wait_s).wait({REGISTRY_SOURCE})
        _wait_seen(hub, admin, {entry.about: entry for entry in entries})
    if hub.json:
        hub.emit({"entered": [entry.model_dump(mode="json") for entry in entries]})
    else:
        hub.show(f"{len(entries)} entered; in force for what is taken in from now on")


def _wait_seen(hub: Context, admin: KafkaAdmin, wanted: Mapping[str, RegistryCalendar]) -> None:
    deadline = time.monotonic() + SEEN_WAIT_S
    while time.monotonic() < deadline:
        there = _published(hub, admin)
        if all(there.get(about) == entry for about, entry in wanted.items()):
            return
        time.sleep(POLL_S)
    raise CommandError(
        f"intake took the entries from {in_topic(REGISTRY_SOURCE)} but they are not on "
        f"{CTL_REGISTRY}: they were refused; see `hub dlq ls --dept REGISTRY`"
    )


def _published(hub: Context, admin: KafkaAdmin) -> dict[str, RegistryCalendar]:
    """The newest entries on the registry topic."""
    found: dict[str, RegistryCalendar] = {}
    prefix = f"{REGISTRY_CALENDAR}:".encode()

    def take(record: LogRecord) -> None:
        if record.value is not None and (record.key or b"").startswith(prefix):
            entry = RegistryCalendar.model_validate_json(record.value)
            found[entry.about] = entry

    scan(hub, spans_of(admin, [CTL_REGISTRY]), take, "reading the calendar")
    return found


def _kind_text(entry: RegistryCalendar) -> str:
    return "wholly described" if entry.kind is None else entry.kind.value
