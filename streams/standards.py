"""Which points does an item's standard have on a day, and can it be checked without a visit?

Standards are versioned: the one in force is the highest version that has begun (art. 16). Kept as
small tuples: a city has ten thousand items.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from schemas.enums import OffsiteWay
from schemas.inbound import ResultRecorded
from schemas.registry import RegistryItem


class Standard(NamedTuple):
    """One version of an item's standard.

    Attributes:
        version: its number; higher ones replace lower ones.
        begins: its first day, as an ordinal; 0: it has always held.
        offsite: the item can be checked without a visit (art. 10); way: how.
        points: what is to be checked, in the order of the standard.
    """

    version: int
    begins: int
    offsite: bool
    way: OffsiteWay | None
    points: tuple[str, ...]


class Standards:
    """All versions of the standards of all items."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[Standard, ...]] = {}
        self._systems: dict[str, str] = {}

    def put(self, entry: RegistryItem) -> None:
        """Take in a version; the same one again replaces what it said before."""
        made = Standard(
            entry.version,
            0 if entry.valid_from is None else entry.valid_from.toordinal(),
            entry.offsite_possible,
            entry.offsite_way,
            tuple(sys.intern(one.point) for one in entry.points),
        )
        others = (one for one in self._of.get(entry.item, ()) if one.version != made.version)
        self._of[entry.item] = tuple(sorted((*others, made)))
        self._systems[entry.item] = sys.intern(entry.system)

    def system_of(self, item: str) -> str | None:
        """The line of business that an item belongs to; None: it has no standard yet."""
        return self._systems.get(item)

    def on(self, item: str, day: date) -> Standard | None:
        """The standard in force on a day; None: the item has none yet."""
        ordinal = day.toordinal()
        begun = [one for one in self._of.get(item, ()) if one.begins <= ordinal]
        return begun[-1] if begun else None

    def of(self, item: str, version: int) -> Standard | None:
        """One version of an item's standard."""
        return next((one for one in self._of.get(item, ()) if one.version == version), None)

    def offsite(self, items: tuple[str, ...], day: date) -> Mapping[str, OffsiteWay | None]:
        """Those of these items that can be checked without a visit, with the way (art. 10)."""
        found = {item: self.on(item, day) for item in items}
        return {item: one.way for item, one in found.items() if one is not None and one.offsite}

    def compare(self, result: ResultRecorded) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Points of a result that its standards do not have, and points of theirs it lacks.

        Each as `item/point`, in the order of the result, of the standard. An item without a
        standard, or whose standard has no points, has neither.

        Source: art. 16.
        """
        foreign, missing = [], []
        for row in result.items:
            standard = (
                self.on(row.item, result.inspected_on)
                if row.version is None
                else self.of(row.item, row.version)
            )
            if standard is None or not standard.points:
                continue
            given = dict.fromkeys(one.point for one in row.points)
            foreign += [f"{row.item}/{one}" for one in given if one not in standard.points]
            missing += [f"{row.item}/{one}" for one in standard.points if one not in given]
        return tuple(foreign), tuple(missing)
