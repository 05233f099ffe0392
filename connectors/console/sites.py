"""How are the publicity systems, and what may an operator do to one? `hub sites …`."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.console.calendar import calendar_now
from connectors.console.command import command, default
from connectors.console.context import CommandError, Context, Exit
from connectors.console.ledgers import (
    FOR_EVER_MS,
    Ledgers,
    feed_ends,
    known_site,
    watched_sites,
    with_ledgers,
)
from connectors.console.moments import now_ms
from connectors.console.operator_log import By, Reason, actions, write_down
from connectors.console.probe import probe_site
from connectors.console.receipts_tail import last_answers
from connectors.console.rules_port import OversightRules
from connectors.console.sites_view import actions_table, probe_card, sites_picture
from connectors.console.watching import EVERY_S, Every, Picture, Watch, present
from schemas.operator import Action

SiteCode = Annotated[str, typer.Argument(metavar="SITE")]
OneSite = Annotated[str | None, typer.Argument(metavar="SITE", help="Only of this one.")]
ResultId = Annotated[str | None, typer.Argument(metavar="RESULT")]
Uscc = Annotated[str | None, typer.Option("--uscc", help="Whose, if two enterprises have it.")]
Why = Annotated[str, typer.Option("--reason", help="Why; stays on record.")]
All = Annotated[bool, typer.Option("--all", help="Everything that this site refused.")]


def register(app: typer.Typer, rules: OversightRules) -> None:
    """Add `sites` and what can be done to one."""
    group = typer.Typer()
    default(group)(sites)
    command(group, "pause")(pause)
    command(group, "resume")(resume)
    command(group, "log")(show_log)

    def probe(hub: Context, site: SiteCode, *, reason: Why = "a look", by: By = None) -> None:
        """Ask a system how one result stands there, and read its public page. Changes nothing."""
        write_down(hub, known_site(site), Action.PROBE, reason, by)
        found = probe_site(hub, site, rules)
        if hub.json:
            hub.emit(found.document())
        else:
            hub.show(probe_card(found))
        if not found.answered:
            raise typer.Exit(Exit.FOUND)

    def requeue(
        hub: Context,
        site: SiteCode,
        result: ResultId = None,
        *,
        reason: Reason,
        by: By = None,
        uscc: Uscc = None,
        every: All = False,
    ) -> None:
        """Try what a system refused once more, now that the cause was put right.

        The same bytes go again: what is wrong with them is put right by a correction of the result.
        """
        if (result is None) != every:
            raise CommandError("name a RESULT, or --all", Exit.USAGE)
        names = _refused(hub, known_site(site), result, uscc)
        write_down(hub, site, Action.REQUEUE, reason, by, names)

        async def move(ledgers: Ledgers) -> int:
            heads = await ledgers.heads()
            await ledgers.fill(heads, names, rules, calendar_now(hub), now_ms())
            entries, moved = heads[site].entries, 0
            for lane, stops in (("stop", True), ("disclose", False)):
                some = [name for name, one in entries.items() if one.stops is stops]
                if some:
                    moved += await ledgers.of[site].try_again(lane, some, now_ms())
            return moved

        moved = with_ledgers(hub, [site], move)
        if hub.json:
            hub.emit({"site": site, "requeued": moved})
        else:
            hub.show(f"{moved:,} refused entries of {site} will be tried again at once")

    command(group, "probe")(probe)
    command(group, "requeue")(requeue)
    app.add_typer(group, name="sites")


def sites(hub: Context, *, watch: Watch = False, every: Every = EVERY_S) -> None:
    """Show the publicity systems: breaker, what waits, what was refused, when they last answered.

    Ends with 1 if a system is held by its breaker or refused something.
    """
    present(hub, lambda: _look(hub), every if watch else None)


def pause(hub: Context, site: SiteCode, *, reason: Reason, by: By = None) -> None:
    """Park a site: nothing is sent to it until it is resumed; nothing is dropped."""
    one = write_down(hub, known_site(site), Action.PAUSE, reason, by)
    with_ledgers(hub, [site], lambda all_: all_.of[site].pause(one.reason, one.by, one.at))
    _say(hub, site, f"{site} is paused; clocks run on: see `hub deadlines`", paused=True)


def resume(hub: Context, site: SiteCode, *, reason: Reason, by: By = None) -> None:
    """End a pause; what waits is sent at once, stops first."""
    known_site(site)
    if with_ledgers(hub, [site], lambda all_: all_.of[site].paused()) is None:
        raise CommandError(f"{site} is not paused")
    write_down(hub, site, Action.RESUME, reason, by)
    with_ledgers(hub, [site], lambda all_: all_.of[site].resume())
    _say(hub, site, f"{site} is resumed", paused=False)


def show_log(hub: Context, site: OneSite = None) -> None:
    """Show what operators did to sites: who, when, why."""
    found = actions(hub, known_site(site) if site else None)
    if hub.json:
        hub.emit({"actions": [one.model_dump(mode="json") for one in found]})
    elif found:
        hub.show(actions_table(found))
    else:
        hub.show("Nothing was done to any site by hand.")


def _look(hub: Context) -> Picture:
    codes = watched_sites(hub.settings)
    with hub.admin() as admin:
        ends = feed_ends(admin, codes)
        last = {code: last_answers(hub, admin, code) for code in codes}
    ledgers = with_ledgers(hub, codes, lambda all_: all_.heads(ends))
    return sites_picture(ledgers, last, now_ms())


def _refused(hub: Context, site: str, result: str | None, uscc: str | None) -> list[str]:
    """Names of the refused entries that are meant."""

    async def read(ledgers: Ledgers) -> list[str]:
        (names,) = await ledgers.of[site].due(["rejected"], FOR_EVER_MS, FOR_EVER_MS)
        return names

    names = with_ledgers(hub, [site], read)
    if result is not None:
        names = [name for name in names if name.partition("\x1f")[2] == result]
    if uscc is not None:
        names = [name for name in names if name.partition("\x1f")[0] == uscc]
    if not names:
        raise CommandError(f"{site} has refused nothing{f' of {result}' if result else ''}")
    if result is not None and len(names) > 1:
        codes = ", ".join(name.partition("\x1f")[0] for name in names)
        raise CommandError(f"{len(names)} enterprises have {result}: --uscc {codes}", Exit.USAGE)
    return names


def _say(hub: Context, site: str, text: str, *, paused: bool) -> None:
    if hub.json:
        hub.emit({"site": site, "paused": paused})
    else:
        hub.show(text)
