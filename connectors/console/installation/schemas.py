"""Whom would a changed schema break? `hub schemas impact` looks at what departments sent last."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.stories.recent import NEWEST_DEFAULT, scan_newest
from connectors.console.terminal.screen import instant, instant_json, row, table
from connectors.console.traffic.logs import LogRecord, scan, spans_of
from connectors.departments.compatibility import Level, stands_by
from connectors.departments.impact import (
    Impact,
    Seen,
    concerns_departments,
    readers_impact,
    senders_impact,
)
from connectors.departments.schema_catalogue import Catalogue, shipped
from schemas.avro_normal import NoAvroSchema, full_name, normal
from schemas.avro_schemas import parse_file_name
from schemas.messages import INBOUND, REGISTRY_DEPARTMENT
from schemas.topics import CTL_REGISTRY


@dataclass(frozen=True, slots=True)
class Change:
    """A schema file that differs from what is written today. `broken` says what it must not do."""

    file: str
    type: str
    schema: Any
    level: Level
    broken: tuple[str, ...]


def register(app: typer.Typer) -> None:
    """Add `schemas impact`."""
    schemas = typer.Typer(help="Avro schemas: whom a change would break.", no_args_is_help=True)
    command(schemas, "impact")(impact)
    app.add_typer(schemas, name="schemas")


def impact(
    hub: Context,
    path: Annotated[
        Path, typer.Argument(metavar="NEW.avsc|FOLDER", exists=True, help="What would be released.")
    ],
    newest: Annotated[
        int, typer.Option(min=1, help="How many of each department's newest events to look at.")
    ] = NEWEST_DEFAULT,
) -> None:
    """Name the departments that a schema change would break. Ends with 1 if there is any.

    It also ends with 1 if the change does not stand by the released versions, whoever uses them.
    """
    catalogue = shipped()
    changes = _changes(hub, path, catalogue)
    seen = Seen(catalogue)
    formats: dict[str, str] = {}
    records = 0
    if changes:
        with hub.admin() as admin:
            topics = admin.list_in_topics()
        records = scan_newest(hub, topics, newest, lambda record: _take(seen, record))
        formats = _formats(hub)
    found = [(change, _impacts(change, seen, formats, catalogue)) for change in changes]
    if hub.json:
        hub.emit({"records": records, "schemas": [_json(*one) for one in found]})
    else:
        _show(hub, found, records)
    if any(change.broken or any(one.breaks for one in some) for change, some in found):
        raise typer.Exit(Exit.FOUND)


def _changes(hub: Context, path: Path, catalogue: Catalogue) -> list[Change]:
    files = sorted(path.glob("*.avsc")) if path.is_dir() else [path]
    if not files:
        raise CommandError(f"no *.avsc in {path}: name a schema file or its folder", Exit.USAGE)
    found = []
    for file in files:
        try:
            schema = json.loads(file.read_text(encoding="utf-8"))
            normal(schema)
            name = _type_of(file, schema, catalogue)
            if name is None:
                hub.note(f"{file.name}: no message of this name is released, so nobody uses it.")
            elif not concerns_departments(name):
                hub.note(f"{file.name}: no department sends or reads it.")
            elif normal(schema) != normal(catalogue.versions(name)[_last(catalogue, name)].schema):
                found.append(_change(file, name, schema, catalogue))
        except (OSError, ValueError) as cause:
            raise CommandError(f"{file}: {cause}", Exit.USAGE) from cause
    return found


def _type_of(file: Path, schema: Any, catalogue: Catalogue) -> str | None:  # noqa: ANN401
    """By the file's name, as ours are named; else by the record's."""
    try:
        name = parse_file_name(file.name)[0]
    except ValueError:
        name = ""
    one = catalogue.newest(name)
    if one is None:
        try:
            one = catalogue.newest(full_name(schema))
        except NoAvroSchema:
            one = None
    return one.type if one else None


def _change(file: Path, name: str, schema: Any, catalogue: Catalogue) -> Change:  # noqa: ANN401
    level = catalogue.level(name) or Level.FULL
    former = [one.schema for one in catalogue.versions(name).values()]
    return Change(str(file), name, schema, level, tuple(stands_by(schema, former, level)))


def _last(catalogue: Catalogue, name: str) -> int:
    return max(catalogue.versions(name))


def _take(seen: Seen, record: LogRecord) -> None:
    at = (record.partition, record.offset)
    seen.take(record.topic, at, record.timestamp, record.headers, record.value)


def _formats(hub: Context) -> dict[str, str]:
    """In which form each registered department is answered."""
    formats: dict[str, str] = {}
    prefix = f"{REGISTRY_DEPARTMENT}:".encode()

    def take(record: LogRecord) -> None:
        if record.key and record.key.startswith(prefix) and record.value:
            entry = json.loads(record.value)
            formats[entry["dept"]] = entry.get("out_format", "JSON")

    with hub.admin() as admin:
        spans = spans_of(admin, [CTL_REGISTRY])
    scan(hub, spans, take, "reading the registry")
    return formats


def _impacts(
    change: Change, seen: Seen, formats: dict[str, str], catalogue: Catalogue
) -> list[Impact]:
    if change.type in INBOUND:
        return senders_impact(change.schema, seen.of(change.type), catalogue)
    return readers_impact(change.schema, change.type, formats, catalogue)


def _json(change: Change, impacts: list[Impact]) -> dict[str, Any]:
    return {
        "file": change.file,
        "type": change.type,
        "level": change.level.value,
        "level_broken": list(change.broken),
        "breaks": sorted({one.dept for one in impacts if one.breaks}),
        "departments": [
            asdict(one) | {"last_at": instant_json(one.last_at_ms if one.last else None)}
            for one in impacts
        ],
    }


def _show(hub: Context, found: list[tuple[Change, list[Impact]]], records: int) -> None:
    if not found:
        hub.show("Nothing differs from what is released: nobody would notice.")
        return
    for change, impacts in found:
        shown = table(
            "department", "sends or reads", "#records", "last seen", "verdict", title=change.type
        )
        for one in impacts:
            how = one.encoding if one.schema_id is None else f"AVRO, schema {one.schema_id}"
            verdict = "; ".join(one.breaks) if one.breaks else "goes on as before"
            at = instant(one.last_at_ms) if one.last else None
            style = "red" if one.breaks else None
            row(shown, one.dept, how, one.records, at, verdict, style=style)
        hub.show(shown)
        for text in change.broken:
            hub.show(f"{change.level.value} does not hold: {text}")
        broken = sorted({one.dept for one in impacts if one.breaks})
        hub.show(
            f"{change.type}: breaks {len(broken)} of {len({one.dept for one in impacts})} "
            f"departments{': ' + ', '.join(broken) if broken else ''}"
        )
    hub.note(f"{records:,} of the newest events looked at.")
