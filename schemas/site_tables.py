"""How does a publicity system name an outcome, a stop reason, a column?

One table a system, `data/sites/*.toml`; the hub's own outcome codes lie in `data/outcomes.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from schemas.feed import StopReason

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing an inspection can end with.

    Attributes:
        title: in Chinese, as people read it.
        negative: says something against the enterprise.
        repairable: credit repair covers it.
        source: the published list it is taken from.
    """

    title: str
    negative: bool
    repairable: bool
    source: str


@dataclass(frozen=True, slots=True)
class SiteTable:
    """A system's own words.

    Attributes:
        site: its code.
        other: the category of an outcome without a row.
        categories: the title of each category, in the order in which they are listed.
        outcomes: the category of each outcome code of the hub.
        stop_reasons: what the system calls each reason for a stop.
        columns: how many bytes each column holds, where the system has such limits.
        remarks: the reason for a stop in words, where the system wants them apart.
    """

    site: str
    other: str
    categories: Mapping[str, str]
    outcomes: Mapping[str, str]
    stop_reasons: Mapping[str, str]
    columns: Mapping[str, int]
    remarks: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a table that would leave a form without an answer."""
        wrong = [
            f"outcome {code} has category {category}, which has no title"
            for code, category in {**self.outcomes, "(other)": self.other}.items()
            if category not in self.categories
        ]
        for name, words in (("stop_reasons", self.stop_reasons), ("remarks", self.remarks)):
            if words:
                wrong += [f"{name} has no row {one}" for one in StopReason if one not in words]
        if wrong:
            raise ValueError(f"table of {self.site}: " + "; ".join(wrong))

    def categories_of(self, outcomes: Iterable[str]) -> tuple[str, ...]:
        """The categories of a set of outcomes, in the table's order, each once."""
        found = {self.outcomes.get(code, self.other) for code in outcomes}
        return tuple(category for category in self.categories if category in found)

    def unmapped(self, outcomes: Iterable[str]) -> tuple[str, ...]:
        """The outcomes that have no row and go to the category `other`."""
        return tuple(code for code in outcomes if code not in self.outcomes)


@cache
def outcomes() -> Mapping[str, Outcome]:
    """The hub's outcome codes."""
    rows = tomllib.loads((_DATA / "outcomes.toml").read_text(encoding="utf-8"))
    return {code: Outcome(**row) for code, row in rows.items()}


@cache
def site_table(name: str) -> SiteTable:
    """The table of a system by the name of its file: `national`."""
    path = _DATA / "sites" / f"{name}.toml"
    return SiteTable(**tomllib.loads(path.read_text(encoding="utf-8")))
