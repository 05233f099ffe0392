"""Which department leads a joint inspection, and why? An ordered rule; the first ground decides.

Source: art. 1 (the industry's competent department leads; the initiator of a joint field), art. 2
(the platform names the lead); docs/semantics.md §13.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.enums import LeadGround
from schemas.regions import district_of
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.joint.state import PartState

Parts = Sequence[PartState]


class Asked(NamedTuple):
    """What the grounds ask about: all members, the enterprise's industry, the policy in force."""

    members: Parts
    industry: str
    policy: CompiledPolicy


Narrow = Callable[[Parts, Asked], Parts]


def competent(parts: Parts, asked: Asked) -> Parts:
    """Members of the line of business that is competent for the enterprise's industry.

    Source: art. 1 (行业主管部门牵头).
    """
    systems = {
        system
        for prefixes, system in asked.policy.competent
        if asked.industry and asked.industry.startswith(prefixes)
    }
    return [part for part in parts if part.system in systems]


def initiates(parts: Parts, asked: Asked) -> Parts:
    """Members of a line of business that initiates an entry of the list of joint inspections.

    An entry matches if at least two of all members bring items of it.

    Source: art. 1 (全市部门联合抽查事项清单), art. 16 (发起部门).
    """
    systems = {
        system
        for items, system in asked.policy.initiators
        if sum(not items.isdisjoint(part.items) for part in asked.members) > 1
    }
    return [part for part in parts if part.system in systems]


def most_items(parts: Parts, _asked: Asked) -> Parts:
    """Members that bring the most items."""
    most = max(len(part.items) for part in parts)
    return [part for part in parts if len(part.items) == most]


def first_code(parts: Parts, _asked: Asked) -> Parts:
    """The member whose code comes first: the same for everybody who asks."""
    return [min(parts, key=lambda part: part.dept)]


GROUNDS: tuple[tuple[LeadGround, Narrow], ...] = (
    (LeadGround.COMPETENT, competent),
    (LeadGround.INITIATOR, initiates),
    (LeadGround.MOST_ITEMS, most_items),
    (LeadGround.CODE_ORDER, first_code),
)
"""In this order. A ground that holds for none leaves all; the first that leaves one decides."""


def lead_of(members: Parts, industry: str, policy: CompiledPolicy) -> tuple[str, LeadGround]:
    """The department that leads, and the ground that decided.

    Args:
        members: What each of them brings; at least one.
        industry: The enterprise's; empty if unknown.
        policy: Whose competences and list of joint inspections are in force.
    """
    if len(members) == 1:
        return members[0].dept, LeadGround.ONLY
    parts, asked = members, Asked(members, industry, policy)
    for ground, narrow in GROUNDS:
        parts = narrow(parts, asked) or parts
        if len(parts) == 1:
            return parts[0].dept, ground
    raise ValueError("the lead rule has no last ground: its last one must leave one member")


def group_of(quarter: str, lead: str, members: Sequence[str], region: str) -> str:
    """The name that joint tasks share which are planned together.

    Those of one quarter with the same lead, the same members and in the same district.

    Source: art. 2 (the lead organises the joint inspections).
    """
    district = district_of(region) or region
    content = [quarter, lead, sorted(members), district]
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(written.encode()).hexdigest()[:12]
    return f"{quarter}-{lead}-{digest}"
