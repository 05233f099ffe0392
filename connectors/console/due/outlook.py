"""What was found out about deadlines? All that `hub deadlines` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connectors.console.due.ledgers import SiteLedger
from connectors.console.due.stops import Stop
from schemas.oversight import CaseView, Forecast


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A site that is supposed to be down until a moment, Unix milliseconds."""

    site: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """A site's backlog and what becomes of it. `rate` None: nothing was carried out of late."""

    ledger: SiteLedger
    forecast: Forecast
    rate: float | None
    down_until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """All that `deadlines` shows.

    `calendar_ends`: the last day that a calendar covers, if that is soon.
    """

    now_ms: int
    by: str
    stops: Sequence[Stop]
    outlooks: Mapping[str, Outlook]
    cases: Sequence[CaseView]
    calendar_ends: date | None = None
