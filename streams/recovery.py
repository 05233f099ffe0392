"""Where do we go on after an assignment? The logs are asked; nothing is guessed.

The view (Redis), Kafka's committed offset, the journal and `insp.decided` are compared:

- The view has no position and nothing was decided: a new installation. Begin with the first record.
- The view is behind the facts (wiped, rolled back, an old copy restored): the recorded facts are
  applied; nothing is ever decided anew.
- The view is ahead of the commit (died before it, maybe before publishing): the outbox is published
  again, byte for byte.
- The view is at odds with the logs (one was cut, recreated, or is a foreign one): refused, somebody
  must look.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from schemas.facts import Decided
from schemas.generations import UNGROWN, Generations
from schemas.topics import DECIDED, JOURNAL
from streams.answer import decode_decided
from streams.carrying import CARRYING, STATES_HELD_MAX, CarryOver, check_hole
from streams.carrying import RefusedStartError as RefusedStartError  # raised here, too
from streams.changes import Changes, parked, unpack
from streams.ports import AtPoint, Log, Publisher, Record, View, ViewPosition, passed
from streams.publicity import NO_SITES
from streams.rules.apply import apply
from streams.rules.publicity.feeds import Forms
from streams.rules.state import EMPTY, SubjectState, decode_state

log = structlog.get_logger()

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Opened:
    """Where deciding goes on.

    Next journal offset, the end of `insp.decided` known to be in the view, and the position that
    the view has; None: none yet.
    """

    next_offset: int
    decided_next: int
    at: int | None


class Recovery:
    """Brings one partition's view level with the logs."""

    def __init__(
        self,
        view: View,
        logs: Log,
        publisher: Publisher,
        forms: Forms = NO_SITES,
        at_point: AtPoint = passed,
        generations: Generations = UNGROWN,
    ) -> None:
        self._generations = generations
        self._carrying = CarryOver(view, logs, generations, forms, at_point)
        self._view = view
        self._at_point = at_point
        self._forms = forms
        self._logs = logs
        self._publisher = publisher

    async def open(
        self, partition: int, fence: str, committed: int | None, progress: Progress | None = None
    ) -> Opened:
        """Claim the partition and make its view level with what was decided.

        Raises:
            RefusedStartError: see the table above; the message says what contradicts what.
        """
        found = await self._view.claim(partition, fence)
        if self._is_of_another_generation(partition, found):
            await self._carrying.run({partition: fence})
            found = await self._view.claim(partition, fence)
        first, end = await self._logs.span(JOURNAL, partition)
        at = found.next_offset
        if at is not None and (committed or 0) < at:
            await self._publisher.publish(unpack(found.outbox))
        decided_first, decided_end = await self._logs.span(DECIDED, partition)
        if at is None and decided_first > 0:
            raise RefusedStartError(
                f"{DECIDED}/{partition} begins at {decided_first} and the view is empty: earlier "
                "facts are gone. Restore Redis from a backup"
            )
        if found.decided_next > decided_end:
            raise RefusedStartError(
                f"{DECIDED}/{partition} ends at {decided_end}, but the view has facts up to "
                f"{found.decided_next}: it was cut or recreated. Restore it from a backup"
            )
        catching_up = _CatchUp(self, partition, fence, at, committed or 0)
        start = decided_first if at is None else max(found.decided_next, decided_first)
        async for chunk in self._logs.scan(DECIDED, partition, start, decided_end):
            await catching_up.take(chunk)
            if progress is not None:
                progress(chunk[-1].offset + 1 - start, decided_end - start)
        next_offset = catching_up.next_offset
        _check(partition, next_offset, committed or 0, (first, end))
        return Opened(next_offset, decided_end, catching_up.at)

    def _is_of_another_generation(self, partition: int, found: ViewPosition) -> bool:
        """Whether the view must be filled from earlier generations first.

        It may be empty, filled half, or from before the journal grew: a copy that was restored.
        """
        if found.generation > self._generations.number:
            raise RefusedStartError(
                f"the view of partition {partition} is of generation {found.generation} of the "
                f"journal, but insp.generations has {self._generations.number}: restore that topic "
                "from a backup; the view may be dropped, that topic never"
            )
        if self._generations.is_first:
            return False
        is_whole = found.next_offset is not None and found.next_offset != CARRYING
        return not is_whole or found.generation != self._generations.number

    async def last_decided(self, partition: int, start: int, end: int) -> int:
        """The last journal offset that a stretch of `insp.decided` answers; -1 for none."""
        last = -1
        async for chunk in self._logs.scan(DECIDED, partition, start, end):
            offsets = [decode_decided(record.value or b"").src.offset for record in chunk]
            last = max(last, *offsets)
        return last

    async def rebuild(self, committed: Mapping[int, int | None], progress: Progress) -> int:
        """Drop the whole view and make it again from the recorded facts.

        All partitions side by side.

        Args:
            committed: The committed offset of each partition.
            progress: Told how many records of `insp.decided` are read and how many there are.

        Returns how many records of `insp.decided` were read.
        """
        seen: dict[int, tuple[int, int]] = {}
        if not self._generations.is_first:
            seen[-1] = 0, 0
            await self._carry_all(committed, lambda *read: seen.update({-1: read}))

        async def one(partition: int) -> None:
            if self._generations.is_first:
                await self._view.forget(partition)

            def tell(done: int, total: int) -> None:
                seen[partition] = done, total
                progress(*(sum(column) for column in zip(*seen.values(), strict=True)))
                self._at_point("in rebuild")

            await self.open(partition, uuid.uuid4().hex, committed[partition], tell)

        await asyncio.gather(*(one(partition) for partition in committed))
        return sum(done for done, _ in seen.values())

    async def _carry_all(self, partitions: Iterable[int], progress: Progress) -> None:
        """Fill all views from earlier generations, whose logs are read once."""
        fences = {partition: uuid.uuid4().hex for partition in partitions}
        for partition, fence in fences.items():
            await self._view.claim(partition, fence)
        await self._carrying.run(fences, progress)


