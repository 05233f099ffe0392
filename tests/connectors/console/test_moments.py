"""Moments as people write them, and stretches of time as people say them."""

from datetime import date, datetime

import pytest

from connectors.console.context import CommandError, Exit
from connectors.console.terminal.moments import brief, day_text, end_of_day_ms, left, read_moment
from connectors.console.terminal.screen import SHANGHAI

NOW = datetime(2026, 3, 16, 10, 30, tzinfo=SHANGHAI)
NOW_MS = int(NOW.timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("18:00", "2026-03-16T18:00:00+08:00"),
        ("09:00", "2026-03-17T09:00:00+08:00"),
        ("2026-03-18T07:05", "2026-03-18T07:05:00+08:00"),
        ("2026-03-18 07:05", "2026-03-18T07:05:00+08:00"),
        ("2026-03-18T07:05Z", "2026-03-18T15:05:00+08:00"),
        ("2026-03-18", "2026-03-18T00:00:00+08:00"),
        ("30m", "2026-03-16T11:00:00+08:00"),
        ("6h", "2026-03-16T16:30:00+08:00"),
        ("2d", "2026-03-18T10:30:00+08:00"),
    ],
)
def test_a_moment_is_read(text, moment):
    assert read_moment(text, NOW_MS) == int(datetime.fromisoformat(moment).timestamp() * 1000)


@pytest.mark.parametrize("text", ["", "soon", "25:00", "10:61", "6 h", "2026-13-01", "2026-03-15"])
def test_what_is_no_moment_or_is_over_is_refused(text):
    with pytest.raises(CommandError) as refused:
        read_moment(text, NOW_MS)

    assert refused.value.status is Exit.USAGE


@pytest.mark.parametrize(
    ("span_ms", "said"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_599_000, "59 min"),
        (3_900_000, "1 h 05 min"),
        (90_000_000, "1 d 1 h"),
        (-90_000_000, "1 d 1 h"),
    ],
)
def test_a_stretch_is_said(span_ms, said):
    assert left(span_ms) == said


def test_days_and_instants_are_short():
    assert day_text(date(2026, 3, 16)) == "2026-03-16 Mon"
    assert day_text(date(2027, 1, 5), provisional=True) == "2027-01-05 Tue?"
    assert day_text(None) == "no day"
    assert brief(NOW_MS, NOW_MS) == "10:30:00"
    assert brief(NOW_MS - 86_400_000, NOW_MS) == "03-15 10:30"
    assert brief(0, NOW_MS) is None
    assert end_of_day_ms(date(1970, 1, 1)) == 57_599_999
