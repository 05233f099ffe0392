"""May this client send more now, and if not, when? Rates, and a bound on what is in hand.

Pure but for the clock that is given: seconds that only go up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

from starlette.requests import Request

from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.quota_report import Use

Clock = Callable[[], float]
RETRY_AFTER_MAX_S = 60
CLIENTS_REMEMBERED_MAX = 50_000
_WEIGHT_OF_LATEST = 0.1


def address_of(request: Request) -> str:
    """The client in whose name requests without credentials are counted."""
    return f"address {request.client.host if request.client else '?'}"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rate:
    """Token buckets, one a client: `per_s` on average, `burst` at once."""

    def __init__(self, per_s: float, burst: float, clock: Clock) -> None:
        self._per_s, self._burst, self._clock = per_s, burst, clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, client: str, count: int = 1) -> None:
        """Take `count` from a client's allowance.

        More than a full bucket empties it, so that a large batch passes, but not the next.

        Raises:
            Problem: it is used up; says when there will be enough.
        """
        now = self._clock()
        bucket = self._buckets.get(client)
        if bucket is None:
            self._forget_some(now)
            bucket = self._buckets[client] = _Bucket(self._burst, now)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._per_s)
        bucket.at = now
        needed = min(float(count), self._burst)
        if bucket.tokens < needed:
            raise Problem(
                Why.TOO_MANY, retry_after_s=_whole((needed - bucket.tokens) / self._per_s)
            )
        bucket.tokens -= count

    def _forget_some(self, now: float) -> None:
        """Drop the buckets that are full again: they say nothing. Bounded against many clients."""
        if len(self._buckets) < CLIENTS_REMEMBERED_MAX:
            return
        full_after_s = self._burst / self._per_s
        self._buckets = {
            name: bucket for name, bucket in self._buckets.items() if now - bucket.at < full_after_s
        }
        while len(self._buckets) >= CLIENTS_REMEMBERED_MAX:
            del self._buckets[next(iter(self._buckets))]


class RememberedRate(Rate):
    """A rate that remembers how near each client came to its limit, until somebody asks."""

    def __init__(self, per_s: float, burst: float, clock: Clock) -> None:
        super().__init__(per_s, burst, clock)
        self.limits = per_s, burst
        self._uses: dict[str, Use] = {}

    def take(self, client: str, count: int = 1) -> None:
        """Take `count` from a client's allowance.

        Raises:
            Problem: it is used up; says when there will be enough.
        """
        use = self._uses.setdefault(client, Use())
        try:
            super().take(client, count)
        except Problem:
            use.add(Use(self._burst, count))
            raise
        use.add(Use(self._burst - self._buckets[client].tokens))

    def uses(self) -> dict[str, Use]:
        """What each client used since this was last asked."""
        found, self._uses = self._uses, {}
        return found


@dataclass(slots=True)
class _Load:
    records: int = 0
    size_bytes: int = 0


@dataclass(slots=True)
class InHand:
    """How much has been read and is not stored yet. One department may hold half of it."""

    records_max: int
    bytes_max: int
    clock: Clock
    _all: _Load = field(default_factory=_Load)
    _of: dict[str, _Load] = field(default_factory=lambda: defaultdict(_Load))
    _record_s: float = 0.0

    @contextmanager
    def hold(self, dept: str, records: int, size_bytes: int) -> Iterator[None]:
        """Count records as in hand while they are being stored.

        Raises:
            Problem: it would be too much; says when about, from how fast records were stored.
        """
        own = self._of[dept]
        self._check(Why.BUSY, self._all, (self.records_max, self.bytes_max), (records, size_bytes))
        share = (self.records_max // 2, self.bytes_max // 2)
        self._check(Why.TOO_MANY, own, share, (records, size_bytes))
        self._add(own, records, size_bytes)
        began = self.clock()
        try:
            yield
        finally:
            ahead = max(self._all.records, 1)
            latest = (self.clock() - began) / ahead
            self._record_s += _WEIGHT_OF_LATEST * (latest - self._record_s)
            self._add(own, -records, -size_bytes)
            if not own.records:
                self._of.pop(dept, None)

    @property
    def records(self) -> int:
        """How many records are in hand."""
        return self._all.records

    def _add(self, own: _Load, records: int, size_bytes: int) -> None:
        for load in (self._all, own):
            load.records += records
            load.size_bytes += size_bytes

    def _check(
        self, reason: Why, load: _Load, limits: tuple[int, int], more: tuple[int, int]
    ) -> None:
        # A single batch larger than the limit must pass when nothing else is in hand.
        too_many = load.records and load.records + more[0] > limits[0]
        if too_many or (load.records and load.size_bytes + more[1] > limits[1]):
            raise Problem(reason, retry_after_s=_whole(load.records * self._record_s))


def _whole(seconds: float) -> int:
    return min(max(1, ceil(seconds)), RETRY_AFTER_MAX_S)
