"""Is a system worth calling just now? A breaker that holds: nothing is dropped, all wait.

Closed, it lets everything through. After failures in a row it is open and lets nothing through for
a while, then one probe; success closes it, failure makes the pause longer. Source: operations.md
§2 by way of docs/delivery.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

FAILURES_MAX = 5
FIRST_PAUSE_MS = 1_000
LONGEST_PAUSE_MS = 60_000


class BreakerState(StrEnum):
    """Where a breaker stands."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True, slots=True)
class Breaker:
    """A breaker of one system. Instants are Unix milliseconds.

    Attributes:
        failures: calls in a row that brought no answer.
        pause_ms: how long it stays open this time.
        until_ms: when one probe may pass.
        since_ms: since when it is not closed; 0 while it is.
    """

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    pause_ms: int = 0
    until_ms: int = 0
    since_ms: int = 0


CLOSED = Breaker()


def may_call(breaker: Breaker, now_ms: int) -> int | None:
    """How many deliveries may leave now: None for any number, 1 for a probe, 0 for none."""
    if breaker.state is BreakerState.CLOSED:
        return None
    if breaker.state is BreakerState.OPEN and now_ms >= breaker.until_ms:
        return 1
    return 0


def probing(breaker: Breaker) -> Breaker:
    """The breaker while its probe is under way: nothing else passes."""
    if breaker.state is BreakerState.CLOSED:
        return breaker
    return replace(breaker, state=BreakerState.HALF_OPEN)


def failed(breaker: Breaker, now_ms: int, retry_after_s: float | None = None) -> Breaker:
    """The breaker after a call that brought no usable answer.

    Calls that were under way when it opened do not make its pause longer; only a probe does.
    """
    failures = breaker.failures + 1
    if breaker.state is BreakerState.OPEN:
        return replace(breaker, failures=failures)
    if breaker.state is BreakerState.CLOSED and failures < FAILURES_MAX and retry_after_s is None:
        return replace(breaker, failures=failures)
    asked_ms = int(min(retry_after_s or 0.0, LONGEST_PAUSE_MS / 1000) * 1000)
    pause = min(max(FIRST_PAUSE_MS, 2 * breaker.pause_ms, asked_ms), LONGEST_PAUSE_MS)
    since = breaker.since_ms or now_ms
    return Breaker(BreakerState.OPEN, failures, pause, now_ms + pause, since)


def unprobed(breaker: Breaker, now_ms: int) -> Breaker:
    """The breaker after a probe that never left the hub: it says nothing, another may pass."""
    if breaker.state is not BreakerState.HALF_OPEN:
        return breaker
    return replace(breaker, state=BreakerState.OPEN, until_ms=now_ms)


def succeeded(breaker: Breaker) -> Breaker:
    """The breaker after any usable answer: closed."""
    return breaker if breaker == CLOSED else CLOSED
