"""Until when must a stop be carried out, and a repair be decided? Vectors worked out by hand."""

from datetime import date

import pytest

from connectors.audit import days
from connectors.audit.days import deadline

STOPS = {
    # approved: (due, provisional); three working days after it
    "before the Spring Festival": ("2026-02-13", "2026-02-25", False),
    "before the National Day, to a working Saturday": ("2026-09-30", "2026-10-10", False),
    "over New Year, to a Monday after a working Sunday": ("2025-12-30", "2026-01-05", False),
    "over Labour Day": ("2026-04-30", "2026-05-08", False),
    "into a year that nobody has published": ("2026-12-29", "2027-01-01", True),
}


@pytest.mark.parametrize("name", STOPS)
def test_a_stop_is_due_three_working_days_after_its_approval(name):
    said, due, provisional = STOPS[name]

    assert deadline(date.fromisoformat(said), 3) == (date.fromisoformat(due), provisional)


DECISIONS = {
    "without a pause": ([], "2026-10-09"),
    "a pause over working days": ([("2026-09-24", "2026-09-29")], "2026-10-12"),
    "two pauses that overlap count once": (
        [("2026-09-24", "2026-09-28"), ("2026-09-24", "2026-09-29")],
        "2026-10-12",
    ),
    "a pause over days off only": ([("2026-10-01", "2026-10-08")], "2026-10-09"),
    "asked and received on one day": ([("2026-09-24", "2026-09-24")], "2026-10-09"),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_a_repair_is_due_seven_working_days_after_acceptance_without_its_pauses(name):
    pauses, due = DECISIONS[name]
    read = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in pauses]

    assert deadline(date(2026, 9, 22), 7, read) == (date.fromisoformat(due), False)


def test_a_day_set_by_hand_wins_over_the_library(monkeypatch, tmp_path):
    rows = '[[year]]\nyear = 2027\nsource = "s"\n'
    rows += '[[day]]\ndate = 2027-01-01\nkind = "REST"\nsource = "s"\n'
    rows += '[[day]]\ndate = 2026-12-31\nkind = "REST"\nsource = "s"\n'
    (tmp_path / "calendar.toml").write_text(rows)
    monkeypatch.setattr(days, "CALENDAR", tmp_path / "calendar.toml")
    days._shipped.cache_clear()

    assert deadline(date(2026, 12, 29), 3) == (date(2027, 1, 5), False)
    monkeypatch.undo()
    days._shipped.cache_clear()
    assert deadline(date(2026, 12, 29), 3) == (date(2027, 1, 1), True)
