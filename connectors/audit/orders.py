"""What follows from a result, its correction, and an order to stop or resume its disclosure?

Source: semantics §9, §11; art. 5, 9, 13.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from connectors.audit.days import ByHand, as_day, instant_ms, said_of_days
from connectors.audit.decode import Entry
from connectors.audit.events import noted
from connectors.audit.policies import Policy
from connectors.audit.results import (
    BOTH,
    KEPT_MAX,
    MASK,
    REPAIR_APPROVED,
    RESULT_WITHDRAWN,
    Ground,
    Result,
    disclosure,
    kept,
    make_ground,
    no_longer_kept,
    without,
)
from connectors.audit.state import Enterprise, Fact, Known
from connectors.audit.wire import HUB, REGISTRY

_ANYBODYS = frozenset({REGISTRY, HUB})
_MASKED = f"order:{MASK}"


def followed_by_disclosure(entry: Entry, state: Enterprise, completed: Fact) -> list[Fact]:
    """The facts of a completed result: what is published is disclosed (art. 5)."""
    result_id, dept = entry.data["result_id"], completed["dept"]
    known = state.results.get(result_id)
    if not entry.data.get("publish") or (known is not None and known.dept != dept):
        return [completed]
    return [completed, disclosure(_fresh(entry, dept, state, known), "RESULT")]


def _fresh(entry: Entry, dept: str, state: Enterprise, known: Result | None) -> Result:
    """A result with the content that an event gives it. The first takes over what waits for it."""
    said = content(entry, dept)
    if known is not None:
        return replace(known, content=said)
    result_id = entry.data["result_id"]
    return Result(result_id, dept, said, grounds=_own_grounds(state.kept.get(result_id, ()), dept))


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


def _own_grounds(grounds: Iterable[Ground], dept: str) -> tuple[Ground, ...]:
    """What waited for a result and was set by its department; of one name, the one said last."""
    found: dict[str, Ground] = {}
    for ground in grounds:
        if ground.dept in {dept, *_ANYBODYS}:
            other = found.get(ground.name)
            if other is None or ground.said_at > other.said_at:
                found[ground.name] = ground
    return tuple(found.values())


def corrected(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`inspection.result.corrected`: a new version everywhere the old one went."""
    result_id, publish = entry.data["result_id"], entry.data["publish"]
    known = state.result(result_id)
    if known is None:
        return _refused(result_id, "UNKNOWN_RESULT")
    if entry.dept not in {known.dept, *_ANYBODYS}:
        return _refused(result_id, "OTHER_DEPARTMENT")
    before, at_ms = known.disclosed, instant_ms(entry.data["corrected_at"])
    name = f"order:{RESULT_WITHDRAWN}"
    last_ms = state.corrected_ms(result_id)
    if before is None:
        is_known = not publish
    elif publish:
        is_known = before.content == content(entry, known.dept)
    else:
        is_known = before.ground(name) is not None
    if is_known:
        said = _repeated(result_id)
        if last_ms is None or at_ms > last_ms:
            said[0]["at"] = at_ms
        return said
    if last_ms is not None and at_ms < last_ms:
        return _repeated(result_id, "OLDER")
    if before is None:
        return [disclosure(_fresh(entry, known.dept, state, None), "CORRECTED", None, at_ms)]
    if publish:
        return [disclosure(_fresh(entry, known.dept, state, before), "CORRECTED", None, at_ms)]
    ground = make_ground(name, entry.dept, RESULT_WITHDRAWN, BOTH, (None, at_ms), _calendar(entry))
    fresh = replace(before, grounds=(*before.grounds, ground))
    return [disclosure(fresh, "CORRECTED", name, at_ms)]


def stopped(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`disclosure.stop.ordered`: a stop for any reason but a repair (art. 13)."""
    data = entry.data
    result_id, why = data["result_id"], data["stop_reason"]
    known = state.result(result_id)
    bar = "NEEDS_REPAIR" if why == REPAIR_APPROVED else _bar(known, entry)
    if bar:
        return _refused(result_id, bar)
    said = (data.get("decision_no"), _said_ms(entry))
    scope = data.get("scope") or BOTH
    ground = make_ground(f"order:{why}", entry.dept, why, scope, said, _calendar(entry))
    if known is None or known.disclosed is None:
        there = {(g.name, g.dept) for g in state.kept.get(result_id, ())}
        if (ground.name, ground.dept) in there:
            return _repeated(result_id)
        if _was_resumed(state, result_id, ground, {entry.dept}):
            return _repeated(result_id, "OLDER")
        if state.waiting() >= KEPT_MAX:
            return _refused(result_id, "TOO_MANY_KEPT")
        return [kept(result_id, ground)]
    if known.disclosed.ground(ground.name) is not None:
        return _repeated(result_id)
    if _was_resumed(state, result_id, ground, {known.dept, *_ANYBODYS}):
        return _repeated(result_id, "OLDER")
    fresh = replace(known.disclosed, grounds=(*known.disclosed.grounds, ground))
    return [disclosure(fresh, "ORDERED", ground.name)]


def resumed(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`disclosure.resume.ordered`: only a temporary mask can be taken off again."""
    result_id = entry.data["result_id"]
    known = state.result(result_id)
    bar = "NOT_REVERSIBLE" if entry.data["stop_reason"] != MASK else _bar(known, entry)
    if bar:
        return _refused(result_id, bar)
    at_ms = _said_ms(entry)
    before = known.disclosed if known else None
    if before is not None:
        standing = [ground for ground in before.grounds if ground.name == _MASKED]
    else:
        standing = [
            ground
            for ground in state.kept.get(result_id, ())
            if ground.name == _MASKED and (ground.dept == entry.dept or entry.dept in _ANYBODYS)
        ]
    if not standing:
        return _refused(result_id, "NOT_STOPPED")
    if any(at_ms < ground.said_at for ground in standing):
        return _repeated(result_id, "OLDER")
    if before is None:
        return [no_longer_kept(result_id, ground, at_ms) for ground in standing]
    fresh = replace(before, grounds=without(before.grounds, _MASKED))
    return [disclosure(fresh, "RESUMED", _MASKED, at_ms)]


def _bar(known: Known | None, entry: Entry) -> str:
    """Why an order cannot act on a result; empty if it can, or if none is known.

    Source: art. 12 (who inspects, repairs).
    """
    if known is None:
        return ""
    if known.disclosed is None:
        return "NOT_DISCLOSED"
    return "" if entry.dept in {known.dept, *_ANYBODYS} else "OTHER_DEPARTMENT"


def _was_resumed(state: Enterprise, result_id: str, ground: Ground, depts: set[str]) -> bool:
    """Whether a stop is not newer than the order that took it back: a late copy."""
    instants = [state.resumed[result_id, d] for d in depts if (result_id, d) in state.resumed]
    return ground.reason == MASK and bool(instants) and ground.said_at <= max(instants)


def _calendar(entry: Entry) -> ByHand:
    return said_of_days(entry.findings)


def _said_ms(entry: Entry) -> int:
    """The instant of an order, Unix milliseconds; left out it is the event's own time."""
    return instant_ms(entry.data.get("ordered_at") or entry.time)


def _refused(result_id: str, code: str) -> list[Fact]:
    return [{**noted(None, "REFUSED", code), "result_id": result_id}]


def _repeated(result_id: str, *codes: str) -> list[Fact]:
    return [{**noted(None, "REPEATED", *codes), "result_id": result_id}]
