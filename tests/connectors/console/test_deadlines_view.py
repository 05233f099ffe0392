"""How deadlines look, line by line, on a terminal of 120 columns; and what they say to scripts."""

from datetime import date

import pytest
from ledger_world import USCC, A, B, C, a_view, at, drawn, golden

from connectors.console.context import Exit
from connectors.console.due.deadlines_view import picture
from connectors.console.due.ledgers import SiteLedger
from connectors.console.due.outlook import Findings, Outlook
from connectors.console.due.stops import owed_at, stops_of
from schemas.enums import CaseStatus
from schemas.oversight import CaseView, HeldView
from streams.rules.delivery.drain import forecast

NOW = int(at(date(2026, 3, 18), 9).timestamp() * 1000)
LANES = dict.fromkeys(("stop", "disclose", "prove", "seen", "rejected"), 0)
DAYS = [date(2026, 3, 12), date(2026, 3, 13), date(2026, 3, 16), date(2026, 3, 17)]
DONE = ("PROCESSED",)
PAUSE = {"reason": "their release night", "who": "ann", "since": NOW - 3_600_000}


def a_case(repair_id, dept="WJW-120116", **fields):
    plain = {"status": CaseStatus.ACCEPTED, "due_on": date(2026, 3, 24)}
    plain |= {"due_ms": NOW + 6 * 86_400_000}
    return CaseView(uscc=USCC, repair_id=repair_id, dept=dept, **(plain | fields))


def held():
    step = HeldView("DECIDED APPROVED", "WJW-120116", NOW - 7_200_000, "ACCEPTED")
    return a_case("C-4", status=CaseStatus.APPLIED, due_on=None, due_ms=0, held=(step,))


CASES = [
    a_case("C-1", due_on=date(2026, 3, 17), due_ms=NOW - 9 * 3_600_000),
    a_case("C-2", "XFJ-120116", provisional=True),
    a_case("C-3", status=CaseStatus.SUPPLEMENT, due_on=None, due_ms=0),
    held(),
]


def findings(by, *, cases=(), down_until=0, rate=None, stops_at_c=()):
    made = {
        A: SiteLedger(A, 40, LANES, None, None, feed_end=40),
        B: SiteLedger(B, 40, LANES, PAUSE, None, feed_end=40),
        C: SiteLedger(C, 28, LANES, None, {"state": "OPEN", "since_ms": NOW}, feed_end=40),
    }
    for number in range(12):
        name, said = f"R-{number}", at(DAYS[number % 4])
        proven = {A: DONE, B: ("REJECTED",) if number == 5 else (), C: DONE if number < 8 else None}
        for site, stages in proven.items():
            if stages is not None:
                view = a_view(site, name, 2, "STOPPED", *stages, said=said, now_ms=NOW)
                made[site].entries[f"{USCC}\x1f{name}"] = view
    depts = {name: ["WJW-120116", "XFJ-120116"][n % 2] for n, name in enumerate(made[A].entries)}
    stops = stops_of(made, {f"{USCC}\x1fR-1"}, depts)
    rates = {A: 90 / 3600, B: None if rate is None else rate / 3600, C: 0.1 / 3600}
    outlooks = {
        site: Outlook(
            one,
            forecast(owed_at(stops, site), rates[site] or 0.0, now_ms=NOW,
                     from_ms=down_until if site == B else NOW),
            rates[site],
            down_until if site == B else 0,
        )
        for site, one in made.items()
    }  # fmt: skip
    return Findings(NOW, by, stops, outlooks, list(cases))


SCENES = {
    "deadlines_by_day": lambda: findings("day", cases=CASES),
    "deadlines_by_dept": lambda: findings("dept", cases=CASES, rate=30),
    "deadlines_by_site": lambda: findings("site", rate=0.2),
    "deadlines_if_down": lambda: findings("day", rate=1, down_until=NOW + 36 * 3_600_000),
}


@pytest.mark.parametrize("scene", SCENES)
def test_the_tables_are_these(scene):
    found = picture(SCENES[scene]())

    told = drawn([*found.parts, *found.notes])

    assert told == golden(scene)


def test_with_nothing_owed_it_says_so_and_ends_well():
    found = picture(Findings(NOW, "day", [], {}, []))

    assert found.status is Exit.DONE
    assert "None is owed" in drawn(found.parts)
    assert "No case is open" in drawn(found.parts)


@pytest.mark.parametrize(
    ("cases", "status"),
    [
        pytest.param([CASES[1]], Exit.DONE, id="a case in time"),
        pytest.param([CASES[0]], Exit.FOUND, id="a case is overdue"),
        pytest.param([CASES[3]], Exit.FOUND, id="somebody must look at a held step"),
    ],
)
def test_the_status_says_whether_somebody_must_act(cases, status):
    assert picture(Findings(NOW, "day", [], {}, cases)).status is status


def test_scripts_are_told_the_same():
    told = picture(findings("day", cases=CASES, rate=1)).document

    assert told["sites"][B]["owed"] == 12
    assert told["sites"][B]["overdue"] == 3
    assert told["sites"][B]["paused"] == PAUSE
    assert told["sites"][C]["feed_behind"] == 12
    assert sum(one["missed"] for one in told["stops"]) == 3
    assert [one["repair_id"] for one in told["held"]] == ["C-4"]
    assert {one["group"]: one["overdue"] for one in told["cases"]}["2026-03-17"] == 1
    assert told["open_stops"][0]["at"]["PUBLIC"] == "HIDDEN"


def test_an_unknown_rate_is_no_forecast():
    told = picture(findings("day")).document["sites"][B]

    assert told["will_miss"] is None
    assert told["rate_per_hour"] is None
    assert told["required_per_hour"] > 0


def test_a_calendar_that_ends_soon_is_noted():
    found = picture(Findings(NOW, "day", [], {}, [], date(2026, 12, 31)))

    assert any("ends on 2026-12-31" in note for note in found.notes)
