"""Does a system answer? Asked by business id about one result it should know, and looked at."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from connectors.console.context import CommandError, Context, Exit
from connectors.console.due.ledgers import FOR_EVER_MS, Ledgers, with_ledgers
from connectors.console.registries.calendar import calendar_now
from connectors.console.rules_port import OversightRules
from connectors.console.terminal.moments import now_ms
from connectors.sites.table import NotConnectedError, System, open_reader, open_system
from schemas.delivery import Delivery, Observed, Standing, Unavailable
from schemas.feed import DisclosureState
from schemas.oversight import DeliveryView
from schemas.settings import Settings

NOBODY, NOTHING = "91120000MA00000000", "hub-probe"
"""Asked about where the ledger has no entry: a system must say that it does not know it."""
_LANES = ("stop", "prove", "seen", "disclose", "rejected")


@dataclass(frozen=True, slots=True)
class Probe:
    """What a system said. `entry` None: the ledger is empty, it was asked about nothing real."""

    site: str
    entry: DeliveryView | None
    told: Standing | Unavailable | None
    seen: Observed | Unavailable
    took_ms: int

    @property
    def answered(self) -> bool:
        """Both questions were answered."""
        return not isinstance(self.told, Unavailable) and not isinstance(self.seen, Unavailable)

    def document(self) -> dict[str, Any]:
        """The same for scripts."""
        told, seen = self.told, self.seen
        return {
            "site": self.site,
            "answered": self.answered,
            "took_ms": self.took_ms,
            "result_id": self.entry and self.entry.result_id,
            "uscc": self.entry and self.entry.uscc,
            "ours": self.entry and {"version": self.entry.version, "state": self.entry.state},
            "theirs": {"version": told.version, "state": told.state}
            if isinstance(told, Standing)
            else None,
            "shown": seen.shown if isinstance(seen, Observed) else None,
            "errors": [one.reason for one in (told, seen) if isinstance(one, Unavailable)],
        }


def connected(site: str, settings: Settings, *, to_read: bool = False) -> System:
    """The connector of a system; `to_read`: only what it shows the public, which needs no key.

    Raises:
        CommandError: settings of it are missing.
    """
    try:
        return (open_reader if to_read else open_system)(site, settings)
    except NotConnectedError as cause:
        raise CommandError(
            f"{site} cannot be reached from here: {cause}. Set what its deliver worker is told "
            "(the stand-ins of `hub up --stand-ins` are found with the same HUB_DATA_DIR)",
            Exit.USAGE,
        ) from cause


def delivery_of(view: DeliveryView) -> Delivery:
    """An entry in the shape in which systems are asked about it; nothing of it is sent."""
    return Delivery(
        "", view.uscc, view.result_id, view.version, view.state, b"", "", 0, view.due_on
    )


def probe_site(hub: Context, site: str, rules: OversightRules) -> Probe:
    """Ask a system about the most pressing entry of its ledger."""
    system = connected(site, hub.site_settings())

    async def pick(ledgers: Ledgers) -> DeliveryView | None:
        lanes = await ledgers.of[site].due(_LANES, FOR_EVER_MS, 1)
        names = [name for some in lanes for name in some][:1]
        if not names:
            async for page in ledgers.of[site].scan():
                names = [page[0][0]]
                break
        heads = await ledgers.heads()
        await ledgers.fill(heads, names, rules, calendar_now(hub), now_ms())
        return next(iter(heads[site].entries.values()), None)

    entry = with_ledgers(hub, [site], pick)
    return asyncio.run(_ask(system, site, entry))


async def _ask(system: System, site: str, entry: DeliveryView | None) -> Probe:
    one = delivery_of(entry) if entry is not None else _nothing()
    began = time.monotonic()
    try:
        (told,) = await system.ask([one])
        (seen,) = await system.observe([one])
    finally:
        await system.close()
    return Probe(site, entry, told, seen, int((time.monotonic() - began) * 1000))


def _nothing() -> Delivery:
    return Delivery("", NOBODY, NOTHING, 1, DisclosureState.STOPPED, b"", "", 0, None)
