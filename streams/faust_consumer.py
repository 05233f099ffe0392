"""How is Faust kept from losing events? By a consumer of our own (design §5, §8).

Every override is of a private method of faust-streaming 0.15.3;
tests/streams/test_faust_contract.py fails when one of them disappears or changes its signature.

- `getmany` yields one message per fetched partition batch: Faust's cost is per message.
- Only positions that are durable are committed; Faust's own acknowledgements count for nothing,
  because
  it acknowledges in a `finally`, whatever happened to the event.
- Lanes are fed ahead, so that every fetch asks for every partition: one whose records were just
  taken would otherwise stand still until the broker has answered for the others. A partition of
  which too much waits is left out of the next fetch; the others go on.
- The consumer runs in the worker's own event loop. Faust's extra thread costs two hand-overs of the
  interpreter lock per fetch, which was most of the latency.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import faust
from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.committed_offsets import heed_group_errors
from streams.lanes import Lanes, Partition
from streams.ports import AtPoint, passed

AHEAD_MAX = 1 << 20
"""So much of a partition may wait for its lane before no more is fetched, see `_weight`."""
RECORD_WEIGHT = 1 << 10
FETCH_WAIT_MS = 25
FETCH_WAIT_MS_A_TOPIC = 0.1


class LoopThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer "thread", run in the loop that is there already."""

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(consumer, **{**kwargs, "loop": loop, "thread_loop": loop})

    def _create_worker_consumer(self, transport: Any) -> Any:
        """Faust's consumer with a shorter long poll.

        aiokafka has one fetch under way per broker. While it waits for idle partitions, a busy one
        whose records were just taken is not part of it: Faust's 1.5 s (aiokafka's 0.5 s) are what a
        busy partition then stands still for. A longer list makes each poll dearer, so it may last
        longer.
        """
        consumer = super()._create_worker_consumer(transport)
        topics = sum(len(topic.topics) for topic in self.app.topics)
        wait_ms = max(FETCH_WAIT_MS, int(topics * FETCH_WAIT_MS_A_TOPIC))
        consumer._fetch_max_wait_ms = wait_ms  # noqa: SLF001 - read when the consumer starts
        return consumer

    async def start(self) -> None:
        """Start without a thread."""
        self._thread_started.set()
        await self._default_start()
        heed_group_errors(self._ensure_consumer()._coordinator)  # noqa: SLF001 - no public way

    async def stop(self) -> None:
        """Stop without a thread: what ServiceThread does in its own loop at the end."""
        if self._started.is_set() and not self._stopped.is_set():
            self._stopped.set()
            await self._shutdown_thread()

    async def call_thread(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call at once: there is no other thread."""
        result = fun(*args, **kwargs)
        return await result if asyncio.iscoroutine(result) or asyncio.isfuture(result) else result


class BatchConsumer(driver.Consumer):
    """Feeds lanes with whole partition batches and commits what they made durable."""

    lanes: Lanes
    at_point: AtPoint = staticmethod(passed)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._durable: dict[TP, int] = {}
        self._ahead: dict[TP, int] = {}  # weight of what is fetched, but not yet taken by the lane
        self._room = asyncio.Event()
        self._owning = False
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> LoopThread:
        return LoopThread(self, loop=self.loop, beacon=self.beacon)

    # --- fetching -------------------------------------------------------------------------------

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109 - Faust's signature
        """One message per fetched partition batch; its value is the list of records."""
        batches = await self._fetch(timeout)
        generation = self.app.consumer_generation_id
        if self.should_stop or not self.flow_active:
            # Fetched while a rebalance began: whoever is assigned reads them again from the commit.
            # Seeking back here, as Faust does, fails when the assignment is already gone.
            return
        for tp, records in batches.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            # Faust drops what lies before the offset it read last; lanes judge that better.
            self._read_offset.pop(tp, None)
            self._ahead[tp] = self._ahead.get(tp, 0) + _weight(records)
            yield tp, _message(tp, records, generation)

    async def _fetch(self, wait_s: float) -> dict[TP, list[Any]]:
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type] # Faust passes it itself
        self._room.clear()
        full = {tp for tp, weight in self._ahead.items() if weight >= AHEAD_MAX}
        free = self._get_active_partitions() - full
        if not free:
            await _first(self._room.wait(), wait_s)
            return {}
        fetch = asyncio.ensure_future(self._getmany(active_partitions=free, timeout=wait_s))
        room = asyncio.ensure_future(self._room.wait())
        try:
            # A lane that becomes free must not wait for the others' silence to end.
            await asyncio.wait((fetch, room), return_when=asyncio.FIRST_COMPLETED)
            if not fetch.done():
                fetch.cancel()
                await asyncio.wait((fetch,))
            return {} if fetch.cancelled() else dict(fetch.result())
        finally:
            fetch.cancel()
            room.cancel()

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: Faust would pause every partition and sleep for a second."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing: see on_buffer_full."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Nothing: offsets jump by a batch; gaps mean nothing here."""

    # --- committing -----------------------------------------------------------------------------

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter(
            [tp for tp in self._durable if topics is None or tp in topics or tp.topic in topics]
        )

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        self._acked.clear()
        self._acked_index.clear()
        mine = self.assignment()
        return {
            tp: self._durable[tp]
            for tp in tps
            if tp in self._durable and tp in mine and self._should_commit(tp, self._durable[tp])
        }

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        self.at_point("before commit")
        done: bool = await super()._commit(offsets)
        self.at_point("after commit")
        return done

    # --- what lanes ask for (streams.lanes.Consumer) ----------------------------------------------

    async def committed(self, tp: Partition) -> int | None:
        """The group's committed offset, None if there is none."""
        offset: int | None = await self._kafka().committed(TopicPartition(*tp))
        return offset

    async def beginning(self, tp: Partition) -> int:
        """The first offset the broker still has."""
        there = TopicPartition(*tp)
        return int((await self._kafka().beginning_offsets([there]))[there])

    async def rewind(self, tp: Partition, offset: int) -> None:
        """Fetch from this offset next."""
        self._read_offset.pop(TP(*tp), None)
        self._kafka().seek(TopicPartition(*tp), offset)

    def taken(self, tp: Partition, records: Sequence[Any]) -> None:
        """A lane took these up: there is room for more."""
        there = TP(*tp)
        before = self._ahead.pop(there, 0)
        after = before - _weight(records)
        if after > 0:
            self._ahead[there] = after
        if after < AHEAD_MAX <= before:
            self._room.set()

    def accepts(self, message: ConsumerMessage) -> bool:
        """Whether a queued batch is of the present generation and we still own its partition."""
        return self._owning and message.generation_id == self.app.consumer_generation_id

    def durable(self, tp: Partition, next_offset: int) -> None:
        """Everything before `next_offset` is done for good and may be committed."""
        self._durable[TP(*tp)] = next_offset

    def check_group(self) -> None:
        """Raise what ended our membership in the group, if something did."""
        kafka = self._thread._consumer  # noqa: SLF001 - Faust offers no public way
        if kafka is not None and kafka._coordinator is not None:  # noqa: SLF001 - nor does aiokafka
            kafka._coordinator.check_errors()  # noqa: SLF001

    def _kafka(self) -> Any:
        return self._thread._ensure_consumer()  # noqa: SLF001 - Faust offers no public way

    # --- rebalancing ----------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish what is in work, commit it, then forget everything about these partitions."""
        self._owning = False
        await self.lanes.close({_ours(tp) for tp in revoked})
        await self.commit()
        self._forget(revoked)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Start afresh: nothing of an older generation survives."""
        await self.lanes.close(self.lanes.names(), wait_s=0.0)
        self._forget(assigned)
        await super().on_partitions_assigned(assigned, generation_id)
        self._owning = True
        if self.lanes.eager:
            for tp in sorted(assigned):
                self.lanes.open(_ours(tp), self)

    def _forget(self, tps: Iterable[TP]) -> None:
        for tp in tps:
            self._durable.pop(tp, None)
            self._committed_offset.pop(tp, None)
            self._read_offset.pop(tp, None)
            self._ahead.pop(tp, None)
        self._room.set()


class BatchTransport(driver.Transport):
    """Faust's Kafka transport with our consumer."""

    Consumer = BatchConsumer


class BatchSchema(faust.Schema[None, Any]):
    """Hands the list of records through.

    Faust must never decode, it would acknowledge what it cannot read.
    """

    def loads_key(self, app: Any, message: Any, **kwargs: Any) -> None:
        """No key: a batch has many."""

    def loads_value(self, app: Any, message: Any, **kwargs: Any) -> Any:
        """The batch as it was fetched."""
        return message.value


def _ours(tp: Any) -> Partition:
    return Partition(tp.topic, tp.partition)


def _message(tp: TP, records: list[Any], generation: int) -> ConsumerMessage:
    last = records[-1]
    return ConsumerMessage(
        topic=last.topic,
        partition=last.partition,
        offset=last.offset,
        timestamp=last.timestamp / 1000.0,
        timestamp_type=last.timestamp_type,
        headers=None,
        key=None,
        value=records,  # type: ignore[arg-type] # BatchSchema hands it through
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        tp=tp,
        generation_id=generation,
    )


def _weight(records: Iterable[Any]) -> int:
    """Bytes of these records' values, and what a record costs besides."""
    return sum(RECORD_WEIGHT + len(record.value or b"") for record in records)


async def _first(waiting: Any, wait_s: float) -> None:
    task = asyncio.ensure_future(waiting)
    try:
        await asyncio.wait((task,), timeout=wait_s)
    finally:
        task.cancel()
