"""How are the publicity systems, and what may an operator do to one? `hub sites …`."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.console.command import command, default
from connectors.console.context import CommandError, Context, Exit
from connectors.console.due.ledgers import known_site
from connectors.console.rules_port import OversightRules
from connectors.console.systems.operator_log import By, Reason, actions, write_down
from connectors.console.systems.probe import probe_site
from connectors.console.systems.site_acts import (
    look_at_sites,
    pause_site,
    refused_names,
    requeue,
    resume_site,
)
from connectors.console.systems.sites_view import actions_table, probe_card, sites_picture
from connectors.console.terminal.watching import EVERY_S, Every, Picture, Watch, present
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

    def requeue_some(
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
        names = refused_names(hub, site, result, uscc)
        moved = requeue(hub, rules, site, names, reason, by)
        if hub.json:
            hub.emit({"site": site, "requeued": moved})
        else:
            hub.show(f"{moved:,} refused entries of {site} will be tried again at once")

    command(group, "probe")(probe)
    command(group, "requeue")(requeue_some)
    app.add_typer(group, name="sites")


def sites(hub: Context, *, watch: Watch = False, every: Every = EVERY_S) -> None:
    """Show the publicity systems: breaker, what waits, what was refused, when they last answered.

    Ends with 1 if a system is held by its breaker or refused something.
    """
    present(hub, lambda: _look(hub), every if watch else None)


def pause(hub: Context, site: SiteCode, *, reason: Reason, by: By = None) -> None:
    """Park a site: nothing is sent to it until it is resumed; nothing is dropped."""
    pause_site(hub, site, reason, by)
    _say(hub, site, f"{site} is paused; clocks run on: see `hub deadlines`", paused=True)


def resume(hub: Context, site: SiteCode, *, reason: Reason, by: By = None) -> None:
    """End a pause; what waits is sent at once, stops first."""
    resume_site(hub, site, reason, by)
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
    seen = look_at_sites(hub)
    return sites_picture(seen.ledgers, seen.last, seen.now_ms)


def _say(hub: Context, site: str, text: str, *, paused: bool) -> None:
    if hub.json:
        hub.emit({"site": site, "paused": paused})
    else:
        hub.show(text)
