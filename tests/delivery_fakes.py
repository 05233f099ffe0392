"""A delivery ledger and a publicity system in memory; both keep the promises of the real ones."""

from __future__ import annotations

import asyncio
import copy
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.redis_ledger import LANES, LedgerAt
from schemas.delivery import (
    Accepted,
    Delivery,
    Observed,
    Refused,
    SiteReceipt,
    Standing,
    Unavailable,
)
from schemas.feed import DisclosureState
from streams.delivery.ports import LedgerBatch, Wait
from streams.ports import Fenced


@dataclass
class _Content:
    fence: str | None = None
    next: dict[str, int] = field(default_factory=dict)
    head: bytes = b""
    doubt: tuple[int, int] = (0, 0)
    entries: dict[str, bytes] = field(default_factory=dict)
    values: dict[str, bytes] = field(default_factory=dict)
    attempts: dict[str, bytes] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    lanes: dict[str, dict[str, int]] = field(default_factory=lambda: {lane: {} for lane in LANES})


class FakeLedger:
    """The ledger in memory (port Ledger). It can be wiped and rolled back, as a real one can."""

    def __init__(self) -> None:
        self.content = _Content()
        self.controls: dict[str, bytes] = {}

    async def claim(self, fence: str) -> LedgerAt:
        at = self.content
        at.fence = fence
        return LedgerAt(at.next.get("feed"), at.next.get("receipt"), at.head, *at.doubt)

    async def check(self, fence: str, topic: str, expect: int | None) -> None:
        found = (self.content.fence, self.content.next.get(topic))
        if found != (fence, expect):
            raise Fenced(f"{found}, expected {(fence, expect)}")

    async def doubt(self, fence: str, before: int, since_ms: int) -> None:
        self._hold(fence)
        self.content.doubt = before, since_ms

    async def apply(self, fence: str, topic: str, expect: int | None, batch: LedgerBatch) -> None:
        self._hold(fence)
        at, content = self.content.next.get(topic), self.content
        if at == batch.next_offset and at != expect:
            return
        if at != expect:
            raise Fenced(f"position is {at}, expected {expect}")
        for name in batch.removed:
            for part in (content.entries, content.values, content.attempts):
                part.pop(name, None)
        content.entries |= batch.entries
        content.values |= batch.values
        content.shown = content.shown - batch.hidden | batch.shown
        for name, (lane, until_ms) in batch.placed.items():
            for names in content.lanes.values():
                names.pop(name, None)
            if lane is not None:
                content.lanes[lane][name] = until_ms
        content.head = batch.head or content.head
        content.next[topic] = batch.next_offset

    async def wait(self, fence: str, waits: Sequence[Wait]) -> None:
        if not waits:
            return
        self._hold(fence)
        for name, lane, until_ms, attempt in waits:
            if attempt is not None:
                self.content.attempts[name] = attempt
            if name in self.content.lanes[lane]:
                self.content.lanes[lane][name] = until_ms

    async def entries(self, names: Sequence[str]) -> list[bytes | None]:
        return [self.content.entries.get(name) for name in names]

    async def values(self, names: Sequence[str]) -> list[bytes | None]:
        return [self.content.values.get(name) for name in names]

    async def attempts(self, names: Sequence[str]) -> list[bytes | None]:
        return [self.content.attempts.get(name) for name in names]

    async def due(self, lanes: Sequence[str], until_ms: int, limit: int) -> list[list[str]]:
        found = []
        for lane in lanes:
            ripe = [(at, name) for name, at in self.content.lanes[lane].items() if at <= until_ms]
            found.append([name for _, name in sorted(ripe)[:limit]])
        return found

    async def next_due(self, lanes: Sequence[str]) -> int | None:
        times = [at for lane in lanes for at in self.content.lanes[lane].values()]
        return min(times, default=None)

    async def shown(self, after: str, limit: int) -> list[str]:
        names = sorted(self.content.shown, key=str.encode)
        return [name for name in names if not after or name.encode() > after.encode()][:limit]

    async def scan(self) -> AsyncIterator[list[tuple[str, bytes]]]:
        names = sorted(self.content.entries)
        for at in range(0, len(names), 3):
            yield [(name, self.content.entries[name]) for name in names[at : at + 3]]

    async def control(self) -> dict[str, bytes]:
        return dict(self.controls)

    async def keep(self, fence: str, field: str, value: bytes) -> None:
        self._hold(fence)
        self.controls[field] = value

    async def try_again(self, lane: str, names: Sequence[str], now_ms: int) -> int:
        refused = [name for name in names if name in self.content.lanes["rejected"]]
        for name in refused:
            del self.content.lanes["rejected"][name]
            self.content.lanes[lane][name] = now_ms
        return len(refused)

    async def forget(self) -> None:
        self.content = _Content()

    def snapshot(self) -> Any:
        return copy.deepcopy(self.content)

    def restore(self, snapshot: Any) -> None:
        self.content = copy.deepcopy(snapshot)

    def _hold(self, fence: str) -> None:
        if self.content.fence != fence:
            raise Fenced(f"fence is {self.content.fence}")


