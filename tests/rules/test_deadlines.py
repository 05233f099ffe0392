"""By when must something be done? The vectors of the State Council's calendars."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from schemas.calendar_file import NO_OVERRIDES
from schemas.feed import StopReason
from streams.rules.calendar import ms_of
from streams.rules.deadlines import Pause, day_of_ms, decision_due, pauses_of, stop_due

REPAIR = StopReason.REPAIR_APPROVED


def ms(text: str) -> int:
    """An instant; a day alone is its noon in Shanghai."""
    full = text if "T" in text else f"{text}T12:00:00+08:00"
    return ms_of(datetime.fromisoformat(full))


def days(*pairs: tuple[str, str | None]) -> list[Pause]:
    return [
        (date.fromisoformat(first), None if last is None else date.fromisoformat(last))
        for first, last in pairs
    ]


@pytest.mark.parametrize(
    ("reason", "said_at", "due_on", "provisional"),
    [
        pytest.param(REPAIR, "2026-02-13", "2026-02-25", False, id="before Spring Festival"),
        pytest.param(REPAIR, "2026-09-30", "2026-10-10", False, id="an adjusted Saturday works"),
        pytest.param(REPAIR, "2025-12-30", "2026-01-05", False, id="over the year's end"),
        pytest.param(REPAIR, "2026-04-30", "2026-05-08", False, id="Labour Day"),
        pytest.param(REPAIR, "2026-09-29T16:30:00Z", "2026-10-10", False, id="past midnight here"),
        pytest.param(REPAIR, "2026-12-29", "2027-01-01", True, id="no calendar: too early"),
        pytest.param(REPAIR, "2027-03-01", "2027-03-04", True, id="no calendar at all"),
        pytest.param(StopReason.OBJECTION_UPHELD, "2026-03-16", "2026-03-23", False, id="five"),
        pytest.param(StopReason.CASCADE, "2026-10-01", "2026-10-01", False, id="the same day"),
        pytest.param(StopReason.EXPIRED, "2026-03-16", "2026-03-19", False, id="three"),
    ],
)
def test_stops(reason: StopReason, said_at: str, due_on: str, provisional: bool) -> None:
    assert stop_due(reason, ms(said_at), NO_OVERRIDES) == (date.fromisoformat(due_on), provisional)


@pytest.mark.parametrize(
    ("pauses", "due_on"),
    [
        pytest.param([], "2026-10-09", id="no pause"),
        pytest.param([("2026-09-24", "2026-09-29")], "2026-10-12", id="a pause"),
        pytest.param([("2026-09-24", "2026-09-24")], "2026-10-09", id="asked and received at once"),
        pytest.param(
            [("2026-09-24", "2026-09-28"), ("2026-09-25", "2026-09-29")],
            "2026-10-12",
            id="overlaps count once",
        ),
        pytest.param([("2026-09-24", "2026-10-08")], "2026-10-14", id="across a holiday"),
        pytest.param([("2026-09-24", None)], None, id="open: no day"),
        pytest.param(
            [("2026-09-24", "2026-09-29"), ("2026-09-30", None)], None, id="one closed, one open"
        ),
    ],
)
def test_decisions(pauses: list[tuple[str, str | None]], due_on: str | None) -> None:
    due = decision_due(ms("2026-09-22"), days(*pauses), NO_OVERRIDES)

    assert due == (None if due_on is None else (date.fromisoformat(due_on), False))


def test_a_decision_that_no_calendar_covers_is_due_too_early_and_says_so() -> None:
    assert decision_due(ms("2026-12-29"), [], NO_OVERRIDES) == (date(2027, 1, 5), True)


@pytest.mark.parametrize(
    ("asked", "received", "pauses"),
    [
        ([], [], []),
        (["2026-09-24"], [], [("2026-09-24", None)]),
        (["2026-09-24"], ["2026-09-29"], [("2026-09-24", "2026-09-29")]),
        (["2026-09-24"], ["2026-09-23"], [("2026-09-24", None)]),
        (["2026-09-24"], ["2026-09-24"], [("2026-09-24", "2026-09-24")]),
        (["2026-09-24"], ["2026-09-29", "2026-09-28"], [("2026-09-24", "2026-09-28")]),
        (
            ["2026-09-24", "2026-09-25"],
            ["2026-09-29"],
            [("2026-09-24", "2026-09-29"), ("2026-09-25", "2026-09-29")],
        ),
        (
            ["2026-09-28", "2026-09-24"],
            ["2026-09-25"],
            [("2026-09-28", None), ("2026-09-24", "2026-09-25")],
        ),
    ],
)
def test_pauses_follow_from_instants(
    asked: list[str], received: list[str], pauses: list[tuple[str, str | None]]
) -> None:
    assert pauses_of([ms(at) for at in asked], [ms(at) for at in received]) == days(*pauses)


def test_days_of_instants_are_shanghais() -> None:
    assert day_of_ms(ms("2026-12-31T15:59:59.999Z")) == date(2026, 12, 31)
    assert day_of_ms(ms("2026-12-31T16:00:00Z")) == date(2027, 1, 1)
    assert day_of_ms(-(10**15)) == date.min
