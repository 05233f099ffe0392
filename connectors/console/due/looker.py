"""Where does what is due come from? From ledgers, public list, repair cases and receipts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.console.context import Context
from connectors.console.due.deadlines_view import picture
from connectors.console.due.ledgers import (
    Ledgers,
    SiteLedger,
    feed_ends,
    watched_sites,
    with_ledgers,
)
from connectors.console.due.outlook import Findings, Outlook, WhatIf
from connectors.console.due.repairs import all_cases, running_cases
from connectors.console.due.stops import Stop, owed_at, public_places, stops_of
from connectors.console.rules_port import OversightRules
from connectors.console.stories.find import partitions
from connectors.console.systems.receipts_tail import HOUR_MS, rate_per_s, receipts_since
from connectors.console.terminal.moments import now_ms
from connectors.console.terminal.watching import Picture
from connectors.kafka_admin import KafkaAdmin
from schemas.calendar_file import CalendarTable
from schemas.oversight import CaseView

CASES_EVERY_S = 60.0
"""While watching, all states are read again only so often."""
_AT_ONCE = 5000


@dataclass(slots=True)
class Looker:
    """Looks at everything once more each time it is called."""

    hub: Context
    rules: OversightRules
    calendar: CalendarTable
    by: str
    rate_per_h: float | None = None
    what_if: Callable[[int], WhatIf | None] = lambda _: None
    _cases: list[CaseView] = field(default_factory=list)
    _cases_at: float = float("-inf")

    def __call__(self) -> Picture:
        """The picture of now."""
        return picture(self.findings())

    def outlooks(self) -> Mapping[str, Outlook]:
        """What becomes of what every site owes; neither public list nor cases are read for it."""
        now = now_ms()
        ledgers, rates, depts = self._ledgers(now)
        return self._outlooks(ledgers, stops_of(ledgers, (), depts), rates, now)

    def findings(self) -> Findings:
        """All that is so now."""
        now, count = now_ms(), partitions(self.hub)
        ledgers, rates, depts = self._ledgers(now)
        names = {name for one in ledgers.values() for name in one.entries}
        with self.hub.redis() as client:
            shown = {
                name
                for key, some in public_places(names, count).items()
                for name, row in zip(some, _many(client, key, some), strict=True)
                if row is not None
            }
            cases = self._all_cases(client, count)
        stops = stops_of(ledgers, shown, depts)
        outlooks = self._outlooks(ledgers, stops, rates, now)
        ends_on = self.rules.calendar_ends(now, self.calendar)
        return Findings(now, self.by, stops, outlooks, cases, ends_on)

    def _ledgers(
        self, now: int
    ) -> tuple[dict[str, SiteLedger], dict[str, float | None], dict[str, str]]:
        """Every site's ledger and rate, and whose its entries are if that is asked."""
        sites = watched_sites(self.hub.settings)
        with self.hub.admin() as admin:
            ends, rates = feed_ends(admin, sites), self._rates(admin, sites, now)
        ledgers, depts = with_ledgers(self.hub, sites, lambda all_: self._read(all_, ends, now))
        return ledgers, rates, depts

    async def _read(
        self, ledgers: Ledgers, ends: Mapping[str, int], now: int
    ) -> tuple[dict[str, SiteLedger], dict[str, str]]:
        heads = await ledgers.heads(ends)
        names = await ledgers.unproven(complete=not any(one.behind for one in heads.values()))
        await ledgers.fill(heads, names, self.rules, self.calendar, now)
        return heads, await ledgers.departments(names) if self.by == "dept" else {}

    def _all_cases(self, client: Any, count: int) -> list[CaseView]:  # noqa: ANN401 - untyped
        rules, calendar = self.rules, self.calendar
        if time.monotonic() - self._cases_at >= CASES_EVERY_S:
            self._cases = all_cases(client, count, rules, calendar)
            self._cases_at = time.monotonic()
            return self._cases
        running = {(c.uscc, c.repair_id): c for c in running_cases(client, count, rules, calendar)}
        others = [c for c in self._cases if (c.uscc, c.repair_id) not in running and not c.due_on]
        return [*running.values(), *others]

    def _rates(self, admin: KafkaAdmin, sites: Sequence[str], now: int) -> dict[str, float | None]:
        """Deliveries a second, as given or measured; None: nothing was carried out of late."""
        if self.rate_per_h is not None:
            return dict.fromkeys(sites, self.rate_per_h / 3600)
        since = now - HOUR_MS
        return {
            site: rate_per_s(receipts_since(self.hub, admin, site, since)) or None for site in sites
        }

    def _outlooks(
        self,
        ledgers: Mapping[str, SiteLedger],
        stops: Sequence[Stop],
        rates: Mapping[str, float | None],
        now: int,
    ) -> dict[str, Outlook]:
        down, found = self.what_if(now), {}
        for site, ledger in ledgers.items():
            until = down.until_ms if down and down.site == site else 0
            told = self.rules.forecast(
                owed_at(stops, site), rates[site] or 0.0, now_ms=now, from_ms=until or now
            )
            found[site] = Outlook(ledger, told, rates[site], until)
        return found


def _many(client: Any, key: str, fields: Sequence[str]) -> list[Any]:  # noqa: ANN401 - untyped
    found: list[Any] = []
    for at in range(0, len(fields), _AT_ONCE):
        found += client.hmget(key, list(fields[at : at + _AT_ONCE]))
    return found
