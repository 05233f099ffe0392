"""What follows from a result, its correction, and an order to stop or resume its disclosure?

Source: semantics §9; art. 5, 9, 13.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors.audit.days import as_day, instant_ms
from connectors.audit.decode import Entry
from connectors.audit.events import noted
from connectors.audit.policies import Policy
from connectors.audit.results import (
    AFTER,
    BOTH,
    DISCLOSED,
    MASK,
    REPAIR_APPROVED,
    RESULT_WITHDRAWN,
    Ground,
    Result,
    disclosure,
    kept,
    make_ground,
    without,
)
from connectors.audit.state import Enterprise, Fact
from connectors.audit.wire import HUB, REGISTRY

_ANYBODYS = frozenset({REGISTRY, HUB})


def followed_by_disclosure(entry: Entry, state: Enterprise, completed: Fact) -> list[Fact]:
    """The facts of a completed result: what is published is disclosed (art. 5)."""
    publish = bool(entry.data.get("publish"))
    known = state.results.get(entry.data["result_id"])
    if known is not None and known.content is not None:
        if known.dept != entry.dept:
            return [completed]
        if publish:
            fresh = replace(known, content=content(entry, known.dept), publish=True)
            return [completed, disclosure(fresh, "RESULT")]
        return [completed]
    grounds = known.grounds if known else ()
    fresh = Result(
        entry.data["result_id"],
        entry.dept,
        content(entry, entry.dept),
        publish,
        grounds=_own_grounds(grounds, entry.dept),
    )
    if publish:
        return [completed, disclosure(fresh, "RESULT")]
    return [{**completed, AFTER: fresh}]


def content(entry: Entry, dept: str) -> dict[str, Any]:
    """What is said of a result, whoever shows it."""
    data = entry.data
    return {
        "task_id": data["task_id"],
        "dept": dept,
        "inspected_on": as_day(data["inspected_on"]).isoformat(),
        "outcomes": sorted(set(data.get("outcomes") or ())),
        "found_problem": bool(data.get("found_problem")),
        "negative": bool(data.get("negative")),
        "entity_name": (entry.findings.get("subject") or {}).get("name") or "",
        "follow_up": data.get("follow_up"),
    }


def _own_grounds(grounds: tuple[Ground, ...], dept: str) -> tuple[Ground, ...]:
    """What waited for a result and was set by its department; of one name, the first."""
    found: dict[str, Ground] = {}
    for ground in grounds:
        if ground.dept in {dept, *_ANYBODYS}:
            found.setdefault(ground.name, ground)
    return tuple(found.values())


def corrected(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`inspection.result.corrected`: a new version everywhere the old one went."""
    known = state.results.get(entry.data["result_id"])
    if known is None or known.content is None:
        return [noted(None, "REFUSED", "UNKNOWN_RESULT")]
    if entry.dept not in (known.dept, HUB):
        return [noted(None, "REFUSED", "OTHER_DEPARTMENT")]
    new, publish = content(entry, known.dept), bool(entry.data["publish"])
    if (new, publish) == (known.content, known.publish):
        return [noted(None, "REPEATED")]
    at_ms = said_ms(entry, "corrected_at")
    if known.corrected_ms is not None and at_ms < known.corrected_ms:
        return [noted(None, "REPEATED", "OLDER")]
    fresh = replace(known, content=new, publish=publish, corrected_ms=at_ms)
    if publish:
        return [disclosure(fresh, "CORRECTED")]
    if not known.is_public:
        fact = {"fact": "RESULT_KEPT", "result_id": known.result_id, "dept": known.dept}
        return [{**fact, "content": new, AFTER: fresh}]
    name = f"order:{RESULT_WITHDRAWN}"
    if known.ground(name) is None:
        said = (None, at_ms)
        ground = make_ground(name, entry.dept, RESULT_WITHDRAWN, BOTH, said)
        fresh = replace(fresh, grounds=(*known.grounds, ground))
    return [disclosure(fresh, "CORRECTED")]


def stopped(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`disclosure.stop.ordered`: a stop for any reason but a repair (art. 13)."""
    data = entry.data
    result_id, reason = data["result_id"], data["stop_reason"]
    known = state.results.get(result_id) or Result(result_id)
    is_known = known.content is not None
    if reason == REPAIR_APPROVED:
        return [noted(None, "REFUSED", "NEEDS_REPAIR")]
    if is_known and not known.is_public:
        return [noted(None, "REFUSED", "NOT_DISCLOSED")]
    if is_known and entry.dept not in {known.dept, *_ANYBODYS}:
        return [noted(None, "REFUSED", "OTHER_DEPARTMENT")]
    name = f"order:{reason}"
    if _stands(known, name, entry.dept):
        return [noted(None, "REPEATED")]
    said = (data.get("decision_no"), said_ms(entry, "ordered_at"))
    ground = make_ground(name, entry.dept, reason, data.get("scope") or BOTH, said)
    fresh = replace(known, grounds=(*known.grounds, ground))
    return [disclosure(fresh, "ORDERED") if is_known else kept(fresh, entry.dept, ground)]


def _stands(known: Result, name: str, dept: str) -> bool:
    """Whether a ground stands already. What waits may be dropped: only an own one counts there."""
    if known.content is not None:
        return known.ground(name) is not None
    return any(g.name == name and g.dept in {dept, *_ANYBODYS} for g in known.grounds)


def resumed(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`disclosure.resume.ordered`: only a temporary mask can be taken off again."""
    data = entry.data
    known = state.results.get(data["result_id"])
    if data["stop_reason"] != MASK:
        return [noted(None, "REFUSED", "NOT_REVERSIBLE")]
    is_known = known is not None and known.content is not None
    if known is not None and is_known and entry.dept not in {known.dept, *_ANYBODYS}:
        return [noted(None, "REFUSED", "OTHER_DEPARTMENT")]
    name = f"order:{MASK}"
    if known is None or not (is_known or _stands(known, name, entry.dept)):
        return [noted(None, "REFUSED", "NOT_STOPPED")]
    if known.ground(name) is None:
        return [noted(None, "REFUSED", "NOT_STOPPED")]
    fresh = replace(known, grounds=without(known.grounds, name))
    return [disclosure(fresh, "RESUMED") if known.is_public else kept(fresh, entry.dept, None)]


def said_ms(entry: Entry, name: str) -> int:
    """An instant of an event, Unix milliseconds; left out it is the event's own time."""
    return instant_ms(entry.data.get(name) or entry.time)


def is_shown(result: Result) -> bool:
    """Whether the hub's public list and the sites show it."""
    return result.is_public and result.state == DISCLOSED
