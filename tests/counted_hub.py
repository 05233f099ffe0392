"""What the statistics remember of a played enterprise, and what it adds to the figures."""

from __future__ import annotations

from builders import USCC, Hub

from schemas.statistics import MEASURE_NAMES
from streams.rules.figures.counted import (
    ASKED_OF_JOURNAL,
    NOTHING_COUNTED,
    SubjectCount,
    accumulate,
)
from streams.rules.figures.indicators import contributions


def counted(hub: Hub) -> SubjectCount:
    """What the statistics remember of a played enterprise."""
    subject = NOTHING_COUNTED
    for number, event in enumerate(hub.events):
        told = event.record.data if event.record.type in ASKED_OF_JOURNAL else None
        subject = accumulate(subject, told, hub.decided(number))
    return subject


def totals(hub: Hub) -> dict[str, int]:
    """Every measure of a played enterprise that is not 0."""
    sums = dict.fromkeys(MEASURE_NAMES, 0)
    for cell, values in contributions(USCC, counted(hub)).items():
        if cell[0] == "visit":
            for name, value in zip(MEASURE_NAMES, values, strict=True):
                sums[name] += value
    return {name: value for name, value in sums.items() if value}
