"""Is this the approval that an urgent inspection had still to get?

Source: semantics §3 row 0; art. 15 (补办手续).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.audit.days import as_day, instant_ms, plus_working_days, said_of_days, shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.ladder import RETROACTIVE, content_digest, reason
from connectors.audit.policies import Policy
from connectors.audit.state import Fact, Task


def approved_afterwards(entry: Entry, task: Task, digest: str, policy: Policy) -> list[Fact] | None:
    """The facts of a task that is sent again for its approval's sake; None if it is not."""
    task_id, approval = task.task_id, entry.data.get("approval")
    if task.approved_as:
        return [{"fact": "REPEATED", "task_id": task_id}] if task.approved_as == digest else None
    if not task.awaits_approval or not approval or approval.get("mode") != RETROACTIVE:
        return None
    given = [name for name in ("no", "by", "at") if approval.get(name)]
    if "at" not in given and digest == task.digest:
        return None
    if task.digest not in _digests_before(entry.dept, entry.data, approval):
        return None
    if len(given) < 3:
        why = [reason("APPROVAL_INCOMPLETE")]
        return [{"fact": "NOTED", "task_id": task_id, "outcome": "REFUSED", "reasons": why}]
    last = plus_working_days(
        as_day(entry.data["planned_on"]), policy.urgent_approval_days, said_of_days(entry.findings)
    )
    late = last is not None and shanghai_day(approval["at"]) > last
    return [
        {
            "fact": "APPROVAL",
            "task_id": task_id,
            "digest": digest,
            "at": instant_ms(approval["at"]),
            "doubts": [reason("APPROVED_TOO_LATE")] if late else [],
        }
    ]


def _digests_before(dept: str, data: Mapping[str, Any], approval: Mapping[str, Any]) -> set[str]:
    """The task's digests as they may have been before number and approver were known."""
    without: list[dict[str, None]] = [{}, {"no": None}, {"by": None}, {"no": None, "by": None}]
    return {
        content_digest(dept, {**data, "approval": {**approval, **lacking}}) for lacking in without
    }
