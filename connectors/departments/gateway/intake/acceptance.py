"""May this event in, and has it been stored? No HTTP in here.

Judged by intake's own rules before anything is produced; claimed; produced with acks=all; marked.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from connectors.departments.gateway.counts import Counts
from connectors.departments.gateway.intake.gather import Gatherer
from connectors.departments.gateway.intake.receipts import Claim, Receipts, claim_of, receipt_id
from connectors.departments.gateway.ports import Control, Desk, Publisher
from connectors.departments.gateway.problems import Problem, Why, problem_of
from connectors.departments.gateway.ways_in.auth import Principal
from connectors.publisher import OutRecord
from schemas.desk import Admitted, Declined, Posted
from schemas.envelope import Envelope
from schemas.reasons import Refusal

log = structlog.get_logger()

PUBLISH_WAIT_S = 15.0
LEVEL_WAIT_S = 2.0
# What was published a moment ago may not have arrived here yet.
_TOLD_BY_REGISTRIES = frozenset(
    {
        Refusal.UNKNOWN_DEPARTMENT, Refusal.CREDIT_CODE_CHECK_DIGIT, Refusal.NO_POLICY,
        Refusal.DRAW_NOT_COMMITTED, Refusal.DRAW_SPECIAL,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that is stored for sure. `duplicate`: it was before."""

    receipt_id: str
    claim: Claim
    duplicate: bool


Outcome = Taken | Problem


@dataclass(slots=True)
class _Pending:
    """One event of a request on its way in."""

    posted: Posted
    admitted: Admitted
    receipt: str
    claim: Claim
    duplicate: bool = False


_Asked = Sequence[_Pending]
"""What one request brings: events of one department."""


class Acceptance:
    """Takes events of one department in, one outcome each."""

    def __init__(
        self,
        *,
        desk: Desk,
        control: Control,
        receipts: Receipts,
        publisher: Publisher,
        counts: Counts,
    ) -> None:
        self._desk = desk
        self._control = control
        self._receipts = receipts
        self._publisher = publisher
        self._counts = counts
        self._lines: dict[str, Gatherer[_Asked, asyncio.Task[None] | None]] = {}

    async def admit(self, principal: Principal, envelope: Envelope, posted: Posted) -> Admitted:
        """Judge one event.

        Raises:
            Problem: it is in another department's name, or intake would not accept it.
        """
        if envelope.source != principal.dept:
            self._counts.add("foreign", principal.dept)
            log.warning(
                "event in another department's name",
                principal=principal.dept, source=envelope.source, key_id=principal.key_id,
                type=envelope.type,
            )  # fmt: skip
            found = f'"{envelope.source}" found, you are {principal.dept}'
            raise Problem(Refusal.FOREIGN_SOURCE, found, field="source", event_id=envelope.id)
        ruling = self._desk.judge(posted)
        if isinstance(ruling, Declined) and ruling.reason in _TOLD_BY_REGISTRIES:
            await self.level()
            ruling = self._desk.judge(posted)
        if isinstance(ruling, Declined):
            self._counts.add("events", ruling.reason.value)
            raise problem_of(ruling)
        return ruling

    async def level(self) -> None:
        """Wait a little for registry entries published before this request (read your writes)."""
        try:
            async with asyncio.timeout(LEVEL_WAIT_S):
                await self._control.level(now=True)
        except (TimeoutError, KafkaError):
            # What stands in memory is old by moments; intake judges again.
            log.warning("the registries could not be brought level")

    async def take(self, events: Sequence[tuple[Posted, Admitted]]) -> list[Outcome]:
        """Store events of one department: all that are new in one go, in their order."""
        pending = [
            _Pending(
                posted, admitted, receipt_id(admitted.dept, admitted.event_id),
                claim_of(admitted, posted.timestamp),
            )
            for posted, admitted in events
        ]  # fmt: skip
        firsts: dict[str, _Pending] = {}
        for one in pending:
            firsts.setdefault(one.receipt, one)
        try:
            if firsts:
                await self._take([*firsts.values()])
        except RedisError:
            log.exception("Redis does not answer, events not taken in", count=len(events))
            return [Problem(Why.VIEW_AWAY, event_id=one.admitted.event_id) for one in pending]
        except (KafkaError, TimeoutError):
            log.exception("the broker does not answer, events not taken in", count=len(events))
            return [Problem(Why.BROKER_AWAY, event_id=one.admitted.event_id) for one in pending]
        outcomes = [_outcome(one, firsts[one.receipt]) for one in pending]
        for label, count in Counter(map(_label, outcomes)).items():
            self._counts.add("events", label, count)
        return outcomes

    async def _take(self, some: _Asked) -> None:
        """Claim and store; with what other requests bring for the same topic meanwhile."""
        topic = some[0].posted.topic
        line = self._lines.get(topic)
        if line is None:
            line = self._lines[topic] = Gatherer(self._claim, len)
        storing = await line.ask(some)
        if storing is not None:
            # Others wait for it as well: one of them going away must not end it.
            await asyncio.shield(storing)

    async def _claim(self, asked: Sequence[_Asked]) -> Sequence[asyncio.Task[None] | None]:
        """Claim; what is new is then being stored while the next are claimed.

        A request that brings nothing new has nothing to wait for.
        """
        some = [one for request in asked for one in request]
        dept = some[0].admitted.dept
        found = await self._receipts.claim(dept, [(one.receipt, one.claim) for one in some])
        for one, claim in zip(some, found, strict=True):
            one.claim, one.duplicate = claim, claim.stored
        new = [one for one in some if _is_new(one)]
        storing = asyncio.create_task(self._store(dept, new)) if new else None
        return [storing if any(map(_is_new, request)) else None for request in asked]

    async def _store(self, dept: str, new: _Asked) -> None:
        records = [
            OutRecord(
                one.posted.topic,
                one.posted.to_partition,
                None if one.admitted.key is None else one.admitted.key.encode(),
                one.posted.value,
                one.posted.headers,
            )
            for one in new
        ]
        async with asyncio.timeout(PUBLISH_WAIT_S):
            await self._publisher.publish(records)
        await self._receipts.mark_stored(dept, [(one.receipt, one.claim) for one in new])


def _is_new(one: _Pending) -> bool:
    """Whether it must be produced: claimed by the very same event, and not known to be stored."""
    return not one.claim.stored and one.claim.digest == one.admitted.digest


def _outcome(one: _Pending, first: _Pending) -> Outcome:
    if first.claim.digest != one.admitted.digest:
        return Problem(Why.ID_REUSED, field="id", event_id=one.admitted.event_id)
    return Taken(one.receipt, first.claim, duplicate=first.duplicate or one is not first)


def _label(outcome: Outcome) -> str:
    if isinstance(outcome, Problem):
        return outcome.reason.value
    return "DUPLICATE" if outcome.duplicate else "TAKEN"
