"""May a department submit tasks under a special inspection, as it stood when they came in?

Intake asks the entry that decide put on the registry topic, and writes the answer down.

Source: art. 4, 5; docs/decisions/0031-special.md.
"""

from __future__ import annotations

from schemas.registry import RegistrySpecial
from schemas.special_words import ClaimStatus, SpecialStanding, SpecialStatus

_OF_STATUS = {
    SpecialStatus.PROPOSED: SpecialStanding.NOT_AGREED,
    SpecialStatus.CLOSED: SpecialStanding.CLOSED,
}
_OF_CLAIM = {
    ClaimStatus.CLAIMED: SpecialStanding.VALID,
    ClaimStatus.WAITING: SpecialStanding.NOT_CLAIMED,
    ClaimStatus.OVERDUE: SpecialStanding.NOT_CLAIMED,
    ClaimStatus.REFUSED: SpecialStanding.REFUSED,
}


def special_standing(special: RegistrySpecial | None, dept: str) -> SpecialStanding:
    """Whether the special inspection allows this department's tasks.

    Source: art. 4 (filed with approval), 5 (those who plan it, and those who claimed it).
    """
    if special is None:
        return SpecialStanding.UNKNOWN
    if special.status in _OF_STATUS:
        return _OF_STATUS[special.status]
    for party in special.parties:
        if party.dept == dept:
            return _OF_CLAIM[party.status]
    return SpecialStanding.VALID if dept in special.planners else SpecialStanding.NOT_A_PARTY
