"""How are the sites, and what may an operator do to one? For the command line and the dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.console.context import CommandError, Context, Exit
from connectors.console.due.ledgers import (
    FOR_EVER_MS,
    Ledgers,
    SiteLedger,
    feed_ends,
    known_site,
    watched_sites,
    with_ledgers,
)
from connectors.console.registries.calendar import calendar_now
from connectors.console.rules_port import OversightRules
from connectors.console.systems.operator_log import write_down
from connectors.console.systems.receipts_tail import LastAnswers, last_answers
from connectors.console.terminal.moments import now_ms
from schemas.operator import Action


@dataclass(frozen=True, slots=True)
class SitesSeen:
    """All sites that are delivered to, as they were at a moment (Unix milliseconds)."""

    now_ms: int
    ledgers: Mapping[str, SiteLedger]
    last: Mapping[str, LastAnswers]


def look_at_sites(hub: Context) -> SitesSeen:
    """Breaker, lanes, pause and last answers of every site that is watched."""
    codes = watched_sites(hub.settings)
    with hub.admin() as admin:
        ends = feed_ends(admin, codes)
        last = {code: last_answers(hub, admin, code) for code in codes}
    ledgers = with_ledgers(hub, codes, lambda all_: all_.heads(ends))
    return SitesSeen(now_ms(), ledgers, last)


def pause_site(hub: Context, site: str, reason: str, by: str | None) -> None:
    """Park a site, with the reason on record: nothing is sent to it, nothing is dropped."""
    one = write_down(hub, known_site(site), Action.PAUSE, reason, by)
    with_ledgers(hub, [site], lambda all_: all_.of[site].pause(one.reason, one.by, one.at))


def resume_site(hub: Context, site: str, reason: str, by: str | None) -> None:
    """End a pause, with the reason on record.

    Raises:
        CommandError: the site is not paused.
    """
    known_site(site)
    if with_ledgers(hub, [site], lambda all_: all_.of[site].paused()) is None:
        raise CommandError(f"{site} is not paused")
    write_down(hub, site, Action.RESUME, reason, by)
    with_ledgers(hub, [site], lambda all_: all_.of[site].resume())


def requeue(
    hub: Context,
    rules: OversightRules,
    site: str,
    names: Sequence[str],
    reason: str,
    by: str | None,
) -> int:
    """Put refused entries back into their lanes, with the reason on record; how many moved."""
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

    return with_ledgers(hub, [site], move)


def refused_names(
    hub: Context, site: str, result: str | None = None, uscc: str | None = None
) -> list[str]:
    """Names of the refused entries that are meant; all of the site if nothing narrows it.

    Raises:
        CommandError: there is none, or one result id means several.
    """

    async def read(ledgers: Ledgers) -> list[str]:
        (names,) = await ledgers.of[site].due(["rejected"], FOR_EVER_MS, FOR_EVER_MS)
        return names

    names = with_ledgers(hub, [known_site(site)], read)
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
