"""Who leads a joint inspection, by which ground (semantics §13; art. 1, 2)?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.audit.drawn import Part
from connectors.audit.policies import Policy

ONLY = "ONLY"


def lead(parts: Sequence[Part], industry: str, policy: Policy) -> tuple[str, str | None]:
    """The lead of these members and the ground that decided; nobody if there are none."""
    if len(parts) < 2:
        return (parts[0].dept, ONLY) if parts else ("", None)
    fittest: dict[str, Callable[[Part], object]] = {
        "COMPETENT": lambda part: part.system in policy.competent_for(industry),
        "INITIATOR": lambda part: part.system in _initiators(parts, policy),
        "MOST_ITEMS": lambda part: len(part.items),
    }
    still = list(parts)
    for ground, worth in fittest.items():
        # A ground that holds for none is worth the same in all of them: all are left.
        best = max(worth(part) for part in still)  # type: ignore[type-var]  # truth or a number
        still = [part for part in still if worth(part) == best]
        if len(still) == 1:
            return still[0].dept, ground
    return min(part.dept for part in still), "CODE_ORDER"


def _initiators(parts: Sequence[Part], policy: Policy) -> set[str]:
    """Systems that initiate an entry of the joint list to which two of the members contribute."""
    return {
        system
        for listed, system in policy.joint_list
        if len([part for part in parts if listed & set(part.items)]) >= 2
    }
