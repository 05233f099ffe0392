"""What does an officer see and do? Tasks of his own department only; no HTML in here (art. 7-10).

What he does is an event of his department, judged and stored like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from pydantic import BaseModel

from connectors.departments.gateway.audit import PersonalReads
from connectors.departments.gateway.intake.cases import Case
from connectors.departments.gateway.intake.lookups import officers_of
from connectors.departments.gateway.intake.view import AGENDA_MAX
from connectors.departments.gateway.people.officer_session import Officer
from connectors.departments.gateway.people.page_kit import Kit
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.auth import Principal
from schemas.codec import encode_json
from schemas.decision import DecisionMade
from schemas.desk import JointToPlan, OfficerShown, Posted, TaskStanding
from schemas.envelope import Envelope, write_headers
from schemas.inbound import ResultRecorded
from schemas.topics import in_topic
from schemas.visits import VisitShown

JOINTS_MAX = 200
"""Joint tasks of a quarter that are looked at for a page."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the department. `made` None: it was never submitted, only inspected."""

    uscc: str
    standing: TaskStanding
    made: DecisionMade | None


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint task for which the department has still to plan its part."""

    uscc: str
    joint: JointToPlan


class OfficerDesk:
    """Answers officers and carries out what they press."""

    def __init__(self, kit: Kit, reads: PersonalReads) -> None:
        self.kit = kit
        self._reads = reads

    async def agenda(self, dept: str, day: date) -> list[Task]:
        """The department's tasks of a day, at most `AGENDA_MAX` of them."""
        parts = self.kit.parts
        names = await parts.view.agenda(dept, day.isoformat(), parts.desk.partitions)
        found = await asyncio.gather(*(self._task(*name) for name in names[:AGENDA_MAX]))
        # A task that took place on another day stands under both.
        return [one for one in found if one is not None and one.standing.day == day]

    async def joints(self, dept: str, day: date) -> list[Joint]:
        """Joint tasks of the day's quarter that the department must still plan, by day.

        At most `JOINTS_MAX` are looked at: a page is no list for planning, `hub joints` is.
        """
        parts = self.kit.parts
        names = await parts.view.agenda(dept, parts.desk.quarter(day), parts.desk.partitions)
        states = await asyncio.gather(
            *(parts.view.state(parts.desk.partition(uscc), uscc) for uscc, _ in names[:JOINTS_MAX])
        )
        found = [
            Joint(uscc, joint)
            for (uscc, joint_id), state in zip(names, states, strict=False)
            if (joint := parts.desk.joint_to_plan(joint_id, dept, state)) is not None
        ]
        return sorted(found, key=lambda one: (str(one.joint.day or one.joint.proposed), one.uscc))

    async def task(self, dept: str, uscc: str, task_id: str) -> tuple[Task, bytes | None]:
        """One task, and the state it was read from.

        Raises:
            Problem: there is none, or it is another department's.
        """
        parts = self.kit.parts
        key = parts.desk.credit_code(uscc)
        if key is None:
            raise Problem(Why.NOT_FOUND, field="uscc")
        state = await parts.view.state(parts.desk.partition(key), key)
        task = await self._task(key, task_id)
        if task is None or task.standing.dept != dept:
            raise Problem(Why.NOT_FOUND, field="task")
        return task, state

    async def case(self, task: Task) -> Case | None:
        """All that is known of a task's code; None if it has none."""
        read = self.kit.parts.desk.read_code(task.standing.code or "")
        if read is None:
            return None
        return await self.kit.parts.cases.by_code(read, task.standing.dept)

    def officers(self, who: Officer, case: Case) -> tuple[OfficerShown, ...]:
        """The officers of a case by their certificates; that they were read is put on record."""
        found = officers_of(self.kit.parts, case)
        self._reads.record(
            field="officer.cert_no", reader=f"{who.dept} {who.cert_no}", about=case.made.task_id,
            count=len(found),
        )  # fmt: skip
        return found

    async def recorded(
        self, task: Task, state: bytes | None
    ) -> tuple[VisitShown, ResultRecorded | None] | None:
        """The visit as the enterprise sees it, with its result if the journal can tell."""
        parts = self.kit.parts
        visit = parts.desk.subject(state).visit(task.standing.task_id)
        if visit is None:
            return None
        at = visit.result_at
        if at is None:
            return visit, None
        where = parts.desk.partition(task.uscc)
        return visit, await parts.cases.result(where, at, visit.task_id)

    async def send(self, who: Officer, events: Sequence[tuple[str, BaseModel]]) -> None:
        """Store events in the department's name, all in one go and in their order.

        Raises:
            Problem: one would not be accepted, or they cannot be stored now.
        """
        parts = self.kit.parts
        parts.events_rate.take(who.dept, len(events))
        now = parts.now()
        principal = Principal(who.dept, who.token_id)
        admitted = []
        for type_, data in events:
            time = now.isoformat(timespec="milliseconds")
            envelope = Envelope(f"page-{uuid4()}", who.dept, type_, time)
            posted = Posted(
                in_topic(who.dept), int(now.timestamp() * 1000), encode_json(data),
                write_headers(envelope),
            )  # fmt: skip
            admitted.append((posted, await parts.acceptance.admit(principal, envelope, posted)))
        for outcome in await parts.acceptance.take(admitted):
            if isinstance(outcome, Problem):
                raise outcome
        for type_, _ in events:
            parts.counts.add("officer_pages", type_)

    async def _task(self, uscc: str, task_id: str) -> Task | None:
        found = await self.kit.parts.cases.standing(uscc, task_id)
        if found is None:
            return None
        standing, made = found
        return Task(
            uscc, standing, None if made is None else DecisionMade.model_validate_json(made)
        )
