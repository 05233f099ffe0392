"""What of a task is on the whitelist (art. 3)?"""

from __future__ import annotations

from schemas.decision import Reason
from streams.rules.case import Case
from streams.rules.state import WhitelistState


def is_listed(place: WhitelistState | None, day: int) -> bool:
    """Whether an enterprise is on the whitelist on a day, given as an ordinal.

    Source: art. 3.
    """
    return place is not None and place.listed and place.from_ <= day <= (place.until or day)


def on_the_whitelist(case: Case) -> tuple[Reason, ...]:
    """What of a task is on the whitelist on its day: the enterprise, items. Mostly nothing.

    Source: art. 3.
    """
    listed, items = case.state.whitelist, case.findings.whitelisted_items
    if listed is None and not items:
        return ()
    reasons = []
    if is_listed(listed, case.visit.task.day):
        reasons.append(Reason(code="SUBJECT_WHITELISTED"))
    reasons += [Reason(code="ITEM_WHITELISTED", about=item) for item in items]
    return tuple(reasons)
