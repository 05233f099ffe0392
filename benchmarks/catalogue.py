"""Which benchmarks are there?"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.decide import decide
from benchmarks.engine import engine
from benchmarks.intake import intake
from benchmarks.outcome import Outcome
from benchmarks.plan import Plan

BENCHMARKS: dict[str, Callable[[Plan], Outcome]] = {
    "engine": engine,
    "decide": decide,
    "intake": intake,
}
