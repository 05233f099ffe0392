"""How may a stage, a system or a department be? Words, the worst first; and what each asks for."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """How a stage, a partition or a department is; the worst first, so order is meaning."""

    NO_DATA = "NO_DATA"
    DOOMED = "DOOMED"
    EXPIRING = "EXPIRING"
    STOP = "STOP"
    REWIND = "REWIND"
    STALL = "STALL"
    PAUSED_BY_BREAKER = "PAUSED_BY_BREAKER"
    PAUSED_BY_OPERATOR = "PAUSED_BY_OPERATOR"
    AT_RISK = "AT_RISK"
    WARN = "WARN"
    SILENT = "SILENT"
    OK = "OK"


CRITICAL = frozenset(
    {
        Verdict.NO_DATA,
        Verdict.DOOMED,
        Verdict.EXPIRING,
        Verdict.STOP,
        Verdict.REWIND,
        Verdict.STALL,
        Verdict.PAUSED_BY_BREAKER,
    }
)
"""Somebody must act now."""
_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some; OK of none."""
    return min(verdicts, key=_RANK.__getitem__, default=Verdict.OK)


def level(verdict: Verdict) -> int:
    """0: all is well, 1: look at it today, 2: act now. What `hub status` ends with."""
    if verdict is Verdict.OK:
        return 0
    return 2 if verdict in CRITICAL else 1


class Stage(StrEnum):
    """The parts of the journey that are watched, in its order; last what counts its answers."""

    INTAKE = "intake"
    DECIDE = "decide"
    DELIVER = "deliver"
    PROVE = "prove"
    COUNT = "count"
