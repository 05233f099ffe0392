"""What is counted, and what do the five indicators mean (art. 6, 19)?

One table of measures and one of indicators. What computes, shows, exports or checks reads these.
Every measure is a number of inspections: one department's task at one enterprise is one.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from schemas.canary import CANARY_DEPT
from schemas.regions import district_of, regions

STATISTICS_VERSION = 1
"""Raised when the same logs would be counted otherwise: a file of an older one is made anew."""

PRAISED_FROM_STARS = 4
"""A rating of at least so many of five stars is praise. The plan names no figure."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of inspections. `definition` says which ones, `article` which of the plan asks."""

    name: str
    title: str
    zh: str
    definition: str
    article: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """A share of inspections (art. 19). Numerator and denominator are names of measures."""

    name: str
    title: str
    zh: str
    numerator: str
    denominator: str
    definition: str
    article: str


_FILE = Path(__file__).parent / "data" / "statistics.toml"
_TABLES = tomllib.loads(_FILE.read_text(encoding="utf-8"))

MEASURES: tuple[Measure, ...] = tuple(Measure(**row) for row in _TABLES["measure"])
"""In the order of the stored counters; a new one is appended."""

MEASURE_NAMES = tuple(measure.name for measure in MEASURES)

INDICATORS: tuple[Indicator, ...] = tuple(Indicator(**row) for row in _TABLES["indicator"])
"""The five of art. 19."""

ITEM_MEASURES = ("tasks", "made", "problems")
"""An inspection of several items counts once for each."""

TASK_MEASURES = MEASURE_NAMES[: MEASURE_NAMES.index("made")]
"""What is said of a task, whether an inspection was made or not; surveys have nothing else: what
they find is counted enterprise by enterprise."""

VISIT_KEYS = ("month", "dept", "district", "mode", "kind", "trigger")
ITEM_KEYS = ("month", "dept", "item")
FREQUENCY_KEYS = ("year", "dept", "kind", "visits")
"""`enterprises` had `visits` on-site inspections of a `kind` by `dept` in `year`. `dept` empty: by
all of them, where a joint visit is one; `kind` empty: of all kinds."""

TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "visit": (VISIT_KEYS, MEASURE_NAMES),
    "item": (ITEM_KEYS, ITEM_MEASURES),
    "frequency": (FREQUENCY_KEYS, ("enterprises",)),
}
"""The counters: name, what a row is told apart by, what is counted in it."""


class WatchKind(StrEnum):
    """What supervisors look at, enterprise by enterprise; what matters most stands first."""

    OVER_CAP = "OVER_CAP"
    AT_CAP = "AT_CAP"
    NEAR_CAP = "NEAR_CAP"
    UNREASONABLE = "UNREASONABLE"
    OVER_CAP_BACKFILL = "OVER_CAP_BACKFILL"
    MOVED_OVER_CAP = "MOVED_OVER_CAP"
    NO_CODE = "NO_CODE"


WATCHED: dict[WatchKind, str] = {
    WatchKind.OVER_CAP: "a counter holds more than its maximum",
    WatchKind.AT_CAP: "a counter is full: the next inspection is intercepted",
    WatchKind.NEAR_CAP: "one more inspection fills a counter",
    WatchKind.UNREASONABLE: "one department inspected unreasonably often in a year, exempt ones "
    "included",
    WatchKind.OVER_CAP_BACKFILL: "an inspection was back-filled over a cap",
    WatchKind.MOVED_OVER_CAP: "an inspection made in another year than planned overfills a rule "
    "there",
    WatchKind.NO_CODE: "inspected on site without a code",
}
"""What each list says."""

SPECIALS_APART = "\x1f"
"""Between the special inspections of one line; no id can hold it."""

WATCH_KEYS = (
    "kind", "year", "uscc", "dept", "rule", "task_id", "day", "used", "cap", "special_id",
)  # fmt: skip


def layout() -> str:
    """A digest of what is counted and how it is stored; another one: the file is made anew."""
    told = [STATISTICS_VERSION, PRAISED_FROM_STARS, CANARY_DEPT, TABLES, WATCH_KEYS]
    words = [[measure.name, measure.definition] for measure in MEASURES]
    places = [[region.code, district_of(region.code)] for region in regions()]
    return hashlib.sha256(json.dumps([told, words, places]).encode()).hexdigest()[:16]
