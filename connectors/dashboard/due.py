"""What of all that is due goes on a screen? Grouped once a look, not once a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.console.due.outlook import Findings
from connectors.console.due.repairs import CaseGroup, group_cases, with_held
from connectors.console.due.stops import Stop, StopGroup, group_stops
from schemas.oversight import CaseView

WAYS = ("day", "site", "dept")
LISTED_MAX = 100


@dataclass(frozen=True, slots=True)
class Due:
    """All that is due. `groups` and `cases` by each of `WAYS`; `urgent` are the first of `open`."""

    found: Findings
    groups: Mapping[str, Sequence[StopGroup]]
    cases: Mapping[str, Sequence[CaseGroup]]
    held: Sequence[CaseView]
    urgent: Sequence[Stop]
    open: int


def due_of(found: Findings) -> Due:
    """What a screen shows of what was found."""
    waiting = [one for one in found.stops if one.waits_on]
    return Due(
        found,
        {way: group_stops(found.stops, way, found.now_ms) for way in WAYS},
        {way: group_cases(found.cases, way, found.now_ms) for way in ("day", "dept")},
        with_held(found.cases),
        waiting[:LISTED_MAX],
        len(waiting),
    )
