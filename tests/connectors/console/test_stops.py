"""Which stops are open, at whom they wait, and what counts as risk or miss."""

from datetime import date

import pytest
from ledger_world import USCC, A, B, C, a_view, at

from connectors.console.due.ledgers import SiteLedger
from connectors.console.due.stops import PUBLIC, group_stops, owed_at, stops_of

MONDAY = at(date(2026, 3, 16))
NOW = int(MONDAY.timestamp() * 1000)
DAY = 86_400_000
LANES = dict.fromkeys(("stop", "disclose", "prove", "seen", "rejected"), 0)


def ledgers(**entries):
    """Ledgers of A, B and C; by result, how far it is at each."""
    made = {site: SiteLedger(site, 1, LANES, None, None) for site in (A, B, C)}
    for result, stages in entries.items():
        for site, proven in zip((A, B, C), stages, strict=True):
            if proven is not None:
                view = a_view(site, result, 2, "STOPPED", *proven, said=MONDAY, now_ms=NOW)
                made[site].entries[f"{USCC}\x1f{result}"] = view
    return made


DONE, OWED = ("PROCESSED",), ()


@pytest.mark.parametrize(
    ("stages", "shown", "waits_on"),
    [
        pytest.param((DONE, DONE, OWED), False, [C], id="owed at one"),
        pytest.param((DONE, ("ACCEPTED",), ("REJECTED",)), False, [B, C], id="accepted, refused"),
        pytest.param((DONE, DONE, None), False, [C], id="one ledger does not know it"),
        pytest.param((DONE, DONE, DONE), True, [PUBLIC], id="still on the public list"),
        pytest.param((DONE, DONE, DONE), False, [], id="said to be done, not seen"),
    ],
)
def test_a_stop_waits_on_every_place_that_has_not_said_it_is_done(stages, shown, waits_on):
    (stop,) = stops_of(ledgers(R=stages), {f"{USCC}\x1fR"} if shown else ())

    assert stop.waits_on == waits_on


def test_what_was_seen_stopped_everywhere_is_no_longer_followed():
    seen = ("PROCESSED", "OBSERVED")

    assert stops_of(ledgers(R=(seen, seen, seen)), ()) == []


def test_a_ledger_with_an_older_version_has_not_taken_the_stop_in():
    made = ledgers(R=(DONE, DONE, None))
    old = a_view(C, "R", 1, "DISCLOSED", "PROCESSED", "OBSERVED", now_ms=NOW)
    made[C].entries[f"{USCC}\x1fR"] = old

    (stop,) = stops_of(made, ())

    assert stop.at[C] == "NOT_TAKEN_IN"


def test_a_disclosure_that_overtook_a_stop_is_none():
    made = ledgers(R=(DONE, DONE, OWED))
    newer = a_view(A, "R", 3, "DISCLOSED", now_ms=NOW)
    made[A].entries[f"{USCC}\x1fR"] = newer

    assert stops_of(made, ()) == []


@pytest.mark.parametrize(
    ("days_later", "stages", "risk", "missed"),
    [
        pytest.param(0, (DONE, DONE, OWED), 0, 0, id="early"),
        pytest.param(0, (DONE, DONE, ("REJECTED",)), 1, 0, id="refused"),
        pytest.param(3, (DONE, DONE, OWED), 1, 0, id="the last working day"),
        pytest.param(4, (DONE, DONE, OWED), 0, 1, id="over"),
        pytest.param(4, (DONE, DONE, DONE), 0, 0, id="over, but done"),
    ],
)
def test_risk_and_miss(days_later, stages, risk, missed):
    now = NOW + days_later * DAY
    made = ledgers(R=stages)
    for one in made.values():
        one.entries = {
            name: a_view(one.site, "R", 2, "STOPPED", *proven, said=MONDAY, now_ms=now)
            for name, proven in zip(one.entries, [stages[(A, B, C).index(one.site)]], strict=True)
        }

    (group,) = group_stops(stops_of(made, ()), "day", now)

    assert (group.at_risk, group.missed) == (risk, missed)


def test_groups_by_day_department_and_place():
    made = ledgers(R1=(DONE, DONE, OWED), R2=(DONE, OWED, None), R3=(DONE, DONE, DONE))
    names = {name: "D-1" if name.endswith("1") else "D-2" for name in made[A].entries}
    stops = stops_of(made, (), names)

    (day,) = group_stops(stops, "day", NOW)
    depts = {one.name: one.stops for one in group_stops(stops, "dept", NOW)}
    places = {one.name: one.open for one in group_stops(stops, "site", NOW)}

    assert (day.name, day.stops, day.open) == ("2026-03-19", 3, 2)
    assert dict(day.waits_on) == {C: 1, B: 1, f"{C} unread": 1}
    assert (day.done[A], day.done[B], day.done[PUBLIC]) == (3, 2, 3)
    assert depts == {"D-1": 1, "D-2": 2}
    assert places == {B: 1, C: 2}


def test_the_backlog_of_a_site_is_what_waits_on_it_by_due_moment():
    stops = stops_of(ledgers(R1=(DONE, OWED, OWED), R2=(DONE, OWED, DONE)), ())
    due_ms = stops[0].newest.due_ms

    assert owed_at(stops, B) == [(due_ms, 2)]
    assert owed_at(stops, C) == [(due_ms, 1)]
    assert owed_at(stops, A) == []
