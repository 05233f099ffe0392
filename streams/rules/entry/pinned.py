"""What of the registries does a decision pin, so that it can be understood and judged again later?

The classes it was decided by, how its items can be checked off-site, how long its officers hold
their certificates.
"""

from __future__ import annotations

from datetime import date

from schemas.decision import ClassPinned, OffsiteChoice
from schemas.enums import Prompt
from schemas.journal import Findings
from streams.rules.built import builder
from streams.rules.calendar import day_at
from streams.rules.case import Case
from streams.rules.state import SubjectState

_class_pinned, _offsite_choice = builder(ClassPinned), builder(OffsiteChoice)


def classes_of(state: SubjectState) -> tuple[ClassPinned, ...]:
    """The enterprise's classes, by scheme, each with the day it is of.

    Source: art. 3 (three feeds, each with its own date).
    """
    if not state.classes:
        return ()
    return tuple(
        _class_pinned({"scheme": name, "name": rated.class_, "as_of": day_at(rated.as_of)})
        for name, rated in sorted(state.classes.items())
    )


def offsite_choices(case: Case, raised: tuple[Prompt, ...]) -> tuple[OffsiteChoice, ...]:
    """What of a task can be checked without a visit, and how, if the officer is to be told.

    Source: art. 10.
    """
    if Prompt.OFFSITE_PREFERRED not in raised:
        return ()
    ways = {finding.item: finding.way for finding in case.findings.offsite_ways}
    return tuple(
        _offsite_choice({"item": item, "way": ways.get(item)})
        for item in case.findings.offsite_items
    )


def certified_until(findings: Findings) -> date | None:
    """The first day after which one of the officers holds no certificate; None: no such day.

    Source: art. 14.
    """
    days = [officer.valid_to for officer in findings.officers if officer.valid_to is not None]
    return min(days) if days else None