def _check(partition: int, next_offset: int, committed: int, journal: tuple[int, int]) -> None:
    first, end = journal
    if next_offset > end:
        raise RefusedStartError(
            f"{JOURNAL}/{partition} ends at {end}, but records up to {next_offset} were decided: "
            "the journal was cut or recreated. Restore it; never start on another with this view"
        )
    if committed > next_offset:
        raise RefusedStartError(
            f"records of {JOURNAL}/{partition} up to {committed} are committed as decided, but "
            f"{DECIDED} and the view end at {next_offset}: facts were lost. Restore {DECIDED}, or "
            f"seek the group back to {next_offset} if you know why"
        )
    if first > next_offset:
        raise RefusedStartError(
            f"{JOURNAL}/{partition} begins at {first}, but deciding stopped at {next_offset}: "
            "records were deleted before they were decided. Restore the journal from a backup"
        )


class _CatchUp:
    """Applies recorded facts to the view, chunk by chunk."""

    def __init__(
        self, owner: Recovery, partition: int, fence: str, at: int | None, committed: int
    ) -> None:
        self._view = owner._view  # noqa: SLF001 - one unit, split for length
        self._logs = owner._logs  # noqa: SLF001
        self._publisher = owner._publisher  # noqa: SLF001
        self._forms = owner._forms  # noqa: SLF001
        self._generations = owner._generations  # noqa: SLF001
        self._partition = partition
        self._fence = fence
        self.at = at
        self._committed = committed
        self._held: dict[str, SubjectState] = {}

    @property
    def next_offset(self) -> int:
        """The next journal offset to decide."""
        return self.at or 0

    async def take(self, chunk: Sequence[Record]) -> None:
        """Apply what is new in these records of `insp.decided`."""
        fresh = await self._fresh([decode_decided(record.value or b"") for record in chunk])
        if not fresh:
            return
        await self._hold({decided.key for decided in fresh})
        changes = Changes(self._partition, self._forms, self._generations)
        for decided in fresh:
            after, offset = self._held[decided.key], decided.src.offset
            rank = offset + self._generations.base(self._partition, offset)
            for fact in decided.facts:
                after = apply(after, fact, rank)
            self._held[decided.key] = after
            changes.show(decided, after)
            if decided.src.offset >= self._committed:
                # Its messages to departments and sites may never have left.
                changes.tell(decided, after)
                await self._park(decided, changes)
        await self._write(changes, fresh[-1].src.offset + 1, chunk[-1].offset + 1)

    async def _park(self, decided: Decided, changes: Changes) -> None:
        """Send the dead letter of a record again, which holds the journal record itself."""
        why, offset = parked(decided), decided.src.offset
        if why is not None:
            async for records in self._logs.scan(JOURNAL, self._partition, offset, offset + 1):
                changes.park(records[0], why)

    async def _fresh(self, answers: Sequence[Decided]) -> list[Decided]:
        """Answers not yet in the view, each once, without holes."""
        fresh: list[Decided] = []
        want = self.next_offset
        for decided in answers:
            offset = decided.src.offset
            if offset > want:
                await check_hole(self._logs, self._partition, want, offset)
            if offset >= want:
                fresh.append(decided)
                want = offset + 1
        return fresh

    async def _hold(self, keys: set[str]) -> None:
        if len(self._held) > STATES_HELD_MAX:
            self._held.clear()
        missing = sorted(key for key in keys if key not in self._held)
        if self.at is None:
            self._held.update(dict.fromkeys(missing, EMPTY))
            return
        found = await self._view.states(self._partition, missing)
        for key, value in zip(missing, found, strict=True):
            self._held[key] = EMPTY if value is None else decode_state(value)

    async def _write(self, changes: Changes, next_offset: int, decided_next: int) -> None:
        missing = changes.missing()
        stored = await self._view.decisions(self._partition, missing)
        outbox = changes.publications(dict(zip(missing, stored, strict=True)))
        batch = changes.view_batch(next_offset, decided_next, outbox, next_offset)
        # Not before the script has found us the owner: what we read may be of a later position.
        await self._view.apply(self._partition, self._fence, self.at, batch)
        await self._publisher.publish(outbox)
        self.at = next_offset
        log.info("facts applied to the view", partition=self._partition, up_to=next_offset)
