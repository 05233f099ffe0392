"""Silence is judged by a department's own rhythm; what is wrong beside it has a word each."""

from datetime import date, datetime, timedelta
from random import Random

import pytest

from schemas.calendar_file import NO_OVERRIDES
from schemas.watch import QualityNote, Verdict
from schemas.watch_input import Quality
from streams.rules.calendar import SHANGHAI, is_working_day
from streams.rules.silence import (
    expected_by_ms,
    judge_department,
    notes_of,
    rhythm,
    working_days_before,
)

TODAY = date(2026, 6, 12)  # a Friday
DAYS = working_days_before(TODAY, 20, NO_OVERRIDES)


def ms(day, hour=12):
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI).timestamp() * 1000)


def last_day(at_ms):
    """The day at whose end something is expected."""
    return datetime.fromtimestamp(at_ms / 1000, SHANGHAI).date() if at_ms else None


def test_working_days_leave_out_weekends_and_holidays():
    # Spring Festival of 2026: 15 to 23 February, with work on the Saturdays 14 and 28.
    assert working_days_before(date(2026, 2, 26), 4, NO_OVERRIDES) == [
        date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24), date(2026, 2, 25),
    ]  # fmt: skip
    assert working_days_before(date(2031, 1, 10), 5, NO_OVERRIDES) == []


@pytest.mark.parametrize(
    ("counts", "per_day", "patience"),
    [
        pytest.param({}, None, None, id="nothing"),
        pytest.param(dict.fromkeys(DAYS[:4], 9), None, None, id="four days are no rhythm"),
        pytest.param(dict.fromkeys(DAYS, 100), 100, 1, id="many every day"),
        pytest.param(dict.fromkeys(DAYS, 3), 3, 5, id="three a day may be none by chance"),
        pytest.param(dict.fromkeys(DAYS[::4], 400), 100, 4, id="all on one day of four"),
        pytest.param(dict.fromkeys(DAYS[10:], 100), 100, 1, id="new since a fortnight"),
        pytest.param(
            dict.fromkeys([day + timedelta(days=day.weekday() == 4) for day in DAYS], 50),
            50, 1, id="Friday's events come on Saturday",
        ),
    ],
)  # fmt: skip
def test_a_rhythm_is_taken_from_the_last_working_days(counts, per_day, patience):
    found = rhythm(counts, TODAY, NO_OVERRIDES)

    if per_day is None:
        assert found is None
    else:
        assert found is not None
        assert (found.per_day, found.patience) == (pytest.approx(per_day), patience)


def test_an_event_is_expected_by_the_end_of_the_working_day_that_patience_reaches():
    busy = rhythm(dict.fromkeys(DAYS, 100), TODAY, NO_OVERRIDES)
    quiet = rhythm(dict.fromkeys(DAYS, 3), TODAY, NO_OVERRIDES)

    assert last_day(expected_by_ms(ms(TODAY), busy, NO_OVERRIDES)) == date(2026, 6, 15)
    # Five working days on; 19 June 2026 is the Dragon Boat Festival.
    assert last_day(expected_by_ms(ms(TODAY), quiet, NO_OVERRIDES)) == date(2026, 6, 22)
    assert expected_by_ms(0, busy, NO_OVERRIDES) == 0
    assert expected_by_ms(ms(TODAY), None, NO_OVERRIDES) == 0


def test_where_no_calendar_reaches_nobody_is_called_silent():
    busy = rhythm(dict.fromkeys(DAYS, 100), TODAY, NO_OVERRIDES)

    assert expected_by_ms(ms(date(2031, 1, 10)), busy, NO_OVERRIDES) == 0


def arrivals(rnd, per_day):
    """How many come on one day, by chance around so many."""
    count, left = 0, rnd.expovariate(1.0)
    while left < per_day:
        count, left = count + 1, left + rnd.expovariate(1.0)
    return count


