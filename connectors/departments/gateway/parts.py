"""What is a gateway made of? Put together once, at start; routes only use it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from connectors.departments.gateway.counts import Counts
from connectors.departments.gateway.intake.acceptance import Acceptance
from connectors.departments.gateway.intake.cases import Cases
from connectors.departments.gateway.intake.reading import BodyLimits
from connectors.departments.gateway.intake.receipts import Receipts
from connectors.departments.gateway.intake.view import ViewReader
from connectors.departments.gateway.intake.waiting import Waiting
from connectors.departments.gateway.ports import Control, Desk, Feeds, Publisher
from connectors.departments.gateway.pull.ledger import FeedLedger
from connectors.departments.gateway.ways_in.auth import Doorkeeper
from connectors.departments.gateway.ways_in.quota import InHand, Rate, RememberedRate

SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The running parts.

    Attributes:
        events_rate: events of a department.
        lookups_rate: look-ups of a department or, on pages, of an address.
        now: the instant, in Asia/Shanghai.
        site_doorkeeper: knows publicity systems, and no department.
        stopping: set when the process is about to end; whoever waits is let go.
    """

    desk: Desk
    control: Control
    publisher: Publisher
    view: ViewReader
    cases: Cases
    receipts: Receipts
    acceptance: Acceptance
    waiting: Waiting
    doorkeeper: Doorkeeper
    counts: Counts
    events_rate: RememberedRate
    lookups_rate: Rate
    in_hand: InHand
    now: Callable[[], datetime]
    feeds: Feeds
    feed_ledger: FeedLedger
    site_doorkeeper: Doorkeeper
    stopping: asyncio.Event
    limits: BodyLimits = field(default_factory=BodyLimits)

    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return self.now().date()
