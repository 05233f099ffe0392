"""How large is the city, which days does it live through, and how badly do its platforms behave?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta

DISTRICTS_MAX = 16
SYSTEMS_MAX = 40
SYSTEMS_MIN = 8
SECONDS_OF_DAY = 86_400
DAY_MS = SECONDS_OF_DAY * 1000
_EXTRA_SHARE_MAX = 0.5

_LINES_A_TASK = 3.17
_LINES_A_DEPARTMENT = 0.2
_LINES_A_SMALL_DEPARTMENT = 1.0
_SMALL_DEPARTMENT_EVENTS = 60
_LINES_A_BURST_TASK = 1.64
"""How many lines tasks bring about: measured, and rounded up, so that a file of a given length
lacks about one line in a hundred and is hardly ever cut before its year is over."""
_EVENTS_A_DISTRICT = 2_000
"""A smaller city for a short file: caps fill up only where a department has work all year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySpec:
    """What to generate. Equal specs and seeds give equal bytes.

    Attributes:
        year: The calendar year the caps and plans belong to.
        start_day: First day of events; None: 1 January.
        days: Number of days from `start_day` on which tasks are submitted; None: to 31 December.
        spill_days: Days after those on which entries, results and repeats still arrive.
        districts: Number of districts, at most 16.
        systems: Lines of business (卫健, 应急 …) with a department in every district, 8 to 40.
        city_level: Whether every system has a department of the city as well.
        subjects: Enterprises in all districts together.
        officers: Certified officers of all departments together.
        tasks: Tasks to be submitted, about.
        events: Lines after the leading registry lines, exactly; None: as many as the tasks bring.
        planned_share: Share of tasks that come from the quarterly draws (art. 2).
        ahead_days: An inspection outside the draws is planned at most so many days ahead.
        any_day: Whether inspections also take place on days of rest.
        opens_s: Second of the day at which departments start to send.
        closes_s: Second of the day at which they stop.
        duplicates: Share of lines that repeat an earlier event.
        malformed: Share of lines that intake must refuse.
        skew: How unevenly visits fall on enterprises: 0 evenly, towards 1 on few (Zipf's exponent).
        fates: Share of results that are corrected, stopped or repaired later (see `fates`).
        specials: Special inspections filed on the first day, every second one a survey (art. 4-6).
        control_changes: Whether registry and policy also change in mid-year. Their order against
            the departments' own topics is then up to chance.
        annotate: Whether lines carry `hubexpect` (the refusal that intake must give) and `hubcase`
            (what they try out).

    Raises:
        ValueError: with everything that is out of range, all in one message.
    """

    year: int = 2026
    start_day: date | None = None
    days: int | None = None
    spill_days: int = 15
    districts: int = DISTRICTS_MAX
    systems: int = SYSTEMS_MAX
    city_level: bool = True
    subjects: int = 50_000
    officers: int = 20_000
    tasks: int = 90_000
    events: int | None = None
    planned_share: float = 0.55
    ahead_days: int = 14
    any_day: bool = False
    opens_s: float = 8.5 * 3600
    closes_s: float = 17.5 * 3600
    duplicates: float = 0.10
    malformed: float = 0.01
    skew: float = 0.55
    fates: float = 0.12
    specials: int = 0
    control_changes: bool = False
    annotate: bool = False

    def __post_init__(self) -> None:
        ranges = (
            ("year", self.year, 2000, 2100),
            ("days", self.day_count, 1, 366),
            ("spill_days", self.spill_days, 0, 60),
            ("districts", self.districts, 1, DISTRICTS_MAX),
            ("systems", self.systems, SYSTEMS_MIN, SYSTEMS_MAX),
            ("subjects", self.subjects, 10 * self.districts, 5_000_000),
            ("officers", self.officers, 1, 5_000_000),
            ("tasks", self.tasks, 1, 50_000_000),
            ("events", self.events or 1, 1, 100_000_000),
            ("planned_share", self.planned_share, 0, 1),
            ("ahead_days", self.ahead_days, 0, 90),
            ("opens_s", self.opens_s, 0, SECONDS_OF_DAY - 1),
            ("closes_s", self.closes_s, self.opens_s, SECONDS_OF_DAY - 1),
            ("duplicates", self.duplicates, 0, _EXTRA_SHARE_MAX),
            ("malformed", self.malformed, 0, _EXTRA_SHARE_MAX),
            ("skew", self.skew, 0, 0.95),
            ("fates", self.fates, 0, 1),
            ("specials", self.specials, 0, 60),
        )
        wrong = [
            f"{name} is {value}, {low} to {high} expected"
            for name, value, low, high in ranges
            if not low <= value <= high
        ]
        if self.duplicates + self.malformed > _EXTRA_SHARE_MAX:
            wrong.append("duplicates and malformed together are more than half")
        if self.first_day.year != self.year:
            wrong.append(f"start_day {self.first_day} is not in the year {self.year}")
        if wrong:
            raise ValueError("city to generate: " + "; ".join(wrong))

    @property
    def first_day(self) -> date:
        """The first day on which anything is sent."""
        return self.start_day or date(self.year, 1, 1)

    @property
    def day_count(self) -> int:
        """The number of days on which tasks are submitted."""
        if self.days is not None:
            return self.days
        return (date(self.year, 12, 31) - self.first_day).days + 1

    @property
    def last_day(self) -> date:
        """The last day on which tasks are submitted."""
        return self.first_day + timedelta(days=self.day_count - 1)


