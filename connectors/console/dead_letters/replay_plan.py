"""Which dead letters go back, which stay, and why? Decided before anything is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from connectors.console.dead_letters.letters import POLL_PREFIX, Letter
from connectors.partitioner import partition_of
from schemas.dead_letter import DeadLetter
from schemas.reasons import Refusal
from schemas.topics import FEED_PREFIX, JOURNAL

REPLAYS_MAX = 3
"""A letter that came back so often is sent again only by force: something else is wrong."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """One letter on its way back to where it came from."""

    letter: Letter
    topic: str
    partition: int


@dataclass(slots=True)
class ReplayPlan:
    """What a replay would do.

    Attributes:
        shipments: Letters to send, the oldest first.
        held: Ids of the letters that stay, by the reason why.
        sent_before: How many of those asked for were sent again before.
    """

    shipments: list[Shipment] = field(default_factory=list)
    held: dict[str, list[str]] = field(default_factory=dict)
    sent_before: int = 0

    def hold(self, letter: Letter, why: str) -> None:
        """Keep a letter where it is."""
        self.held.setdefault(why, []).append(letter.id)


def plan_replay(
    letters: Iterable[Letter],
    partitions: Mapping[str, int],
    sent: Collection[str],
    *,
    force: bool,
) -> ReplayPlan:
    """Decide for each letter whether it goes, stays, or went before.

    Args:
        letters: Those asked for.
        partitions: How many partitions each topic on the broker has.
        sent: Ids of letters that were sent again before.
        force: Also send those that came back too often.
    """
    plan = ReplayPlan()
    for letter in sorted(letters, key=lambda letter: letter.at_ms):
        cause = letter.cause
        if letter.id in sent:
            plan.sent_before += 1
        elif cause is None:
            plan.hold(letter, f"no dead letter of the hub: {letter.fault}")
        elif why := _in_vain(cause, force=force):
            plan.hold(letter, why)
        elif cause.topic not in partitions:
            plan.hold(letter, f"its topic {cause.topic} is not on the broker")
        elif cause.replay_count >= REPLAYS_MAX and not force:
            plan.hold(
                letter, f"came back {cause.replay_count} times; --force sends it all the same"
            )
        else:
            plan.shipments.append(
                Shipment(letter, cause.topic, _partition(letter, cause, partitions[cause.topic]))
            )
    return plan


def _partition(letter: Letter, cause: DeadLetter, count: int) -> int:
    """Where it came from; in the journal where its enterprise is now: it may have moved."""
    if cause.topic == JOURNAL and letter.key is not None:
        return partition_of(letter.key.decode("utf-8", "backslashreplace"), count)
    return min(cause.partition, count - 1)


def _in_vain(cause: DeadLetter, *, force: bool) -> str | None:
    """Why a letter of deliver does not go back, whatever its topic; None: it may.

    A receipt that nobody asked for may be asked for by now: then it counts.
    """
    if cause.stage != "deliver":
        return None
    if cause.topic.startswith(POLL_PREFIX):
        return "polled, not from a topic: deliver asks the system itself, see `hub case RESULT`"
    if cause.topic.startswith(FEED_PREFIX):
        return "from a feed, where only the newest version may stand last"
    if cause.reason is not Refusal.UNASKED and not force:
        return "the same bytes would be refused again; --force sends them all the same"
    return None
