"""From a special inspection's list to a department's tasks, over HTTP (art. 5, 6); no HTTP in here.

The tasks are the department's own events, judged and stored like any other's, under the ids that
`hub special tasks` gives them: whoever asks, and however often, each task is made once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError
from redis.exceptions import RedisError

from connectors.departments.gateway.intake.acceptance import Outcome, Taken
from connectors.departments.gateway.intake.receipts import receipt_id
from connectors.departments.gateway.parts import SHANGHAI, Parts
from connectors.departments.gateway.planning.special_answers import TaskRow, TasksAsked, TasksShown
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.auth import Principal
from connectors.specials.tasks import (
    Listed,
    Made,
    NoTasksError,
    Row,
    Share,
    Wish,
    check_standing,
    rows,
)
from schemas.codec import encode_json
from schemas.desk import Admitted, Posted, SpecialHere
from schemas.envelope import Envelope, write_headers
from schemas.inbound import TaskSubmitted
from schemas.malformed import from_validation
from schemas.messages import TASK_SUBMITTED
from schemas.special_words import SPECIAL_PREFIX
from schemas.topics import in_topic

_AT_ONCE = 200


class SpecialTasksDesk:
    """Carries out what departments ask about special inspections."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def tasks(
        self, who: Principal, special_id: str, asked: TasksAsked, *, dry_run: bool
    ) -> TasksShown:
        """Submit a task for each object of the list in the department's territory.

        Raises:
            Problem: the special inspection is not this department's, or no task can be made of it;
                or broker or view do not answer: the same again goes on where this ended.
        """
        made = await self._rows(who.dept, special_id, asked)
        wanted = [one.task for one in made if one.task is not None]
        sent: dict[str, Outcome] = {}
        if not dry_run:
            self._parts.events_rate.take(who.dept, max(1, len(wanted)))
            for at in range(0, len(wanted), _AT_ONCE):
                sent |= await self._send(who, wanted[at : at + _AT_ONCE])
        told = [_row(one, sent) for one in made]
        submitted = len(wanted) if dry_run else sum(
            isinstance(one, Taken) and not one.duplicate for one in sent.values()
        )  # fmt: skip
        return TasksShown(
            special_id=special_id, dry_run=dry_run, submitted=submitted, objects=told
        )  # fmt: skip

    async def _rows(self, dept: str, special_id: str, asked: TasksAsked) -> list[Row]:
        desk = self._parts.desk
        # A claim that was answered a moment ago must stand before tasks are made under it.
        await self._parts.acceptance.level()
        here = await self._here(special_id)
        if here.standing is None or not _is_of(here, dept):
            raise Problem(Why.NOT_FOUND, field="special_id")
        shares = tuple(Share(one.district, one.officers, one.items) for one in asked.by_district)
        wish = Wish(
            dept=dept, items=asked.items, officers=asked.officers, days=asked.days,
            mode=asked.mode, approval=asked.approval, again=asked.again, shares=shares,
        )  # fmt: skip
        try:
            check_standing(here.standing, special_id, dept)
            listed = await self._listed(special_id, here)
            subjects = desk.subjects(listed.objects)
            return rows(listed, wish, desk.department_region(dept), subjects)
        except NoTasksError as why:
            raise Problem(Why.NO_TASKS, str(why), field="special_id") from None
        except ValidationError as error:
            raise from_validation(error) from None

    async def _here(self, special_id: str) -> SpecialHere:
        key = SPECIAL_PREFIX + special_id
        try:
            state = await self._parts.view.state(self._parts.desk.partition(key), key)
        except RedisError:
            raise Problem(Why.VIEW_AWAY) from None
        return self._parts.desk.special(special_id, state)

    async def _listed(self, special_id: str, here: SpecialHere) -> Listed:
        if not here.objects:
            raise NoTasksError(f"{special_id} has no list of objects: tasks are submitted singly")
        filed = None if here.filed_at is None else await self._parts.cases.filing(*here.filed_at)
        if filed is None or filed.special_id != special_id:
            # The list is in the view; by whom it was approved only the journal says.
            raise Problem(Why.BROKER_AWAY, "the filing cannot be read now", retry_after_s=5)
        made = [Made(*one) for one in here.made]
        return Listed(
            special_id, here.objects, filed.deployed_by_superior, filed.starts_on, filed.ends_on,
            filed.approval, made,
        )  # fmt: skip

    async def _send(self, who: Principal, tasks: Sequence[TaskSubmitted]) -> dict[str, Outcome]:
        """One outcome a task. Who asks in the same moment as another may have to ask twice."""
        outcomes = await self._attempt(who, tasks)
        again = [one for one in tasks if _is_reused(outcomes[one.task_id])]
        if again:
            outcomes |= await self._attempt(who, again)
        return outcomes

    async def _attempt(self, who: Principal, tasks: Sequence[TaskSubmitted]) -> dict[str, Outcome]:
        known = await asyncio.gather(*(self._first_at(who.dept, one) for one in tasks))
        now_ms = int(self._parts.now().timestamp() * 1000)
        outcomes: dict[str, Outcome] = {}
        admitted: list[tuple[Posted, Admitted]] = []
        for task, at_ms in zip(tasks, known, strict=True):
            try:
                admitted.append(await self._admit(who, task, at_ms or now_ms))
            except Problem as why:
                outcomes[task.task_id] = why
        sent = [one for one in tasks if one.task_id not in outcomes]
        for task, outcome in zip(sent, await self._parts.acceptance.take(admitted), strict=True):
            if isinstance(outcome, Problem) and not _is_reused(outcome):
                raise outcome
            outcomes[task.task_id] = outcome
        return outcomes

    async def _first_at(self, dept: str, task: TaskSubmitted) -> int | None:
        """When this task was first asked for here: the same event again has the same time."""
        try:
            claim = await self._parts.receipts.find(dept, receipt_id(dept, _event_id(task)))
        except RedisError:
            raise Problem(Why.VIEW_AWAY) from None
        return None if claim is None else claim.at_ms

    async def _admit(
        self, who: Principal, task: TaskSubmitted, at_ms: int
    ) -> tuple[Posted, Admitted]:
        time = datetime.fromtimestamp(at_ms / 1000, SHANGHAI).isoformat(timespec="milliseconds")
        envelope = Envelope(_event_id(task), who.dept, TASK_SUBMITTED, time)
        key, headers = task.uscc.encode() if task.uscc else None, write_headers(envelope)
        posted = Posted(in_topic(who.dept), at_ms, encode_json(task), headers, key)
        return posted, await self._parts.acceptance.admit(who, envelope, posted)


def _event_id(task: TaskSubmitted) -> str:
    """As `hub special tasks` names the event."""
    return f"{TASK_SUBMITTED}:{task.task_id}"


def _is_of(here: SpecialHere, dept: str) -> bool:
    standing = here.standing
    return standing is not None and (
        dept in standing.planners or dept in {one.dept for one in standing.parties}
    )


def _is_reused(outcome: Outcome) -> bool:
    return isinstance(outcome, Problem) and outcome.reason is Why.ID_REUSED


def _row(one: Row, sent: dict[str, Outcome]) -> TaskRow:
    if one.task is None:
        return TaskRow(uscc=one.uscc, task_id=None, planned_on=None, not_submitted=one.why)
    outcome = sent.get(one.task.task_id)
    why = None
    if isinstance(outcome, Problem):
        reused = _is_reused(outcome)
        why = f"ASKED_OTHERWISE {one.task.task_id}" if reused else outcome.reason.value
    return TaskRow(
        uscc=one.uscc,
        task_id=one.task.task_id,
        planned_on=one.task.planned_on,
        duplicate=isinstance(outcome, Taken) and outcome.duplicate,
        not_submitted=why,
    )