def city_year(events: int = 200_000, *, year: int = 2026, annotate: bool = False) -> CitySpec:
    """Give the spec of a year of the city: exactly so many events after the leading lines."""
    districts = max(1, min(DISTRICTS_MAX, events // _EVENTS_A_DISTRICT))
    departments = (districts + 1) * SYSTEMS_MAX
    is_small = events < _SMALL_DEPARTMENT_EVENTS * departments
    others = departments * (_LINES_A_SMALL_DEPARTMENT if is_small else _LINES_A_DEPARTMENT)
    return CitySpec(
        year=year,
        districts=districts,
        events=events,
        tasks=max(1, round((events - others) / _LINES_A_TASK)),
        subjects=max(160, events // 4),
        officers=max(6 * departments, min(30_000, events // 10)),
        annotate=annotate,
    )


def quarter_burst(
    events: int = 200_000, *, year: int = 2026, quarter: int = 2, annotate: bool = False
) -> CitySpec:
    """Give the spec of the draws that open a quarter: the wave that lag and drain are judged by.

    The window is sixteen days, which hold the first five working days of every quarter.
    """
    return replace(
        city_year(events, year=year, annotate=annotate),
        start_day=date(year, 3 * quarter - 2, 1),
        days=16,
        spill_days=0,
        tasks=max(1, round(events / _LINES_A_BURST_TASK)),
        planned_share=0.96,
    )


def district_day(
    today: date, *, tasks: int = 2_000, until: time = time(17, 30), annotate: bool = False
) -> CitySpec:
    """Give the spec of one day of one district: about `tasks` tasks, planned today to five days on.

    Everything is sent on `today` before `until`, so that no event lies in the future of a hub that
    is shown the day at that hour, and no code expires while it is being looked at.
    """
    closes_s = until.hour * 3600 + until.minute * 60 + until.second
    return CitySpec(
        year=today.year,
        start_day=today,
        days=1,
        spill_days=0,
        districts=1,
        city_level=False,
        subjects=max(200, tasks),
        officers=600,
        tasks=tasks,
        ahead_days=5,
        any_day=True,
        opens_s=max(0.0, closes_s - 9 * 3600.0),
        closes_s=float(closes_s),
        fates=0.6,
        annotate=annotate,
    )
