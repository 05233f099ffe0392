"""How long does the hub take, stage by stage? A probe goes the way of a department's event.

From the department's topic through intake, journal and decide to the department's answers. All
times are the broker's own, of the records that the probe left behind.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from connectors.kafka_admin import AdminRefused, BrokerUnreachable, KafkaAdmin
from connectors.kafka_log import KafkaLog
from connectors.kafka_login import python_options
from connectors.partitioner import partition_of
from connectors.publisher import KafkaPublisher, OutRecord
from connectors.watch.canary_events import (
    cancellation,
    day_of,
    registration,
    submission,
    task_id,
)
from schemas.access import INTAKE_GROUP
from schemas.canary import CANARY_DEPT, CANARY_USCC
from schemas.messages import DECISION_MADE, EVENT_REFUSED
from schemas.reasons import Refusal
from schemas.topics import CTL_POLICY, DECIDED, JOURNAL, Sizing, in_topic, out_topic, plan
from schemas.watch import CanaryView, Verdict

log = structlog.get_logger()

PATIENCE_S = 30.0
SLOW_MS = 5_000
"""The contract promises an answer within a second; this is when somebody should look."""
_AGAIN_S = 0.2
_STEPS = ("the department's topic", "the journal", "insp.decided", "the answers")
_NOT_TAKEN_IN = "intake does not take its registration in"
_NAMED_BY_ID = _STEPS[:2]
"""There a record bears the event's own id."""


@dataclass(slots=True)
class _Trail:
    """Where the probe was seen: append times, Unix milliseconds."""

    event_id: str
    seen: list[int] = field(default_factory=list)
    journal_offset: int = -1
    answer: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""


