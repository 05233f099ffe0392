"""May this event in, and has it been stored? No HTTP in here.

Judged by intake's own rules before anything is produced; claimed; produced with acks=all; marked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from connectors.departments.gateway.auth import Principal
from connectors.departments.gateway.counts import Counts
from connectors.departments.gateway.ports import Control, Desk, Publisher
from connectors.departments.gateway.problems import Problem, Why, problem_of
from connectors.departments.gateway.receipts import Claim, Receipts, claim_of, receipt_id
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
        now_ms: Callable[[], int],
    ) -> None:
        self._desk = desk
        self._control = control
        self._receipts = receipts
        self._publisher = publisher
        self._counts = counts
        self._now_ms = now_ms

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
                await self._control.level()
        except (TimeoutError, KafkaError):
            # What stands in memory is old by moments; intake judges again.
            log.warning("the registries could not be brought level")

    async def take(self, events: Sequence[tuple[Posted, Admitted]]) -> list[Outcome]:
        """Store events of one department: all that are new in one go, in their order."""
        at_ms = self._now_ms()
        pending = [
            _Pending(
                posted, admitted, receipt_id(admitted.dept, admitted.event_id),
                claim_of(admitted, at_ms),
            )
            for posted, admitted in events
        ]  # fmt: skip
        firsts: dict[str, _Pending] = {}
        for one in pending:
            firsts.setdefault(one.receipt, one)
        try:
            await self._claim([*firsts.values()])
            await self._store([one for one in firsts.values() if _is_new(one)])
        except RedisError:
            log.exception("Redis does not answer, events not taken in", count=len(events))
            return [Problem(Why.VIEW_AWAY, event_id=one.admitted.event_id) for one in pending]
        except (KafkaError, TimeoutError):
            log.exception("the broker does not answer, events not taken in", count=len(events))
            return [Problem(Why.BROKER_AWAY, event_id=one.admitted.event_id) for one in pending]
        return [self._outcome(one, firsts[one.receipt]) for one in pending]

    async def _claim(self, some: Sequence[_Pending]) -> None:
        asked = [self._receipts.claim(one.admitted.dept, one.receipt, one.claim) for one in some]
        for one, claim in zip(some, await asyncio.gather(*asked), strict=True):
            one.claim, one.duplicate = claim, claim.stored

    async def _store(self, new: Sequence[_Pending]) -> None:
        if not new:
            return
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
        await asyncio.gather(
            *(self._receipts.mark_stored(one.admitted.dept, one.receipt, one.claim) for one in new)
        )

    def _outcome(self, one: _Pending, first: _Pending) -> Outcome:
        if first.claim.digest != one.admitted.digest:
            self._counts.add("events", Why.ID_REUSED.value)
            return Problem(Why.ID_REUSED, field="id", event_id=one.admitted.event_id)
        duplicate = first.duplicate or one is not first
        self._counts.add("events", "DUPLICATE" if duplicate else "TAKEN")
        return Taken(one.receipt, first.claim, duplicate)


def _is_new(one: _Pending) -> bool:
    """Whether it must be produced: claimed by the very same event, and not known to be stored."""
    return not one.claim.stored and one.claim.digest == one.admitted.digest
