"""What did a benchmark find? Tables for people, goals met or missed, and the raw figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

Result = Mapping[str, Any]
"""What one run of one contender measured: see benchmarks.meter."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the first column names, the others are figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """What was hoped for and what came out."""

    text: str
    found: str
    met: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything one benchmark found."""

    name: str
    tables: Sequence[Table]
    goals: Sequence[Goal] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For the file that keeps it."""
        return asdict(self)


def outcome_of(kept: Mapping[str, Any]) -> Outcome:
    """The outcome that `as_dict` made a dictionary of."""
    return Outcome(
        kept["name"],
        [Table(**table) for table in kept["tables"]],
        [Goal(**goal) for goal in kept["goals"]],
        kept["raw"],
    )


@dataclass(frozen=True, slots=True)
class Rounds:
    """The results of several contenders, round by round, in the order they were run."""

    results: Mapping[str, Sequence[Result]]

    def middle(self, name: str, figure: str = "rate") -> float:
        """The median of one figure of a contender."""
        return float(median(result[figure] for result in self.results[name]))

    def ratio(self, name: str, base: str) -> float:
        """How many times as fast as `base`.

        The median of the rounds, each compared within itself.
        """
        pairs = zip(self.results[name], self.results[base], strict=True)
        return float(median(mine["rate"] / other["rate"] for mine, other in pairs))

    def at_least(self, wanted: float, name: str, base: str) -> Goal:
        """A goal: so many times as fast as another."""
        found = self.ratio(name, base)
        text = f"{name}: at least {wanted:g} times {base}"
        return Goal(text, f"{found:.2f}", found >= wanted)

    def table(self, title: str, first: str, notes: Sequence[str] = ()) -> Table:
        """All contenders beside each other; the ratios say how many times as fast `first` is."""
        columns = (
            "contender", "events/s", "lowest … highest", f"{first} is … times as fast",
            "CPU µs/event", "RSS MB", "cores: own", "Kafka", "Redis",
        )  # fmt: skip
        return Table(title, columns, [self._row(name, first) for name in self.results], notes)

    def _row(self, name: str, first: str) -> list[str]:
        results = self.results[name]
        rates = [result["rate"] for result in results]
        servers = [result["server_cores"] for result in results]
        return [
            name,
            f"{median(rates):,.0f}",
            f"{min(rates):,.0f} … {max(rates):,.0f}",
            f"{self.ratio(first, name):.2f}",
            f"{self.middle(name, 'cpu_us'):.1f}",
            f"{self.middle(name, 'rss_mb'):.0f}",
            f"{self.middle(name, 'cores'):.2f}",
            f"{median(used['kafka'] for used in servers):.2f}",
            f"{median(used['redis'] for used in servers):.2f}",
        ]
