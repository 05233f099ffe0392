"""Does a system show what its ledger says? Compared when somebody asks, in a thread of its own.

A public list of hundreds of thousands is read in minutes: nobody waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from connectors.console.command import FAILURES
from connectors.console.reconcile_look import Comparison


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison. `found` None: it is still going on, or failed, and `fault` says why."""

    began_ms: int
    found: Comparison | None = None
    fault: str = ""

    @property
    def running(self) -> bool:
        """Whether it is still going on."""
        return self.found is None and not self.fault

    @property
    def agrees(self) -> bool:
        """Whether all could be read and nothing differs."""
        one = self.found
        return one is not None and not (one.differences or one.unclear or one.list_fault)


class Comparisons:
    """The last comparison of each site; one at a time of each."""

    def __init__(self, compare: Callable[[str], Comparison], now_ms: Callable[[], int]) -> None:
        self._compare = compare
        self._now_ms = now_ms
        self._last: dict[str, Compared] = {}

    @property
    def last(self) -> dict[str, Compared]:
        """The last comparison by site; what was never compared is left out."""
        return dict(self._last)

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
        except FAILURES as failure:
            self._last[site] = replace(one, fault=str(failure) or type(failure).__name__)
