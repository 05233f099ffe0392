"""What is said of a visit that would be decided otherwise by now, or is not filled in as it should?

Source: semantics §7; art. 3, 14, 16.
"""

from __future__ import annotations

import hashlib
from datetime import date

from connectors.audit.caps import is_exempt
from connectors.audit.days import shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.ladder import VALID, Reasons, reason
from connectors.audit.policies import Policy
from connectors.audit.state import ISSUED, Enterprise, Task


def doubts_of_entry(entry: Entry, state: Enterprise, policy: Policy) -> Reasons:
    """What changed between the decision and the day on which officers came (art. 3, 14)."""
    task, day = state.tasks.get(entry.data["task_id"]), shanghai_day(entry.data["at"])
    found: Reasons = []
    if task is not None and task.decision == ISSUED:
        exempt = is_exempt(task.trigger, task.evidence, policy.exempt)
        if task.mode == "ONSITE" and not exempt:
            found += _whitelisted_since(entry, state, task, day)
        last = task.certified_until
        if last is not None and last < day:
            found.append(reason("CERTIFICATE_ENDED", last.isoformat()))
    left_out = entry.findings.get("left_out") or 0
    is_judged = task is not None and task.decision == ISSUED and left_out > 0
    untold = [reason("NOT_ALL_COMPARED", str(left_out))] if is_judged else []
    return found + _of_officers(entry, task) + untold


def _whitelisted_since(entry: Entry, state: Enterprise, task: Task, day: date) -> Reasons:
    """The enterprise, then the items of the task that are on the whitelist on the day (art. 3)."""
    found = [reason("WHITELISTED_SINCE")] if state.is_whitelisted(day) else []
    listed = entry.findings.get("whitelisted_items") or ()
    return found + [reason("ITEM_WHITELISTED_SINCE", one) for one in listed if one in task.items]


def _of_officers(entry: Entry, task: Task | None) -> Reasons:
    """Who came without a valid certificate: of those named, else of the task's own (art. 14)."""
    said = {row["cert_no"]: row["standing"] for row in entry.findings.get("officers") or ()}
    came = set(said)
    if not entry.data.get("officers"):
        own = task.officers if task is not None and task.decision == ISSUED else ()
        marked = {row["mark"]: row["standing"] for row in entry.findings.get("lapsed") or ()}
        told = [(number, marked.get(_mark(number), VALID)) for number in own]
        said |= {number: standing for number, standing in told if standing != VALID}
        came = set(own)
    return [
        reason(f"OFFICER_{standing}", number)
        for number, standing in said.items()
        if standing != VALID and number in came
    ]


def _mark(number: str) -> str:
    """What the findings know a certificate by: the head of its SHA-256."""
    return hashlib.sha256(number.encode("utf-8")).hexdigest()[:16]


def doubts_of_result(entry: Entry) -> Reasons:
    """Points beyond the standards of the items, and points that are missing (art. 16)."""
    said = (("POINT_UNKNOWN", "points_unknown"), ("POINT_MISSING", "points_missing"))
    return [reason(code, point) for code, name in said for point in entry.findings.get(name) or ()]
