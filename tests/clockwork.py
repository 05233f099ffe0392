"""Both timers over a view in which much is due, beside a decide of some speed, or none at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date

from builders import a_document
from fakes import FakeKafka, FakeView
from running_hub import OpenOnes
from virtual_time import run_virtual

from schemas.messages import POLICY_PUBLISHED
from schemas.topics import JOURNAL
from streams.ports import Outgoing
from streams.registry import Registry
from streams.schedule import Scheduler
from streams.timers import Portions
from streams.windows import WindowKeeper

TODAY = date(2026, 4, 9)
PARTITIONS = 1


class KilledError(Exception):
    """The scheduler was killed."""


class WatchedKafka(FakeKafka):
    """A journal that notes when how much was appended; it may kill who appends."""

    portions: list[tuple[float, int]]
    dies_at: int | None = None

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        self.portions.append((asyncio.get_running_loop().time(), len(records)))
        ends = await super().publish(records)
        if len(self.portions) == self.dies_at:
            raise KilledError
        return ends


class Clockwork:
    """Both timers over a view in which something is due, and a decide of some speed, or none."""

    def __init__(self, due: int = 1, *, per_s_max: float = float("inf")) -> None:
        self.view, self.kafka, self.registry = FakeView(), WatchedKafka(PARTITIONS), Registry()
        self.kafka.portions = []
        self.registry.put(POLICY_PUBLISHED, a_document())
        self.stop, self.per_s_max = asyncio.Event(), per_s_max
        self.part = self.view.parts[0]
        self.part.next_offset = 0
        for number in range(due):
            self.part.drawn.add(f"2026Q2\x1f{number:06}")
            self.part.open[f"A\x1fT-{number:06}"] = TODAY.toordinal() - 1
        self.start()

    def start(self) -> None:
        """A scheduler that knows nothing of what was appended before it."""
        self._scheduler = Scheduler(
            codes=OpenOnes(self.view), portions=self._portions(), partitions=PARTITIONS,
            policy_version=lambda: self.registry.policy_version,
        )  # fmt: skip
        self._keeper = WindowKeeper(self.view, self._portions(), PARTITIONS, self.registry)

    def _portions(self) -> Portions:
        return Portions(self.view, self.kafka, self.stop, per_s_max=self.per_s_max)

    async def look(self, timer: str) -> int:
        """Let one timer look; how much it appended."""
        act = self._scheduler.expire if timer == "codes" else self._keeper.close
        return await act(TODAY)

    def looks(self, timer: str, *, times: int = 1) -> list[int]:
        """Let it look several times while decide is away."""

        async def look() -> list[int]:
            return [await self.look(timer) for _ in range(times)]

        return run_virtual(look())

    @asynccontextmanager
    async def deciding(
        self, per_s: float, *, idle_s: float = 0.001, others: int = 0, changes: bool = True
    ):
        """Somebody decides so many records a second, a batch of what has come at a time.

        Each batch takes `idle_s` besides; before each others have appended so many records.
        """
        worker = asyncio.create_task(self._decide(per_s, idle_s, others, changes))
        yield
        worker.cancel()

    def closes(self, per_s: float, **decide: float) -> float:
        """Close all windows beside such a decide; how long it takes."""

        async def main() -> float:
            async with self.deciding(per_s, **decide):
                await self.look("windows")
            return asyncio.get_running_loop().time()

        return run_virtual(main())

    async def _decide(self, per_s: float, idle_s: float, others: int, changes: bool) -> None:
        while True:
            self.others(others)
            there = self.kafka.logs[JOURNAL, 0]
            batch = there[self.part.next_offset or 0 :]
            await asyncio.sleep(idle_s + len(batch) / per_s)
            for record in batch if changes else ():
                self.part.drawn.discard(f"2026Q2\x1f{record.key.decode()}")
                of = dict(record.headers).get("ce_id", b"::").decode().split(":")[1]
                self.part.open.pop(f"A\x1f{of}", None)
            self.part.next_offset = (self.part.next_offset or 0) + len(batch)

    def others(self, count: int) -> None:
        """Other records enter the journal."""
        for _ in range(count):
            self.kafka.append(Outgoing(JOURNAL, 0, b"OTHER", b""))

    async def pass_by(self, timer: str, looks: int) -> list[int]:
        """So many looks beside a decide to which it all means nothing; how much each appended."""
        async with self.deciding(per_s=10_000, changes=False):
            return [await self.look(timer) for _ in range(looks)]

    def asked(self) -> Counter[str]:
        """How often each enterprise's window was asked to be closed."""
        keys = (record.key.decode() for record in self.kafka.all(JOURNAL))
        return Counter(key for key in keys if key != "OTHER")
