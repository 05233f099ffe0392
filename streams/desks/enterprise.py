"""What may an enterprise see of itself, and how does what it presses become an event (art. 9, 11)?

Read from its state in the view: there is no other place where pages keep anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from schemas.calendar_file import shipped_calendar
from schemas.enums import Channel, CodeState
from schemas.inbound import RatingSubmitted
from schemas.inbound_repair import Document, RepairApplied, SupplementReceived
from schemas.messages import RATING_SUBMITTED, REPAIR_APPLIED, SUPPLEMENT_RECEIVED
from schemas.oversight import DeliveryView
from schemas.visits import (
    Applied,
    DisclosedShown,
    GroundShown,
    RatingShown,
    RepairShown,
    StandardShown,
    SubjectShown,
    VisitShown,
)
from streams.desks.oversight import Deliveries
from streams.desks.page_records import ENTERPRISE_PAGE, page_record
from streams.desks.registry import DeskRegistry
from streams.policies import PolicyBook
from streams.ports import Outgoing
from streams.rules.calendar import day_at, ms_of
from streams.rules.publicity.grounds import state_of
from streams.rules.publicity.repair_steps import missing_from
from streams.rules.publicity.state import RepairState, ResultState
from streams.rules.ratings import last_rating_day
from streams.rules.state import (
    EMPTY,
    SubjectState,
    TaskState,
    code_state_of,
    decode_state,
    is_live,
    public_of,
)


class EnterpriseDesk:
    """Answers what the pages of enterprises ask (fits gateway.page_ports.EnterpriseDesk)."""

    def __init__(self, registry: DeskRegistry, policies: PolicyBook, partitions: int) -> None:
        self.partitions = partitions
        self._registry = registry
        self._policies = policies
        self._deliveries = Deliveries(shipped_calendar())

    def subject(self, state: bytes | None) -> SubjectShown:
        """All that an enterprise may see of itself."""
        subject = EMPTY if state is None else decode_state(state)
        public = public_of(subject)
        visits = sorted(self._visits(subject), key=lambda one: (str(one.day), one.task_id))
        disclosed = [_disclosed(*one) for one in public.results.items() if one[1].version]
        repairs = [_repair(*one) for one in public.repairs.items()]
        return SubjectShown(
            visits=tuple(reversed(visits)),
            disclosed=tuple(reversed(disclosed)),
            repairs=tuple(reversed(repairs)),
        )

    def department_region(self, dept: str) -> str:
        """Where a department is at home; empty while the registry has none."""
        known = self._registry.departments.get(dept)
        return known.region if known is not None else ""

    def item_standard(self, item: str, day: date, version: int | None) -> StandardShown | None:
        """That version of an item's standard; without one, what is in force on the day (art. 16).

        None: there is no such version, or none has begun.
        """
        return self._registry.item_standard(item, day, version)

    def delivery(self, entry: bytes, attempt: bytes | None, now_ms: int) -> DeliveryView:
        """How far a site is with a result, from its ledger."""
        return self._deliveries.read(entry, attempt, now_ms)

    def rating(self, uscc: str, visit: VisitShown, given: RatingShown, at: datetime) -> Outgoing:
        """The record of a rating (art. 9)."""
        data = RatingSubmitted(
            task_id=visit.task_id, uscc=uscc, dept=visit.dept, stars=given.stars,
            comment=given.comment, at=at,
        )  # fmt: skip
        event = (f"rating:{uscc}:{visit.task_id}:{ms_of(at)}", RATING_SUBMITTED, at)
        return page_record(self._registry, ENTERPRISE_PAGE, uscc, event, data)

    def repair_applied(self, uscc: str, applied: Applied, at: datetime) -> Outgoing:
        """The record of an application for repair (art. 11)."""
        data = RepairApplied(
            repair_id=applied.repair_id, uscc=uscc, result_ids=applied.result_ids,
            channel=Channel.PLATFORM, documents=_documents(applied), applied_at=at,
            dept=applied.dept,
        )  # fmt: skip
        event = (f"repair:{uscc}:{applied.repair_id}", REPAIR_APPLIED, at)
        return page_record(self._registry, ENTERPRISE_PAGE, uscc, event, data)

    def supplement(self, uscc: str, applied: Applied, at: datetime) -> Outgoing:
        """The record of documents handed in later (art. 12)."""
        data = SupplementReceived(
            repair_id=applied.repair_id, uscc=uscc, at=at, documents=_documents(applied)
        )
        event = (f"supplement:{uscc}:{applied.repair_id}:{ms_of(at)}", SUPPLEMENT_RECEIVED, at)
        return page_record(self._registry, ENTERPRISE_PAGE, uscc, event, data)

    def _visits(self, subject: SubjectState) -> Iterator[VisitShown]:
        days = self._rating_days()
        for task_id, task in subject.tasks.items():
            if is_live(task):
                yield _visit(subject, task_id, task, days)

    def _rating_days(self) -> int:
        version = self._registry.policy_version
        return 0 if version is None else self._policies.at_once(version).rating_days


def _visit(subject: SubjectState, task_id: str, task: TaskState, days: int) -> VisitShown:
    rating, state = subject.ratings.get(task_id), code_state_of(task)
    done = state is CodeState.COMPLETED
    return VisitShown(
        task_id=task_id,
        dept=task.dept,
        day=day_at(task.day) if task.day else None,
        items=task.items,
        code_state=state,
        joint_id=task.joint_id,
        result_id=task.result_id,
        result_at=None if task.result_at < 0 else task.result_at,
        rating=None if rating is None else RatingShown(rating.stars, rating.comment, rating.at),
        rate_until=last_rating_day(task, days) if done else None,
    )


def _disclosed(result_id: str, result: ResultState) -> DisclosedShown:
    return DisclosedShown(
        result_id=result_id,
        task_id=result.task_id,
        dept=result.dept,
        inspected_on=day_at(result.inspected_on),
        outcomes=result.outcomes,
        found_problem=result.found_problem,
        negative=result.negative,
        follow_up=result.follow_up,
        version=result.version,
        state=state_of(result.grounds),
        grounds=tuple(
            GroundShown(one.reason, one.decision_no, day_at(one.due_on)) for one in result.grounds
        ),
    )


def _repair(repair_id: str, case: RepairState) -> RepairShown:
    decision, number = case.decisions[-1] if case.decisions else (None, None)
    return RepairShown(
        repair_id=repair_id,
        dept=case.dept,
        status=case.status,
        channel=case.channel,
        result_ids=case.result_ids,
        documents=case.documents,
        missing=missing_from(case.documents),
        applied_ms=case.applied_at,
        accepted_ms=case.accepted_at or 0,
        asked_ms=case.asked,
        received_ms=case.received,
        decision=decision,
        decision_no=number,
        reason=case.reason,
        asked_for=case.asked_for,
        due_on=day_at(case.due_on) if case.due_on else None,
        provisional=case.provisional,
    )


def _documents(applied: Applied) -> tuple[Document, ...]:
    return tuple(
        Document(kind=kind, name=name, sha256=digest) for kind, name, digest in applied.documents
    )