class Canary:
    """Sends probes; `last` says how the newest one went."""

    def __init__(
        self,
        bootstrap: str,
        publisher: KafkaPublisher,
        sizing: Sizing,
        clock: Callable[[], int],
        last: CanaryView | None = None,
        log: KafkaLog | None = None,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            bootstrap: Of the broker.
            publisher: Sends what it sings.
            sizing: Of the topics that it makes for itself.
            clock: Unix milliseconds.
            last: How the newest song went before we were started.
            log: Says what topics there are; None: the broker's.
        """
        self._bootstrap, self._publisher, self._sizing = bootstrap, publisher, sizing
        self._clock, self._log = clock, log or KafkaLog(bootstrap)
        self._registered = last is not None and bool(last.decision)
        self._numbers = itertools.count()
        self.last = last

    async def sing(self, patience_s: float = PATIENCE_S) -> CanaryView | None:
        """Send one probe and follow it; None where there is no policy to judge it by yet."""
        now = self._clock()
        day = day_of(now)
        event_id = f"canary-{now}-{next(self._numbers)}"
        try:
            if not await self._has_policy():
                return None
            fresh = not (self._registered and await self._is_there(in_topic(CANARY_DEPT)))
            if fresh:
                await self._register(now)
            await self._cancel_earlier(task_id(day), event_id, now)
            if fresh:
                # Intake takes up a new topic in its own time: that is not the hub's pace.
                first = submission(day, f"{event_id}-first", now)
                await self._follow(first, f"{event_id}-first", patience_s)
            trail = await self._follow(submission(day, event_id, now), event_id, patience_s)
        except (BrokerUnreachable, AdminRefused, KafkaError, OSError, TimeoutError) as cause:
            self.last = self._view(task_id(day), now, None, str(cause) or _NOT_TAKEN_IN)
        else:
            self.last = self._view(task_id(day), now, trail, _fault_of(trail, patience_s))
        return self.last

    async def run(self, stop: asyncio.Event, every_s: float) -> None:
        """Send probes until `stop` is set."""
        while not stop.is_set():
            told = await self.sing()
            if told is not None and told.fault:
                log.warning("the canary failed", fault=told.fault, failed=told.failed)
            # Before the first policy there is nothing to wait minutes for.
            await _pause(stop, every_s if told is not None else min(every_s, 5.0))

    async def _has_policy(self) -> bool:
        if not await self._is_there(CTL_POLICY):
            return False
        return (await self._log.span(CTL_POLICY, 0))[1] > 0

    async def _is_there(self, topic: str) -> bool:
        """Whether a topic was made."""
        try:
            return await self._log.partitions(topic) > 0
        except UnknownTopicOrPartitionError:
            return False

    async def _register(self, now: int) -> None:
        """Make its topics, enter it in the registries, and wait until intake has taken that in."""
        await asyncio.to_thread(self._make_topics)
        ends = await self._publisher.publish(registration(now))
        async with asyncio.timeout(PATIENCE_S):
            for (topic, partition), end in ends.items():
                await self._until_taken(topic, partition, end)
        self._registered = True

    async def _until_taken(self, topic: str, partition: int, end: int) -> None:
        while True:
            taken = (await self._log.committed(INTAKE_GROUP, topic)).get(partition)
            if taken is not None and taken >= end:
                return
            await asyncio.sleep(_AGAIN_S)

    def _make_topics(self) -> None:
        mine = {in_topic(CANARY_DEPT), out_topic(CANARY_DEPT)}
        with KafkaAdmin(self._bootstrap) as admin:
            topics = plan([CANARY_DEPT], (), self._sizing)
            admin.apply([one for one in topics if one.name in mine])

    async def _cancel_earlier(self, task: str, event_id: str, now: int) -> None:
        before = self.last.task_id if self.last is not None else task
        if before != task:
            await self._publisher.publish([cancellation(before, f"{event_id}-end", now)])

    async def _follow(self, probe: OutRecord, event_id: str, patience_s: float) -> _Trail:
        """Publish it, and read what follows where it must come by."""
        there = [
            TopicPartition(topic, partition_of(CANARY_USCC, await self._log.partitions(topic)))
            for topic in (in_topic(CANARY_DEPT), JOURNAL, DECIDED, out_topic(CANARY_DEPT))
        ]
        trail = _Trail(event_id)
        async with AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, **python_options(), enable_auto_commit=False
        ) as consumer:
            consumer.assign(there)
            for one, end in (await consumer.end_offsets(there)).items():
                consumer.seek(one, end)
            await self._publisher.publish([probe])
            try:
                async with asyncio.timeout(patience_s):
                    await _read(consumer, there, trail)
            except TimeoutError:
                return trail
        return trail

    def _view(self, task: str, now: int, trail: _Trail | None, fault: str) -> CanaryView:
        seen = trail.seen if trail is not None else []
        steps = [max(0, b - a) for a, b in itertools.pairwise(seen)]
        intake, decide, answer = [*steps, None, None, None][:3]
        refused = trail is not None and trail.kind == EVENT_REFUSED
        total = max(0, seen[-1] - seen[0]) if len(seen) == len(_STEPS) else None
        if fault and not refused:
            verdict = Verdict.STOP
        else:
            verdict = Verdict.WARN if refused or (total or 0) > SLOW_MS else Verdict.OK
        if refused and trail is not None:
            self._registered = trail.answer.get("reason") != Refusal.UNKNOWN_DEPARTMENT
        clock_ms = seen[0] - now if seen else None
        failed = self.last.failed if self.last is not None else 0
        return CanaryView(
            verdict=verdict, task_id=task, sent_ms=now, intake_ms=intake, decide_ms=decide,
            answer_ms=answer, total_ms=total, fault=fault, failed=failed + 1 if fault else 0,
            clock_ms=clock_ms,
            decision="" if trail is None else str(trail.answer.get("decision", "")),
        )  # fmt: skip


async def _read(consumer: AIOKafkaConsumer, there: Sequence[Any], trail: _Trail) -> None:
    """Read until the answer is found: each step is looked for where the one before was seen."""
    kept: dict[Any, list[Any]] = {one: [] for one in there}
    while len(trail.seen) < len(there) and not trail.kind:
        for one, records in (await consumer.getmany(timeout_ms=200)).items():
            kept[one] += records
        step = len(trail.seen)
        while step < len(there) and (found := _look(step, kept[there[step]], trail)):
            trail.seen.append(found.timestamp)
            step += 1
        if not trail.kind:
            _look_for_refusal(kept[there[-1]], trail)


def _look(step: int, records: Sequence[Any], trail: _Trail) -> Any:  # noqa: ANN401 - a record
    """The record that the probe left at this step; None: it is not among these."""
    for record in records:
        if _STEPS[step] in _NAMED_BY_ID:
            if dict(record.headers).get("ce_id") == trail.event_id.encode():
                trail.journal_offset = record.offset
                return record
        elif step == len(_STEPS) - 1:
            # Nobody but the canary is answered there; what came before the journal had it is old.
            if record.timestamp >= trail.seen[1] and _type_of(record) == DECISION_MADE:
                trail.answer, trail.kind = orjson.loads(record.value), DECISION_MADE
                return record
        elif _Answered.offset(record.value) == trail.journal_offset:
            return record
    return None


def _look_for_refusal(records: Sequence[Any], trail: _Trail) -> None:
    for record in records:
        if _type_of(record) == EVENT_REFUSED:
            answer = orjson.loads(record.value)
            if answer.get("event_id") == trail.event_id:
                trail.answer, trail.kind = answer, EVENT_REFUSED


def _type_of(record: Any) -> str:  # noqa: ANN401 - a record
    return (dict(record.headers).get("ce_type") or b"").decode("utf-8", "replace")


class _Source(msgspec.Struct):
    offset: int


class _Answered(msgspec.Struct):
    """As much of a record of `insp.decided` as is needed."""

    src: _Source

    @staticmethod
    def offset(value: bytes | None) -> int:
        """The journal record that it answers; -1 if it cannot be read."""
        try:
            return _decode_answered(value or b"").src.offset
        except msgspec.MsgspecError:
            return -1


_decode_answered = msgspec.json.Decoder(_Answered).decode


def _fault_of(trail: _Trail, patience_s: float) -> str:
    if trail.kind == EVENT_REFUSED:
        return f"refused: {trail.answer.get('reason')} {trail.answer.get('message', '')}"
    if trail.kind:
        return ""
    came = _STEPS[len(trail.seen) - 1] if trail.seen else "nowhere"
    return f"no answer within {patience_s:g} s: it came as far as {came}"


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
