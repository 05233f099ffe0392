"""Which dead letters wait, and how are they sent again? For the command line and the dashboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.console.context import Context
from connectors.console.dead_letters.letters import Letter, LetterGroup, Wanted, group, read_letters
from connectors.console.dead_letters.replay_plan import ReplayPlan, Shipment, plan_replay
from connectors.console.dead_letters.replays import read_marks, send_again, settle
from connectors.console.systems.operator_log import write_down
from connectors.console.terminal.screen import progress
from schemas.operator import Action, MarkState

NAMED_MAX = 100
"""So many causes are named on record; a replay of everything may have thousands."""


@dataclass(frozen=True, slots=True)
class LettersSeen:
    """Dead letters by cause, and records of their topics that are none."""

    groups: Sequence[LetterGroup]
    strange: Sequence[Letter]

    @property
    def waiting(self) -> int:
        """How many were not sent in again."""
        return sum(one.waiting for one in self.groups)


def look_at_letters(hub: Context, wanted: Wanted) -> LettersSeen:
    """The dead letters that are asked for, by cause; the largest group first."""
    letters = read_letters(hub, wanted)
    groups = group(letters, sent_ids(hub))
    return LettersSeen(groups, [letter for letter in letters if letter.cause is None])


def sent_ids(hub: Context) -> frozenset[str]:
    """Ids of the letters that were sent again."""
    with hub.admin() as admin:
        marks = read_marks(hub, admin).values()
    return frozenset(mark.letter for mark in marks if mark.state is MarkState.SENT)


def plan_for(hub: Context, wanted: Wanted, *, force: bool) -> ReplayPlan:
    """What a replay of these letters would do. Sends nothing."""
    letters = read_letters(hub, wanted)
    with hub.admin() as admin:
        sent = settle(hub, admin, read_marks(hub, admin))
        return plan_replay(letters, admin.partition_counts(), sent, force=force)


def carry_out(hub: Context, plan: ReplayPlan, why: str, by: str | None) -> None:
    """Send what a plan would send, with who and why on record; nothing if it sends nothing."""
    if not plan.shipments:
        return
    write_down(hub, "", Action.REPLAY, why, by, _causes(plan.shipments))
    with progress(hub.err, "sending again", len(plan.shipments)) as bar:
        send_again(hub, plan.shipments, why, bar.at)


def _causes(shipments: Sequence[Shipment]) -> list[str]:
    counts = Counter(
        f"{cause.stage} {cause.reason} {cause.fingerprint}"
        for one in shipments
        if (cause := one.letter.cause) is not None
    )
    named = [f"{name}: {count}" for name, count in counts.most_common(NAMED_MAX)]
    more = len(counts) - len(named)
    return [*named, f"{more} more causes"] if more else named
