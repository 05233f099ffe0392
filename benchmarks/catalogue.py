"""Which benchmarks are there?"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.burst import burst
from benchmarks.classes import classes
from benchmarks.counting import counting
from benchmarks.decide import decide
from benchmarks.deliver import deliver
from benchmarks.deliver_apart import deliver_apart
from benchmarks.deliver_hour import deliver_hour
from benchmarks.drawn_quarter import drawn_quarter
from benchmarks.engine import engine
from benchmarks.figures import figures
from benchmarks.gateway import gateway
from benchmarks.growth import growth
from benchmarks.intake import intake
from benchmarks.latency import latency
from benchmarks.outcome import Outcome
from benchmarks.plan import Plan
from benchmarks.registry_size import registry_size
from benchmarks.replay_identity import replay_identity
from benchmarks.watch import watch
from benchmarks.window_close import window_close
from benchmarks.workers import workers

BENCHMARKS: dict[str, Callable[[Plan], Outcome]] = {
    "engine": engine,
    "decide": decide,
    "intake": intake,
    "latency": latency,
    "burst": burst,
    "classes": classes,
    "registry_size": registry_size,
    "gateway": gateway,
    "workers": workers,
    "counting": counting,
    "deliver": deliver,
    "deliver_apart": deliver_apart,
    "deliver_hour": deliver_hour,
    "growth": growth,
    "replay_identity": replay_identity,
    "watch": watch,
    "figures": figures,
    "drawn_quarter": drawn_quarter,
    "window_close": window_close,
}
