"""Do the departments of one joint inspection check by one standard? `hub registry standards`.

The line of business that initiates a joint field harmonises the standards of its items (art. 16).
What it has not seen, or what two items word differently, is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, NamedTuple

import typer

from connectors.console.context import CommandError, Context, Exit
from connectors.console.registries.policy import published
from connectors.console.terminal.screen import SHANGHAI, row, table
from connectors.console.traffic.logs import LogRecord, scan, spans_of
from schemas.messages import REGISTRY_ITEM
from schemas.policy import JointItem
from schemas.registry import RegistryItem
from schemas.topics import CTL_REGISTRY

On = Annotated[str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="Default: today.")]


class Finding(NamedTuple):
    """What is not as it should be: in which joint field, of which item, and what."""

    field: str
    item: str
    why: str
    about: str


def standards(hub: Context, *, on: On = None) -> None:
    """Show what of joint fields' standards is not harmonised; ends with 1 if anything is not."""
    day = _day(on)
    with hub.admin() as admin:
        policies = published(hub, admin)
        versions: dict[tuple[str, int], RegistryItem] = {}

        def take(record: LogRecord) -> None:
            if record.value and (record.key or b"").startswith(f"{REGISTRY_ITEM}:".encode()):
                entry = RegistryItem.model_validate_json(record.value)
                versions[entry.item, entry.version] = entry

        scan(hub, spans_of(admin, [CTL_REGISTRY]), take, "reading standards")
    fields = policies[-1].document.joint_item if policies else ()
    found = list(findings(fields, in_force(versions.values(), day)))
    if hub.json:
        hub.emit({"fields": len(fields), "findings": [one._asdict() for one in found]})
    elif found:
        shown = table("joint field", "item", "why", "about")
        for one in found:
            row(shown, one.field, one.item, one.why, one.about)
        hub.show(shown)
    else:
        hub.show(f"{len(fields):,} joint fields, all of one standard")
    if found:
        raise typer.Exit(Exit.FOUND)


def in_force(versions: Iterable[RegistryItem], day: date) -> dict[str, RegistryItem]:
    """The version of each item's standard that is in force on a day: the highest that has begun."""
    found: dict[str, RegistryItem] = {}
    for one in versions:
        has_begun = one.valid_from is None or one.valid_from <= day
        if has_begun and (one.item not in found or one.version > found[one.item].version):
            found[one.item] = one
    return found


def findings(
    fields: Iterable[JointItem], standards_of: Mapping[str, RegistryItem]
) -> Iterator[Finding]:
    """What is not harmonised, field by field, item by item (art. 16)."""
    for field in fields:
        titles: dict[str, str] = {}
        for item in field.items:
            entry = standards_of.get(item)
            if entry is None or not entry.points:
                yield Finding(field.id, item, "NO_POINTS", "")
                continue
            if entry.system != field.initiator and entry.harmonised_by != field.initiator:
                yield Finding(field.id, item, "NOT_HARMONISED", f"version {entry.version}")
            for point in entry.points:
                first = titles.setdefault(point.point, point.title)
                if first != point.title:
                    yield Finding(field.id, item, "WORDED_DIFFERENTLY", point.point)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(SHANGHAI).date()
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise CommandError(f"--on {text}: YYYY-MM-DD expected", Exit.USAGE) from wrong
