"""What do the statistics of a period look like, for whoever shows them: console, report, dashboard?

Plain data: whoever draws it needs no rule and no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.statistics import INDICATORS, Indicator


class Dimension(StrEnum):
    """By what the inspections of a period are told apart."""

    MONTH = "month"
    DEPARTMENT = "department"
    LEVEL = "level"
    DISTRICT = "district"
    MODE = "mode"
    KIND = "kind"
    TRIGGER = "trigger"
    ITEM = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which figures are asked for. Months run from 1 to 12; None: all departments and so on."""

    year: int
    first_month: int = 1
    last_month: int = 12
    dept: str | None = None
    level: str | None = None
    district: str | None = None
    kind: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first_month <= self.last_month <= 12:
            raise ValueError(
                f"months {self.first_month} to {self.last_month}: 1 to 12 expected, in order"
            )

    @property
    def is_whole_year(self) -> bool:
        """Whether all months are asked for."""
        return (self.first_month, self.last_month) == (1, 12)


@dataclass(frozen=True, slots=True)
class Share:
    """An indicator with its figures; `rate` None: nothing to divide by."""

    indicator: Indicator
    numerator: int
    denominator: int

    @property
    def rate(self) -> float | None:
        """The share, 0 to 1."""
        return self.numerator / self.denominator if self.denominator else None


def shares(counts: Mapping[str, int]) -> tuple[Share, ...]:
    """The five indicators of some counts (art. 19)."""
    return tuple(
        Share(one, counts.get(one.numerator, 0), counts.get(one.denominator, 0))
        for one in INDICATORS
    )


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one value of a dimension.

    Attributes:
        key: the value, empty where nothing is known of it.
        label: what people call it.
        counts: by measure; of items only those of `ITEM_MEASURES`.
        enterprises: how many were inspected on site; departments only, of whole years.
        most: on-site inspections of the one inspected most often.
    """

    key: str
    label: str
    counts: Mapping[str, int]
    enterprises: int | None = None
    most: int | None = None

    @property
    def frequency(self) -> float | None:
        """On-site inspections for each enterprise that was inspected (art. 6)."""
        return self.counts["onsite"] / self.enterprises if self.enterprises else None


@dataclass(frozen=True, slots=True)
class StatsView:
    """The statistics of a period.

    Attributes:
        wanted: what was asked for.
        totals: by measure.
        lines: by `Dimension`; by item only if neither district nor kind is asked for.
        frequency: how many enterprises had how many on-site inspections in the year, by all
            departments (or the one asked for); a joint visit is one. Empty for a part of a year, a
            level or a district.
        watched: how many lines each list of `WATCHED` has, in the year.
        years: years of which anything is counted.
        counted_to: the next offset of `insp.decided` to be counted, by partition.
        behind: answers that are not counted yet; None: nobody asked the broker.
        since: journal offsets before which nothing is counted, by partition, where they are not 0.
    """

    wanted: Wanted
    totals: Mapping[str, int]
    lines: Mapping[str, tuple[Line, ...]]
    frequency: tuple[tuple[int, int], ...] = ()
    watched: Mapping[str, int] = field(default_factory=dict)
    years: tuple[int, ...] = ()
    counted_to: Mapping[int, int] = field(default_factory=dict)
    behind: int | None = None
    since: Mapping[int, int] = field(default_factory=dict)

    @property
    def shares(self) -> tuple[Share, ...]:
        """The five indicators of all."""
        return shares(self.totals)

    def as_dict(self) -> dict[str, object]:
        """For scripts and pages; its keys are stable."""
        wanted = self.wanted
        return {
            "year": wanted.year,
            "months": [wanted.first_month, wanted.last_month],
            "dept": wanted.dept,
            "level": wanted.level,
            "district": wanted.district,
            "kind": wanted.kind,
            "totals": dict(self.totals),
            "indicators": [share_dict(one) for one in self.shares],
            "by": {name: [line_dict(line) for line in those] for name, those in self.lines.items()},
            "frequency": [
                {"inspections": visits, "enterprises": count} for visits, count in self.frequency
            ],
            "watched": dict(self.watched),
            "years": list(self.years),
            "counted_to": {str(partition): at for partition, at in self.counted_to.items()},
            "behind": self.behind,
            "since": {str(partition): offset for partition, offset in self.since.items()},
        }


def share_dict(share: Share) -> dict[str, object]:
    """An indicator with its definition, for scripts."""
    one = share.indicator
    return {
        "name": one.name,
        "title": one.title,
        "zh": one.zh,
        "numerator": {"measure": one.numerator, "value": share.numerator},
        "denominator": {"measure": one.denominator, "value": share.denominator},
        "rate": share.rate,
        "definition": one.definition,
        "article": one.article,
    }


def line_dict(line: Line) -> dict[str, object]:
    """One line of a dimension, for scripts."""
    plain: dict[str, object] = {"key": line.key, "label": line.label, "counts": dict(line.counts)}
    if "onsite" in line.counts:
        plain["rates"] = {one.indicator.name: one.rate for one in shares(line.counts)}
    if line.enterprises is not None:
        told = {"enterprises": line.enterprises, "frequency": line.frequency, "most": line.most}
        plain.update(told)
    return plain
