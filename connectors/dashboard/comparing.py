"""Does a system show what its ledger says? Compared by deliver every night, and when somebody asks.

A public list of hundreds of thousands is read in minutes: nobody waits for it, it goes on in a
thread of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from connectors.console.command import failures
from connectors.console.due.ledgers import SiteLedger
from schemas.compared import SiteCompared


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison. `found` None: it is still going on, or failed, and `fault` says why.

    `nightly`: deliver made it by itself.
    """

    began_ms: int
    found: SiteCompared | None = None
    fault: str = ""
    nightly: bool = False

    @property
    def running(self) -> bool:
        """Whether it is still going on."""
        return self.found is None and not self.fault

    @property
    def agrees(self) -> bool:
        """Whether all could be read and nothing differs."""
        return self.found is not None and self.found.agrees


class Comparisons:
    """The last comparison of each site; one at a time of each."""

    def __init__(self, compare: Callable[[str], SiteCompared], now_ms: Callable[[], int]) -> None:
        self._compare = compare
        self._now_ms = now_ms
        self._last: dict[str, Compared] = {}

    @property
    def last(self) -> dict[str, Compared]:
        """The last comparison that was asked for, by site."""
        return dict(self._last)

    def newest(self, ledgers: Mapping[str, SiteLedger]) -> dict[str, Compared]:
        """The newest of each site, asked for or nightly; what never was compared is left out."""
        nightly = {
            site: Compared(one.compared.at_ms, one.compared, nightly=True)
            for site, one in ledgers.items()
            if one.compared is not None
        }
        return max_by_moment(nightly, self._last)

    @property
    def stamp(self) -> tuple[object, ...]:
        """Another one when a comparison has begun or ended."""
        return tuple((site, one.began_ms, one.running) for site, one in self._last.items())

    def begin(self, site: str) -> None:
        """Compare a site; if that is being done already, nothing more happens."""
        before = self._last.get(site)
        if before is not None and before.running:
            return
        self._last[site] = Compared(self._now_ms())
        # It may go on for long, and must not keep the process from ending.
        threading.Thread(target=self._run, args=(site,), daemon=True).start()

    def _run(self, site: str) -> None:
        one = self._last[site]
        try:
            self._last[site] = replace(one, found=self._compare(site))
        except failures() as failure:
            self._last[site] = replace(one, fault=str(failure) or type(failure).__name__)


def max_by_moment(*some: Mapping[str, Compared]) -> dict[str, Compared]:
    """Of each site the comparison that began last."""
    newest: dict[str, Compared] = {}
    for one in some:
        for site, compared in one.items():
            before = newest.get(site)
            if before is None or before.began_ms <= compared.began_ms:
                newest[site] = compared
    return newest
