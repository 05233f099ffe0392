"""On which grounds does a result stand stopped, and what follows from them?

Source: art. 13; docs/semantics.md §9.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.calendar_file import WorkingDays
from schemas.feed import DisclosureState, StopReason, StopScope
from schemas.public_facts import Ground
from streams.rules.calendar import day_at
from streams.rules.deadlines import stop_due
from streams.rules.publicity.state import GroundState, PublicState

HUB = "HUB"
"""The hub itself as a sender: what it sends acts on anything."""
PLATFORM = frozenset({"REGISTRY", HUB})
"""Senders whose orders act on any department's result."""

KEPT_MAX = 200
"""Grounds that wait for results of one enterprise at the same time."""
TOO_MANY_KEPT = "TOO_MANY_KEPT"

_RANK = {reason: number for number, reason in enumerate(StopReason)}
_WITHDRAWING = frozenset({StopReason.RESULT_WITHDRAWN, StopReason.ENTITY_ERROR})


def order_name(reason: StopReason) -> str:
    """The name of a ground that an order or a correction puts."""
    return f"order:{reason.value}"


def repair_name(repair_id: str) -> str:
    """The name of the ground that an approved repair puts."""
    return f"repair:{repair_id}"


def new_ground(
    name: str,
    dept: str,
    said_at: int,
    calendar: WorkingDays,
    *,
    reason: StopReason,
    scope: StopScope = StopScope.PUBLIC_AND_SHARING,
    decision_no: str | None = None,
) -> GroundState:
    """A ground with its due day by a calendar.

    Source: art. 13 (a repair stops both the public pages and the sharing).
    """
    due_on, provisional = stop_due(reason, said_at, calendar)
    return GroundState(
        name, dept, reason, scope, decision_no, said_at, due_on.toordinal(), provisional
    )


def ranked(grounds: Iterable[GroundState]) -> tuple[GroundState, ...]:
    """Grounds with the leading one first.

    Source: docs/semantics.md §9.
    """
    return tuple(sorted(grounds, key=lambda ground: (_RANK[ground.reason], ground.name)))


def state_of(grounds: Iterable[GroundState]) -> DisclosureState:
    """What systems must show of a result on these grounds, which is all that decides it.

    Source: art. 13 (a stop beats every disclosure, whatever comes first).
    """
    reasons = {ground.reason for ground in grounds}
    if not reasons:
        return DisclosureState.DISCLOSED
    return DisclosureState.WITHDRAWN if reasons & _WITHDRAWING else DisclosureState.STOPPED


def named(grounds: Iterable[GroundState], name: str) -> GroundState | None:
    """The ground of a name."""
    return next((ground for ground in grounds if ground.name == name), None)


def room_to_keep(public: PublicState) -> int:
    """How many more grounds may wait for results that are not disclosed.

    Source: docs/semantics.md §9 (what is beyond is refused and told, never dropped unseen).
    """
    return KEPT_MAX - sum(map(len, public.kept.values()))


def taken_over(grounds: Iterable[GroundState], dept: str) -> tuple[GroundState, ...]:
    """What of the grounds kept for a result holds, now that it is known to be a department's.

    Source: art. 12 (who inspects, repairs): what another department asked for is void.
    """
    own: dict[str, GroundState] = {}
    for ground in grounds:
        if ground.dept == dept or ground.dept in PLATFORM:
            known = own.get(ground.name)
            if known is None or ground.said_at > known.said_at:
                own[ground.name] = ground
    return ranked(own.values())


def ground_fact(ground: GroundState) -> Ground:
    """A ground as facts hold it."""
    return Ground(
        name=ground.name,
        dept=ground.dept,
        reason=ground.reason,
        scope=ground.scope,
        decision_no=ground.decision_no,
        said_at=ground.said_at,
        due_on=day_at(ground.due_on),
        provisional=ground.provisional,
    )


def ground_state(ground: Ground) -> GroundState:
    """A ground as the state holds it."""
    return GroundState(
        ground.name,
        ground.dept,
        ground.reason,
        ground.scope,
        ground.decision_no,
        ground.said_at,
        ground.due_on.toordinal(),
        ground.provisional,
    )