@pytest.mark.parametrize("per_day", [1, 3, 8, 40])
def test_by_chance_nobody_is_called_silent_in_years_and_who_is_silent_soon_is(per_day):
    rnd, day, counts, last = Random(per_day), date(2022, 1, 4), {}, 0
    alarms = judged = 0
    while day < date(2026, 6, 1):
        if is_working_day(day, NO_OVERRIDES):
            known = rhythm(counts, day, NO_OVERRIDES)
            due = expected_by_ms(last, known, NO_OVERRIDES)
            judged += due > 0
            alarms += 0 < due < ms(day, 0)
            if came := arrivals(rnd, per_day):
                counts[day], last = came, ms(day)
        day += timedelta(days=1)

    assert judged > 900
    assert alarms == 0
    silent_after = expected_by_ms(last, rhythm(counts, day, NO_OVERRIDES), NO_OVERRIDES)
    assert 0 < silent_after < ms(day + timedelta(days=40))


def is_lull(day):
    """Within three working days of a long holiday: Spring Festival, May, National Day."""
    for step in (timedelta(days=1), timedelta(days=-1)):
        at, off, worked = day, 0, 0
        while worked < 3 and off < 5:
            at += step
            works = is_working_day(at, NO_OVERRIDES)
            off, worked = (0, worked + 1) if works else (off + 1, worked)
        if off == 5:
            return True
    return False


@pytest.mark.parametrize("per_day", [1, 3, 8])
def test_a_rhythm_of_weekdays_and_holidays_is_not_called_silent(per_day):
    # Much on Mondays, little on Fridays, now and then something on a day off, half around holidays.
    rnd, day, counts, last = Random(per_day), date(2022, 1, 4), {}, 0
    alarms, judged = [], 0
    while day < date(2026, 6, 1):
        works = is_working_day(day, NO_OVERRIDES)
        if works:
            due = expected_by_ms(last, rhythm(counts, day, NO_OVERRIDES), NO_OVERRIDES)
            judged += due > 0
            alarms += [day] if 0 < due < ms(day, 0) else []
        rate = per_day * (1.3, 1.1, 1, 1, 0.6, 1, 1)[day.weekday()] * (0.5 if is_lull(day) else 1)
        if came := arrivals(rnd, rate if works else per_day / 20):
            counts[day], last = came, ms(day)
        day += timedelta(days=1)

    assert judged > 1000
    assert alarms == []
    assert is_lull(date(2026, 2, 12)), "Spring Festival of 2026 begins on the 15th"
    assert not is_lull(date(2026, 3, 18))


NOTES = {
    "all is well": (Quality(events=100, refused=2, answered=50, duplicates=9), ()),
    "many refused": (Quality(events=100, refused=5), ("REFUSED",)),
    "few events, two refused": (Quality(events=2, refused=2), ()),
    "the same again and again": (Quality(events=1, answered=50, duplicates=10), ("DUPLICATES",)),
    "a clock ahead": (Quality(events=1, ahead_ms=61_000), ("CLOCK",)),
    "a clock behind": (Quality(events=1, ahead_ms=-9_000_000), ()),
    "an old schema": (Quality(events=1, schema_behind=True), ("SCHEMA_BEHIND",)),
    "near its quota": (Quality(events=1, quota_used=0.8), ("QUOTA",)),
    "turned away": (Quality(events=1, quota_used=0.1, turned_away=1), ("QUOTA",)),
    "a certificate that ends": (
        Quality(events=1, certificate_until=TODAY + timedelta(days=30)),
        ("CERTIFICATE",),
    ),
    "both ways in": (
        Quality(events=1, expires_on=TODAY, certificate_until=TODAY - timedelta(days=3)),
        ("CREDENTIALS", "CERTIFICATE"),
    ),
    "a certificate that ends later": (
        Quality(events=1, certificate_until=TODAY + timedelta(days=31)),
        (),
    ),
    "a token that ends": (
        Quality(events=1, expires_on=TODAY + timedelta(days=30)),
        ("CREDENTIALS",),
    ),
    "a token that ends later": (Quality(events=1, expires_on=TODAY + timedelta(days=31)), ()),
}


@pytest.mark.parametrize("name", NOTES)
def test_what_is_wrong_has_a_word(name):
    quality, words = NOTES[name]

    notes = notes_of(quality, TODAY, silent=False)

    assert notes == tuple(map(QualityNote, words))
    assert judge_department(notes) is (Verdict.WARN if words else Verdict.OK)
    silent = notes_of(quality, TODAY, silent=True)
    assert silent == (QualityNote.SILENT, *notes)
    assert judge_department(silent) is Verdict.SILENT
