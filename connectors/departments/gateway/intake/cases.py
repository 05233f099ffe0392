"""What does the hub know of one task: decision, standing, and what was submitted?

The view tells the first two; what was submitted stands in the journal record that the decision
names. Such a record never changes, so it is read once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace

import msgspec
import structlog
from aiokafka.errors import KafkaError
from pydantic import BaseModel

from connectors.departments.gateway.intake.view import ViewReader
from connectors.departments.gateway.ports import Desk, Journal
from schemas.codec import decode_journal
from schemas.decision import DecisionMade
from schemas.desk import CodeRead, TaskStanding
from schemas.enums import CodeState
from schemas.inbound import ResultRecorded, TaskSubmitted
from schemas.inbound_special import SpecialFiled
from schemas.malformed import Malformed

log = structlog.get_logger()

_VOID = frozenset({CodeState.CANCELLED, CodeState.EXPIRED, CodeState.REVOKED})
_REMEMBERED_MAX = 5_000
_READ_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Case:
    """One decided task.

    Attributes:
        state: the enterprise's state, encoded, as it was read together with the rest.
        submitted: what the department asked for; None if the journal cannot tell now.
        together: the other members' cases, where one code stands for a joint visit (art. 7).
    """

    uscc: str
    made: DecisionMade
    made_bytes: bytes
    standing: TaskStanding
    state: bytes | None
    submitted: TaskSubmitted | None
    together: tuple[Case, ...] = ()

    @property
    def everyone(self) -> tuple[Case, ...]:
        """This case and those of the other members of a joint visit."""
        return (self, *self.together)


class Cases:
    """Finds cases."""

    def __init__(self, desk: Desk, view: ViewReader, journal: Journal) -> None:
        self._desk = desk
        self._view = view
        self._journal = journal
        self._read: OrderedDict[tuple[int, int], BaseModel] = OrderedDict()

    async def standing(self, uscc: str, task_id: str) -> tuple[TaskStanding, bytes | None] | None:
        """Where a task stands, and its first decision if it was decided."""
        at = self._desk.partition(uscc)
        state, made = await asyncio.gather(
            self._view.state(at, uscc), self._view.decision(at, uscc, task_id)
        )
        standing = self._desk.standing(task_id, state, uscc)
        return None if standing is None else (standing, made)

    async def by_code(self, read: CodeRead, dept: str | None = None) -> Case | None:
        """The case of an inspection code; None if it was never issued, or the view is not whole.

        A joint code stands for a task of each member: the first live one, or that of `dept` where
        it has one, is the case; the other live ones go with it.
        """
        places = self._desk.partitions_of(read)
        asked = [self._view.task_of_code(place, read.code) for place in places]
        answers = zip(places, await asyncio.gather(*asked), strict=True)
        at, found = next(((place, one) for place, one in answers if one is not None), (0, None))
        if found is None:
            return None
        uscc, task_id = found
        state = await self._view.state(at, uscc)
        names = self._desk.tasks_of_code(read.code, state) or (task_id,)
        cases = await asyncio.gather(*(self._case(at, uscc, n, state) for n in names))
        there = [case for case in cases if case is not None]
        first = next(
            (case for case in there if case.made.dept == dept), there[0] if there else None
        )
        if first is None:
            return None
        others = [one for one in there if one is not first and one.standing.code_state not in _VOID]
        return replace(first, together=tuple(others))

    async def _case(
        self, partition: int, uscc: str, task_id: str, state: bytes | None
    ) -> Case | None:
        made = await self._view.decision(partition, uscc, task_id)
        standing = self._desk.standing(task_id, state, uscc)
        if standing is None or made is None:
            return None
        decision = DecisionMade.model_validate_json(made)
        return Case(uscc, decision, made, standing, state, await self._submitted(decision))

    async def result(self, partition: int, offset: int, task_id: str) -> ResultRecorded | None:
        """What was recorded of a visit, from the journal; None if that cannot be told now."""
        data = await self._data(partition, offset)
        if not isinstance(data, ResultRecorded) or data.task_id != task_id:
            return None
        return data

    async def filing(self, partition: int, offset: int) -> SpecialFiled | None:
        """What was filed of a special inspection; None if that cannot be told now."""
        data = await self._data(partition, offset)
        return data if isinstance(data, SpecialFiled) else None

    async def _submitted(self, made: DecisionMade) -> TaskSubmitted | None:
        data = await self._data(made.source.partition, made.source.offset)
        if not isinstance(data, TaskSubmitted) or data.task_id != made.task_id:
            return None
        return data

    async def _data(self, partition: int, offset: int) -> BaseModel | None:
        """What a journal record says; None if it cannot be read now."""
        place = (partition, offset)
        if place in self._read:
            self._read.move_to_end(place)
            return self._read[place]
        try:
            async with asyncio.timeout(_READ_WAIT_S):
                value = await self._journal.value(*place)
            data: BaseModel | None = decode_journal(*value).data if value is not None else None
        except (KafkaError, TimeoutError, Malformed, msgspec.DecodeError):
            log.exception("a journal record cannot be read", partition=place[0], offset=place[1])
            return None
        if data is not None:
            self._read[place] = data
            if len(self._read) > _REMEMBERED_MAX:
                self._read.popitem(last=False)
        return data
