"""What does the dashboard look at, and what can be done from it? All of it by the console's code.

Everything here may wait for broker or Redis: it runs in threads beside the gateway's loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from io import StringIO

from rich.console import Console

from connectors.console.context import CommandError, Context
from connectors.console.dead_letters.letter_acts import (
    LettersSeen,
    carry_out,
    look_at_letters,
    plan_for,
)
from connectors.console.dead_letters.letters import Wanted
from connectors.console.dead_letters.replay_plan import ReplayPlan
from connectors.console.due.ledgers import known_site
from connectors.console.due.looker import Looker
from connectors.console.due.outlook import WhatIf
from connectors.console.registries.calendar import calendar_now, kept_calendar
from connectors.console.registries.policy import Published, published
from connectors.console.rules_port import OversightRules
from connectors.console.stories.case import find_case
from connectors.console.stories.case_view import Case
from connectors.console.systems.nightly_look import as_kept
from connectors.console.systems.operator_log import actions, write_down
from connectors.console.systems.reconcile import compare_site
from connectors.console.systems.site_acts import (
    SitesSeen,
    look_at_sites,
    pause_site,
    refused_names,
    requeue,
    resume_site,
)
from connectors.console.terminal.moments import now_ms
from connectors.console.traffic.logs import spans_of
from connectors.dashboard.comparing import Comparisons
from connectors.dashboard.due import Due, due_of
from connectors.kafka_admin import Position
from connectors.statistics.file import FILE_NAME
from connectors.statistics.view import NoStatisticsError, read_view
from connectors.watch.store import Pictures, read_pictures_now
from schemas.calendar_entries import KeptCalendar
from schemas.operator import Action, OperatorAction
from schemas.settings import Settings
from schemas.statistics_view import StatsView
from schemas.statistics_view import Wanted as Period
from schemas.topics import OPERATOR, REPLAYS, STAGES, dlq_topic


@dataclass(frozen=True, slots=True)
class InForce:
    """Which numbers and which days hold. `policies`: all that were published, the last in force."""

    policies: list[Published]
    calendar: KeptCalendar


@dataclass(slots=True)
class Operations:
    """One hub, as operators see it and act on it."""

    hub: Context
    rules: OversightRules
    comparisons: Comparisons = field(init=False)
    _looker: Looker | None = None
    _letters: tuple[dict[Position, tuple[int, int]], LettersSeen] | None = None
    _actions: tuple[dict[Position, tuple[int, int]], list[OperatorAction]] = field(
        default_factory=lambda: ({}, [])
    )

    def __post_init__(self) -> None:
        self.comparisons = Comparisons(
            lambda site: as_kept(compare_site(self.hub, site, self.rules, each=False)), now_ms
        )

    def pictures(self) -> Pictures:
        """What the watch saw last."""
        with self.hub.redis() as client:
            return read_pictures_now(client)

    def sites(self) -> SitesSeen:
        """Breaker, lanes, pause and last answers of every site."""
        return look_at_sites(self.hub)

    def deadlines(self) -> Due:
        """All that is due, with whose it is."""
        calendar = calendar_now(self.hub)
        if self._looker is None:
            self._looker = Looker(self.hub, self.rules, calendar, "dept")
        self._looker.calendar = calendar
        return due_of(self._looker.findings())

    def what_if(self, down: WhatIf) -> Due:
        """The same, supposing that a site stays away until a moment."""
        looker = Looker(self.hub, self.rules, calendar_now(self.hub), "dept")
        looker.what_if = lambda _: down
        return due_of(looker.findings())

    def letters(self) -> LettersSeen:
        """All dead letters by cause; read again only if there are others."""
        with self.hub.admin() as admin:
            spans = spans_of(admin, [*map(dlq_topic, STAGES), REPLAYS])
        if self._letters is None or self._letters[0] != spans:
            self._letters = spans, look_at_letters(self.hub, Wanted())
        return self._letters[1]

    def plan(self, cause: str, *, force: bool) -> ReplayPlan:
        """What a replay of all letters of a cause would do; sends nothing."""
        return plan_for(self.hub, Wanted(fingerprints=frozenset({cause})), force=force)

    def case(self, name: str, uscc: str | None) -> Case:
        """A case by result, repair, task or credit code."""
        return find_case(self.hub, self.rules, name, uscc)[0]

    def in_force(self) -> InForce:
        """Policy and calendar."""
        with self.hub.admin() as admin:
            policies = published(self.hub, admin)
        return InForce(policies, kept_calendar(self.hub))

    def statistics(self, year: int) -> StatsView:
        """The statistics of a year, as far as they are counted.

        Raises:
            CommandError: nothing was counted, or by another release.
        """
        try:
            return read_view(self.hub.settings.statistics / FILE_NAME, Period(year=year))
        except NoStatisticsError as cause:
            raise CommandError(str(cause)) from cause

    def actions(self) -> list[OperatorAction]:
        """What operators did, the last first."""
        with self.hub.admin() as admin:
            spans = spans_of(admin, [OPERATOR])
        if self._actions[0] != spans:
            self._actions = spans, actions(self.hub, None)[::-1]
        return self._actions[1]

    def pause(self, site: str, reason: str, by: str) -> None:
        """Park a site."""
        pause_site(self.hub, site, reason, by)

    def resume(self, site: str, reason: str, by: str) -> None:
        """End a pause."""
        resume_site(self.hub, site, reason, by)

    def requeue(self, site: str, reason: str, by: str) -> int:
        """Try everything that a site refused once more; how many."""
        return requeue(self.hub, self.rules, site, refused_names(self.hub, site), reason, by)

    def compare(self, site: str, reason: str, by: str) -> None:
        """Begin to compare a system with its ledger; changes nothing, but asks it for much."""
        write_down(self.hub, known_site(site), Action.PROBE, reason, by)
        self.comparisons.begin(site)

    def replay(self, cause: str, reason: str, by: str, *, force: bool) -> int:
        """Send all letters of a cause again; how many went."""
        plan = self.plan(cause, force=force)
        carry_out(self.hub, plan, reason, by)
        return len(plan.shipments)


def operations(settings: Settings, addresses: tuple[str, str], rules: OversightRules) -> Operations:
    """The hub at these addresses (broker, Redis), for a process without a terminal."""
    at = {"broker": addresses[0], "redis_url": addresses[1]}
    nowhere = Console(file=StringIO(), quiet=True)
    hub = Context(settings.model_copy(update=at))
    return Operations(replace(hub, out=nowhere, err=nowhere), rules)
