"""Which pages are there, and what does each show? Looks are shared by all screens."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from connectors.console.due.ledgers import watched_sites
from connectors.console.systems.site_acts import SitesSeen
from connectors.console.terminal.screen import SHANGHAI
from connectors.dashboard.alarms import alarms_of, listed, worst
from connectors.dashboard.comparing import Compared
from connectors.dashboard.due import WAYS
from connectors.dashboard.figures import statistics_blocks
from connectors.dashboard.looks import Look, Seen
from connectors.dashboard.operations import Operations
from connectors.dashboard.sheets import Asked, Block, Sheet
from schemas.statistics_view import StatsView

YEARS_KEPT = 4


class Board:
    """All that is looked at, and the pages that live by it."""

    def __init__(
        self,
        operations: Operations,
        threads: Executor,
        clock: Callable[[], float],
        name_of: Callable[[str], str],
    ) -> None:
        self.operations = operations
        self._name_of = name_of

        self._years: dict[int, Look[StatsView]] = {}

        def look(ask: Callable[[], Any], fresh_s: float) -> Look[Any]:
            return Look(ask, threads, clock, fresh_s=fresh_s)

        self._look = look

        self.pictures = look(operations.pictures, 1.0)
        self.sites = look(operations.sites, 2.0)
        self.letters = look(operations.letters, 5.0)
        self.actions = look(operations.actions, 5.0)
        self.deadlines = look(operations.deadlines, 15.0)
        self.in_force = look(operations.in_force, 30.0)

    def changed(self) -> None:
        """An operator changed something: what was seen before is no longer so."""
        for one in (self.pictures, self.sites, self.letters, self.actions, self.deadlines):
            one.forget()

    async def state(self) -> Block:
        """The one look: is anything wrong? It stands on top of every page."""
        pictures, sites = await self.pictures.get(), await self.sites.get()
        letters = await self.letters.get()
        faults = list(dict.fromkeys(one.fault for one in (pictures, sites, letters) if one.fault))
        seen_ms = sites.value.now_ms if sites.value else 0

        def values() -> dict[str, Any]:
            compared = self._compared(sites)
            alarms = alarms_of(
                pictures.value or (None, None), sites.value, letters.value, faults, compared,
                seen_ms, self._name_of,
            )  # fmt: skip
            return {
                "level": int(worst(alarms)), "alarms": (shown := listed(alarms)),
                "more": len(alarms) - len(shown), "seen_ms": seen_ms,
            }  # fmt: skip

        return Block("state", values)

    async def overview(self, asked: Asked) -> Sheet:
        """Everything at one look: stages, deadlines, sites, dead letters."""
        pictures, sites, letters = (
            await self.pictures.get(), await self.sites.get(), await self.letters.get(),
        )  # fmt: skip
        picture = pictures.value[0] if pictures.value else None
        blocks = [
            Block("stages", lambda: {"picture": picture}, "stages"),
            Block("backlog", lambda: {"picture": picture}, "deadlines_by_day", wide=False),
            Block("letters_short", lambda: {"seen": letters}, "letters", wide=False),
            self._sites_block(sites),
            Block("partitions", lambda: {"picture": picture}, "partitions", wide=False),
            Block("canary", lambda: {"picture": picture}, "canary", wide=False),
        ]
        stamp = stamp_of(pictures, sites, letters) + self.operations.comparisons.stamp
        return Sheet("overview", blocks, stamp)

    async def deadlines_page(self, asked: Asked) -> Sheet:
        """What is due by day, by place or by department; will it be in time; what if?"""
        by = asked.query.get("by", "day")
        by = by if by in WAYS else "day"
        seen = await self.deadlines.get()
        blocks = [
            Block("due", lambda: {"seen": seen, "by": by}, "deadlines_by_day"),
            Block("outlook", lambda: {"due": seen.value}, "outlook"),
            Block("cases_due", lambda: {"seen": seen, "by": by}, "cases", wide=False),
            what_if_block(asked, self.site_codes),
            Block("urgent", lambda: {"seen": seen}),
        ]
        return Sheet("deadlines", blocks, stamp_of(seen), {"by": by})

    async def sites_page(self, asked: Asked) -> Sheet:
        """All publicity systems."""
        seen, done = await self.sites.get(), await self.actions.get()
        blocks = [
            self._sites_block(seen),
            Block("log", lambda: {"seen": done, "site": None}, "log"),
        ]
        return Sheet("sites", blocks, stamp_of(seen, done) + self.operations.comparisons.stamp)

    async def departments_page(self, asked: Asked) -> Sheet:
        """What each department publishes, and how well."""
        seen = await self.pictures.get()
        found = seen.value[1] if seen.value else None
        values = {"found": found, "name_of": self._name_of}
        blocks = [Block("departments", lambda: values, "departments")]
        return Sheet("departments", blocks, stamp_of(seen))

    async def letters_page(self, asked: Asked) -> Sheet:
        """All dead letters, by cause."""
        seen = await self.letters.get()
        return Sheet(
            "letters", [Block("letters", lambda: {"seen": seen}, "letters")], stamp_of(seen)
        )

    async def policy_page(self, asked: Asked) -> Sheet:
        """Which numbers and which days hold."""
        seen = await self.in_force.get()
        blocks = [
            Block("policy", lambda: {"seen": seen}, "policy"),
            Block("calendar", lambda: {"seen": seen}, "calendar"),
        ]
        return Sheet("policy", blocks, stamp_of(seen))

    async def log_page(self, asked: Asked) -> Sheet:
        """What operators did."""
        seen = await self.actions.get()
        block = Block("log", lambda: {"seen": seen, "site": None}, "log")
        return Sheet("log", [block], stamp_of(seen))

    async def statistics_page(self, asked: Asked) -> Sheet:
        """The five indicators and all counts of a year (art. 6, 19)."""
        year = _year(asked)
        seen = await self._statistics(year).get()
        form = Block("year", lambda: {"seen": seen, "year": year}, live=False)
        blocks = [] if seen.value is None else statistics_blocks(seen.value, asked)
        return Sheet("statistics", [form, *blocks], stamp_of(seen), {"year": str(year)})

    def _statistics(self, year: int) -> Look[StatsView]:
        """The look at a year; only the last few that were asked for are kept."""
        if year not in self._years:
            while len(self._years) >= YEARS_KEPT:
                self._years.pop(next(iter(self._years)))
            self._years[year] = self._look(partial(self.operations.statistics, year), 10.0)
        return self._years[year]

    async def site_page(self, asked: Asked) -> Sheet:
        """One publicity system, and what was done to it."""
        site = asked.query.get("site", "")
        seen, done = await self.sites.get(), await self.actions.get()
        blocks = [
            self._sites_block(_only(seen, site)),
            Block("compared", lambda: {"one": self._compared(seen).get(site)}),
            Block("log", lambda: {"seen": done, "site": site}, "log"),
        ]
        stamp = stamp_of(seen, done) + self.operations.comparisons.stamp
        return Sheet("site", blocks, stamp, {"site": site})

    async def bare(self, asked: Asked) -> Sheet:
        """Of a page that is made once: nothing but the one look above it."""
        return Sheet("bare", [])

    def _sites_block(self, seen: Seen[SitesSeen]) -> Block:
        return Block("sites", lambda: {"seen": seen, "compared": self._compared(seen)}, "sites")

    def _compared(self, seen: Seen[SitesSeen]) -> dict[str, Compared]:
        """The newest comparison of each site."""
        return self.operations.comparisons.newest(seen.value.ledgers if seen.value else {})

    @property
    def site_codes(self) -> tuple[str, ...]:
        """The sites that are delivered to."""
        return watched_sites(self.operations.hub.settings)


def what_if_block(asked: Asked, sites: Sequence[str]) -> Block:
    """The form that asks what happens if a site stays away."""
    given = {name: asked.query.get(name, "") for name in ("down", "until", "by")}
    return Block("what_if", lambda: {"sites": sites, **given}, "what_if", wide=False, live=False)


def _year(asked: Asked) -> int:
    """The year that is asked for; this one if none is."""
    text = asked.query.get("year", "")
    this = datetime.fromtimestamp(asked.now_ms / 1000, SHANGHAI).year
    return int(text) if re.fullmatch(r"20\d\d", text) else this


def stamp_of(*seen: Seen[Any]) -> tuple[object, ...]:
    """When each of these was seen last."""
    return tuple(one.at for one in seen)


def _only(seen: Seen[SitesSeen], site: str) -> Seen[SitesSeen]:
    if seen.value is None:
        return seen
    ledgers = {site: seen.value.ledgers[site]} if site in seen.value.ledgers else {}
    return replace(seen, value=replace(seen.value, ledgers=ledgers))


VIEWS: dict[str, Callable[[Board, Asked], Awaitable[Sheet]]] = {
    "overview": Board.overview,
    "deadlines": Board.deadlines_page,
    "sites": Board.sites_page,
    "departments": Board.departments_page,
    "letters": Board.letters_page,
    "statistics": Board.statistics_page,
    "policy": Board.policy_page,
    "log": Board.log_page,
    "site": Board.site_page,
    "bare": Board.bare,
}
"""Pages that live: each is made again while somebody looks at it."""