@dataclass(frozen=True)
class Effect:
    """Something that changed at the system."""

    key: str
    name: str
    version: int
    state: DisclosureState
    at_ms: int


class FakeSystem:
    """A publicity system that recognises keys, keeps what it did, and fails on demand.

    `fault` is called for each call and each delivery: it may return what is answered instead.
    """

    def __init__(self, site: str, clock: Callable[[], int], **settings: Any) -> None:
        self.site = site
        self.pushes: bool = settings.get("pushes", True)
        self.batch_max: int = settings.get("batch_max", 4)
        self.key_memory_s: float = settings.get("key_memory_s", 30 * 86_400)
        self.receipt_after_ms: int = settings.get("receipt_after_ms", 2_000)
        self.latency_s: float = settings.get("latency_s", 0.01)
        self.clock = clock
        self.down = False
        self.fault: Callable[[Delivery], Any] = lambda _delivery: None
        self.stands: dict[str, Delivery] = {}
        self.keys: dict[str, tuple[str, int]] = {}
        self.effects: list[Effect] = []
        self.arrivals: list[Delivery] = []
        self.asked: list[str] = []
        self.under_way: defaultdict[str, int] = defaultdict(int)
        self.side_by_side = 0
        self.calls = self.calls_most = 0
        self.receipts: list[tuple[int, SiteReceipt]] = []
        self.reshown: set[str] = set()

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        assert self.pushes
        assert len(deliveries) <= self.batch_max
        self.calls += 1
        self.calls_most = max(self.calls_most, self.calls)
        for one in deliveries:
            name = name_of(one)
            self.under_way[name] += 1
            self.side_by_side = max(self.side_by_side, self.under_way[name])
        try:
            answers = [self._take(one) for one in deliveries]
            await asyncio.sleep(self.latency_s)
            return answers
        finally:
            self.calls -= 1
            for one in deliveries:
                self.under_way[name_of(one)] -= 1

    def _take(self, delivery: Delivery) -> Any:
        if self.down:
            return Unavailable("connection refused")
        self.arrivals.append(delivery)
        instead = self.fault(delivery)
        if instead == "lose":
            return Accepted("202")
        if instead is not None and instead != "no answer":
            return instead
        self.take(delivery)
        return Unavailable("hung up") if instead else Accepted("202", f"S-{delivery.key[:8]}")

    def take(self, delivery: Delivery) -> None:
        """Take a delivery in, once for each key as long as it is remembered."""
        now, name = self.clock(), name_of(delivery)
        known = self.keys.get(delivery.key)
        if known is not None and now - known[1] < self.key_memory_s * 1000:
            assert known[0] == delivery.body_sha256, "same key, other bytes"
            return
        self.keys[delivery.key] = delivery.body_sha256, now
        self.effects.append(Effect(delivery.key, name, delivery.version, delivery.state, now))
        stands = self.stands.get(name)
        if stands is None or stands.version <= delivery.version:
            self.stands[name] = delivery
        receipt = SiteReceipt(
            delivery.key, delivery.uscc, delivery.result_id, delivery.version, ok=True, errors=(),
            site_receipt_id=f"R-{len(self.receipts)}", body_sha256=delivery.body_sha256,
        )  # fmt: skip
        self.receipts.append((now + self.receipt_after_ms, receipt))

    async def ask(self, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        if self.down:
            return [Unavailable("connection refused")] * len(deliveries)
        self.asked += [name_of(one) for one in deliveries]
        found = [self.stands.get(name_of(one)) for one in deliveries]
        return [
            None if one is None else Standing(one.version, one.state, f"S-{one.key[:8]}")
            for one in found
        ]

    async def poll_receipts(self, cursor: str) -> Any:
        if self.down:
            return Unavailable("connection refused")
        start, now = int(cursor or 0), self.clock()
        page = []
        for ripe_ms, receipt in self.receipts[start : start + 50]:
            if ripe_ms > now:
                break
            page.append(receipt)
        return page, str(start + len(page))

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Any]:
        if self.down:
            return [Unavailable("connection refused")] * len(deliveries)
        return [self._seen(name_of(one)) for one in deliveries]

    def _seen(self, name: str) -> Observed:
        one = self.stands.get(name)
        if one is None:
            return Observed(shown=False)
        shown = one.state is DisclosureState.DISCLOSED or name in self.reshown
        return Observed(shown=shown, version=one.version)

    async def close(self) -> None:
        """Nothing is held open."""


def name_of(delivery: Delivery) -> str:
    return f"{delivery.uscc}\x1f{delivery.result_id}"


def refusal(*errors: str) -> Refused:
    return Refused("422", errors)
