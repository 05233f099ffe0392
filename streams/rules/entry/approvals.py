"""An urgent inspection was approved afterwards: is this the approval of a task that waits for it?

The department sends the task again, with the approval filled in. Nothing else of it may differ, and
what was decided stays as it is.

Source: art. 15 (an urgent inspection is approved afterwards, 补办手续); docs/semantics.md §3 row 0.
"""

from __future__ import annotations

from itertools import product
from typing import cast

from schemas.calendar_entries import with_entries
from schemas.decision import Reason
from schemas.enums import ApprovalMode
from schemas.facts import ApprovalFact, Fact, RepeatedFact
from schemas.inbound import Approval, TaskSubmitted
from schemas.journal import JournalEvent
from streams.rules.calendar import add_working_days, day_of, ms_of
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.content import content_digest
from streams.rules.notes import refused
from streams.rules.state import TaskState

_RETROACTIVE = ApprovalMode.RETROACTIVE_URGENT


def handed_in(
    known: TaskState, event: JournalEvent, digest: str, policy: CompiledPolicy
) -> tuple[Fact, ...]:
    """What follows from a task that is sent again because of its approval; empty if it is not.

    Late is said, never refused: the inspection took place, and its papers belong on record.

    Args:
        known: The task as it stands.
        event: The same task once more.
        digest: Of its content now.
        policy: The one in force.

    Source: art. 15; the policy's `urgent_approval_days`.
    """
    data = cast("TaskSubmitted", event.record.data)
    if known.approval is None:
        return ()
    if known.approval:
        is_same = known.approval.hex() == digest
        return (RepeatedFact(task_id=data.task_id),) if is_same else ()
    approval = data.approval
    if approval is None or approval.mode is not _RETROACTIVE:
        return ()
    is_complete = bool(approval.no and approval.by and approval.at)
    is_news = approval.at is not None or digest != known.digest.hex()
    if not is_news or not _is_that_task(known, event.record.dept, data, approval):
        return ()
    if approval.at is None or not is_complete:
        return refused(data.task_id, "APPROVAL_INCOMPLETE")
    calendar = with_entries(event.record.findings.calendar, policy.calendar)
    days = policy.urgent_approval_days
    due, provisional = add_working_days(data.planned_on, days, calendar)
    is_late = day_of(approval.at) > due and not provisional
    fact = ApprovalFact(
        task_id=data.task_id,
        digest=digest,
        at=ms_of(approval.at),
        doubts=(Reason(code="APPROVED_TOO_LATE"),) if is_late else (),
    )
    return (fact,)


def _is_that_task(known: TaskState, dept: str, data: TaskSubmitted, approval: Approval) -> bool:
    """Whether it is the task that is known, but for what its approval lacked."""
    first = known.digest.hex()
    for no, by in product(dict.fromkeys((None, approval.no)), dict.fromkeys((None, approval.by))):
        before = approval.model_copy(update={"no": no, "by": by})
        if content_digest(dept, data.model_copy(update={"approval": before})) == first:
            return True
    return False
