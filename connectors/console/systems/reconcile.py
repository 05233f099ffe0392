"""Does a system show what its ledger says, no more and no less? `hub reconcile SITE`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.due.ledgers import Ledgers, known_site, with_ledgers
from connectors.console.registries.calendar import calendar_now
from connectors.console.rules_port import OversightRules
from connectors.console.systems.operator_log import By, publish, write_down
from connectors.console.systems.probe import connected
from connectors.console.systems.receipts_tail import last_of_the_hub
from connectors.console.systems.reconcile_look import Comparison, Difference, Kind, Reconciler
from connectors.console.terminal.moments import now_ms
from connectors.console.terminal.screen import row, table
from connectors.sites.public_list import PublicList, public_address
from schemas.operator import Action
from schemas.sites import SITES, Exchange

LONG_S = 3600.0
"""A public list of hundreds of thousands is read in minutes."""
_SHOWN_MAX = 200

Each = Annotated[
    bool, typer.Option("--each", help="Also read every result's own page: finds wrong versions.")
]
Repair = Annotated[
    bool, typer.Option("--repair", help="Put back to owed what is missing or wrong.")
]
Why = Annotated[str | None, typer.Option("--reason", help="With --repair: why; stays on record.")]


def register(app: typer.Typer, rules: OversightRules) -> None:
    """Add `reconcile`."""

    def reconcile(
        hub: Context,
        site: Annotated[str, typer.Argument(metavar="SITE")],
        *,
        each: Each = False,
        repair: Repair = False,
        reason: Why = None,
        by: By = None,
    ) -> None:
        """Compare what a system shows with what its ledger has proof of, both ways.

        Ends with 1 if anything differs or could not be read.
        """
        if repair and not (reason or "").strip():
            raise CommandError("say why, it goes on record: --reason TEXT", Exit.USAGE)
        found = compare_site(hub, known_site(site), rules, each=each)
        again = [one for one in found.differences if one.kind is not Kind.UNKNOWN]
        if repair and again:
            _put_back(hub, site, rules, again, (reason or "").strip(), by)
        put_back = len(again) if repair else 0
        if hub.json:
            hub.emit(_document(site, found, put_back))
        else:
            _show(hub, site, found, put_back)
        if found.differences or found.unclear or found.list_fault:
            raise typer.Exit(Exit.FOUND)

    command(app, "reconcile")(reconcile)


def compare_site(hub: Context, site: str, rules: OversightRules, *, each: bool) -> Comparison:
    """What a system shows against what its ledger has proof of; changes nothing."""
    settings = hub.site_settings()
    system = connected(site, settings, to_read=True)
    calendar = calendar_now(hub)
    public = PublicList(public_address(site, settings))

    async def compare(ledgers: Ledgers) -> Comparison:
        try:
            listed = await public.read()
            look = Reconciler(ledgers, site, system, rules, each=each, calendar=calendar)
            return await look.compare(listed)
        finally:
            await public.close()
            await system.close()

    return with_ledgers(hub, [site], compare, patience_s=LONG_S)


def _put_back(
    hub: Context,
    site: str,
    rules: OversightRules,
    differences: Sequence[Difference],
    reason: str,
    by: str | None,
) -> None:
    """Publish receipts by which these are owed anew; the deliver worker takes them in."""
    names = [one.name for one in differences]
    one = write_down(hub, site, Action.RECONCILE, reason, by, names)

    async def read(ledgers: Ledgers) -> list[tuple[bytes | None, bytes | None]]:
        ledger = ledgers.of[site]
        values = await ledger.values(names) if _takes_itself(site) else [None] * len(names)
        return list(zip(await ledger.entries(names), values, strict=True))

    entries = [
        (entry, value, difference.found)
        for (entry, value), difference in zip(
            with_ledgers(hub, [site], read), differences, strict=True
        )
        if entry is not None
    ]
    with hub.admin() as admin:
        last = last_of_the_hub(hub, admin, site)
    records = rules.owed_again(site, last, entries, f"{one.by}: {reason}", now_ms())
    asyncio.run(publish(hub.bootstrap(), records))


def _show(hub: Context, site: str, found: Comparison, put_back: int) -> None:
    if found.differences:
        headings = ("!DIFFERENCE", "!RESULT", "!CREDIT CODE", "LEDGER SAYS", "SYSTEM")
        shown = table(*headings, fitting=True)
        for one in found.differences[:_SHOWN_MAX]:
            ours = f"v{one.ours.version} {one.ours.state}" if one.ours else "no such result"
            style = "bold red" if one.kind in (Kind.MISSING_STOP, Kind.UNKNOWN) else "yellow"
            row(shown, Text(one.kind, style=style), one.result_id, one.uscc, ours, one.found)
        hub.show(shown)
        if len(found.differences) > _SHOWN_MAX:
            hub.note(f"{len(found.differences) - _SHOWN_MAX:,} more: all of them with --json")
    shown_yet = "" if found.list_fault else f", of which {found.owed_shown:,} stops are still shown"
    hub.show(
        f"{site}: {found.compared - found.unclear:,} compared, {len(found.differences):,} differ; "
        f"{found.owed:,} on their way{shown_yet}"
    )
    if put_back:
        way = "stand on its feed again" if _takes_itself(site) else "will be sent again"
        hub.show(f"{put_back:,} are owed anew and {way}")
    if found.list_fault:
        hub.note(
            f"the list of {site} could not be read ({found.list_fault}): what the ledger does not "
            "know was not looked for, and each result's own page was read instead"
        )
    if found.unclear:
        hub.note(f"{found.unclear:,} pages of {site} did not answer: nothing is known of these")


def _takes_itself(site: str) -> bool:
    return SITES[site].exchange is Exchange.FEED


def _document(site: str, found: Comparison, put_back: int) -> dict[str, object]:
    return {
        "site": site,
        "compared": found.compared - found.unclear,
        "on_their_way": found.owed,
        "stops_still_shown": None if found.list_fault else found.owed_shown,
        "unclear": found.unclear,
        "list_fault": found.list_fault,
        "put_back": put_back,
        "differences": [
            {
                "kind": one.kind,
                "uscc": one.uscc,
                "result_id": one.result_id,
                "ours": one.ours and {"version": one.ours.version, "state": one.ours.state},
                "system": one.found,
            }
            for one in found.differences
        ],
    }
