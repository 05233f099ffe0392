"""What of a task is on the whitelist (art. 3)?"""

from __future__ import annotations

from datetime import date

from schemas.decision import Reason
from streams.rules.case import Case
from streams.rules.state import WhitelistState


def is_listed(place: WhitelistState | None, day: int) -> bool:
    """Whether an enterprise is on the whitelist on a day, given as an ordinal.

    Source: art. 3.
    """
    return place is not None and place.listed and place.from_ <= day <= (place.until or day)


def is_listed_throughout(place: WhitelistState | None, first: date, last: date) -> bool:
    """Whether an enterprise is on the whitelist on each of these days: none is left for a visit.

    Its place is one span of days, so that the ends tell. A first day after the last counts as it.

    Source: art. 3.
    """
    ends = (min(first, last).toordinal(), last.toordinal())
    return all(is_listed(place, day) for day in ends)


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
