"""A system's hours are those of Asia/Shanghai."""

from datetime import datetime

import pytest

from connectors.sandbox.hours import SHANGHAI, Hours, a_time, a_window


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


@pytest.mark.parametrize(
    ("window", "now", "seconds"),
    [
        ("01:00-02:30", "2026-03-04 00:59:59", None),
        ("01:00-02:30", "2026-03-04 01:00:00", 5400.0),
        ("01:00-02:30", "2026-03-04 02:30:00", None),
        ("23:00-01:00", "2026-03-04 23:30:00", 5400.0),
        ("23:00-01:00", "2026-03-05 00:30:00", 1800.0),
        ("23:00-01:00", "2026-03-05 12:00:00", None),
    ],
)
def test_maintenance(window: str, now: str, seconds: float | None):
    assert Hours(maintenance=a_window(window)).closed_for_s(at(now)) == seconds


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-04 21:59:00", "2026-03-04 22:00:00"),
        ("2026-03-04 22:00:00", "2026-03-05 22:00:00"),
        ("2026-12-31 23:00:00", "2027-01-01 22:00:00"),
    ],
)
def test_daily(received: str, due: str):
    assert Hours(daily=a_time("22:00")).due_ms(at(received), 0.0) == int(at(due) * 1000)


def test_without_hours_only_the_delay_counts():
    assert Hours().due_ms(100.0, 1.5) == 101_500
    assert Hours().closed_for_s(100.0) is None


@pytest.mark.parametrize("text", ["24:00", "1:00", "", "01:60", "01:00-", "01:00"])
def test_other_texts_are_refused(text: str):
    with pytest.raises(ValueError):
        a_window(text)
