"""Do the rules and the auditor, written apart from one page, come to the same facts?"""

from __future__ import annotations

from datetime import date
from typing import Any

import random_public
from beside_the_auditor import differences, policy_of
from builders import a_document
from hypothesis import given
from hypothesis import strategies as st
from random_logs import logs, many, play, policies

from schemas.journal import CalendarDay, CalendarFinding
from schemas.policy import PolicyDocument
from schemas.public_facts import RepairFact

DAYS = [date(2026, 9, number) for number in (23, 24, 27, 28, 30)]
calendars = st.one_of(
    st.none(),
    st.builds(
        lambda days: CalendarFinding(
            days=tuple(CalendarDay(day=day, works=works) for day, works in days.items())
        ),
        st.dictionaries(st.sampled_from(DAYS), st.booleans(), max_size=4),
    ),
)
OFF = CalendarFinding(days=(CalendarDay(day=date(2026, 9, 23), works=False),))
"""A working day in the first days of every case, as administrators may make it a holiday."""
COURSE: list[dict[str, Any]] = [
    {"step": "apply_for", "result_ids": ["R-1"]},
    {"step": "accept"},
    {"step": "decide"},
]


@many
@given(policies, logs)
def test_the_auditor_comes_to_the_same_facts(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    assert differences(play(document, log), policy_of(document)) == []


@many
@given(random_public.logs, st.lists(calendars, min_size=1, max_size=4))
def test_the_auditor_counts_the_same_days_whatever_administrators_enter(
    log: list[dict[str, Any]], entered: list[CalendarFinding | None]
) -> None:
    desk = random_public.play(log, entered)

    assert differences(desk, policy_of(a_document())) == []


def test_what_administrators_entered_moves_the_days_that_are_compared() -> None:
    desk = random_public.play(COURSE, [OFF])
    told = [fact.due_on for facts in desk.answers for fact in facts if isinstance(fact, RepairFact)]

    assert told == [None, date(2026, 10, 10), None]
    assert differences(desk, policy_of(a_document())) == []
