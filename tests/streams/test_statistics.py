"""Every figure equals that of an independent SQL query; nothing is counted twice or left out."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import random_joints
from builders import DEPT, OTHER_DEPT, Hub
from counted_year import Logs, count, export_events, lists, logs_of, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_logs import logs as random_logs
from random_logs import play, policies
from random_public import logs as public_logs
from random_public import play as play_public
from statistics_sql import MEASURED, Oracle

from connectors.statistics.file import FILE_NAME
from connectors.statistics.view import opened, view_of, watch_lines
from schemas.statistics import MEASURE_NAMES
from schemas.statistics_view import Wanted
from streams.rules.figures import indicators

YEAR = 2026
# Credit codes of enterprises that only have to differ.
CODES = [f"91120116MA05{number:05}0" for number in range(10)]


def oracle_of(logs: Logs, folder: Path) -> Oracle:
    export_events(logs, folder)
    return Oracle(folder)


@pytest.fixture(scope="module")
def oracle(year: Logs, tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    return oracle_of(year, tmp_path_factory.mktemp("exported"))


def assert_equal_to_sql(path: Path, oracle: Oracle) -> None:
    assert MEASURED == MEASURE_NAMES
    assert table(path, "visit") == sorted(oracle.cells())
    assert table(path, "item") == sorted(row for row in oracle.items() if any(row[3:]))
    assert table(path, "frequency") == sorted(oracle.frequency())
    assert lists(path) == sorted(oracle.watched())


def test_every_counter_of_a_year_equals_that_of_an_sql_query_over_exported_events(counted, oracle):
    assert_equal_to_sql(counted, oracle)


def test_the_year_has_something_of_everything_that_departments_can_bring_about(oracle):
    ((_, *totals),) = [(None, *counts) for counts in oracle.by("1").values()]

    missing = {name for name, n in zip(MEASURED, totals, strict=True) if not n}
    # The generated year is played without the hub's own timers, pages and joint tasks.
    assert missing <= {"expired", "rated", "praised", "joint", "refused_joint", "moved_over"}


@pytest.mark.parametrize(
    ("dimension", "column"),
    [
        ("month", "month"), ("department", "dept"), ("district", "district"), ("mode", "mode"),
        ("kind", "kind"), ("trigger", "trigger"),
    ],
)  # fmt: skip
def test_every_line_that_is_shown_equals_the_sql_query(counted, oracle, dimension, column):
    with opened(counted) as db:
        view = view_of(db, Wanted(year=YEAR))

    shown = {line.key: tuple(line.counts[name] for name in MEASURED)
             for line in view.lines[dimension]}  # fmt: skip
    assert shown == oracle.by(column, f"year = {YEAR}")


def test_items_and_frequencies_that_are_shown_equal_the_sql_query(counted, oracle):
    with opened(counted) as db:
        view = view_of(db, Wanted(year=YEAR))

    items: dict[str, list[int]] = {}
    for month, _dept, item, *counts in oracle.items():
        if month.startswith(f"{YEAR}-"):
            sums = items.setdefault(item, [0, 0, 0])
            items[item] = [a + b for a, b in zip(sums, counts, strict=True)]
    assert {line.key: list(line.counts.values()) for line in view.lines["item"]} == items
    told = [row for row in oracle.frequency() if row[0] == YEAR and row[2] == ""]
    assert view.frequency == tuple((visits, n) for _, dept, _, visits, n in told if dept == "")
    for line in view.lines["department"]:
        rows = [(visits, n) for _, dept, _, visits, n in told if dept == line.key]
        assert (line.enterprises or 0) == sum(n for _, n in rows)
        assert (line.most or 0) == max((visits for visits, _ in rows), default=0)


def test_levels_are_those_of_the_departments_as_registered(counted, oracle, year):
    with opened(counted) as db:
        view = view_of(db, Wanted(year=YEAR))

    levels = {one.dept: one.level.value for one in year.book.names.departments.values()}
    wanted: dict[str, list[int]] = {}
    for dept, counts in oracle.by("dept", f"year = {YEAR}").items():
        sums = wanted.setdefault(levels.get(dept, ""), [0] * len(counts))
        wanted[levels.get(dept, "")] = [a + b for a, b in zip(sums, counts, strict=True)]
    shown = {line.key: [line.counts[name] for name in MEASURED] for line in view.lines["level"]}
    assert shown == wanted
    assert len(shown) > 1


def test_the_five_indicators_are_the_shares_that_sql_finds(counted, oracle):
    with opened(counted) as db:
        view = view_of(db, Wanted(year=YEAR))

    (totals,) = oracle.by("1", f"year = {YEAR}").values()
    found = dict(zip(MEASURED, totals, strict=True))
    by_hand = {
        "joint_rate": ("joint", "onsite"),
        "offsite_rate": ("offsite", "made"),
        "problem_rate": ("problems", "results"),
        "scan_rate": ("scanned", "onsite"),
        "praise_rate": ("praised", "rated"),
    }
    shown = {one.indicator.name: (one.numerator, one.denominator) for one in view.shares}
    assert shown == {name: (found[over], found[under]) for name, (over, under) in by_hand.items()}
    assert [one.rate for one in view.shares if not one.denominator] == [None]


def test_filters_give_what_sql_gives_for_the_same_condition(counted, oracle):
    dept = max(oracle.by("dept").items(), key=lambda one: one[1])[0]
    district = max(oracle.by("district").items(), key=lambda one: one[1])[0]
    wanted = Wanted(year=YEAR, first_month=3, last_month=5, dept=dept, district=district)

    with opened(counted) as db:
        view = view_of(db, wanted)

    where = (
        f"dept = '{dept}' AND district = '{district}' AND month BETWEEN '{YEAR}-03' AND '{YEAR}-05'"
    )
    (totals,) = oracle.by("1", where).values()
    assert tuple(view.totals[name] for name in MEASURED) == totals
    assert view.totals["tasks"] > 0


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(policies, random_logs), min_size=4, max_size=len(CODES)),
    public_logs,
)
def test_logs_that_nobody_thought_of_are_counted_as_sql_counts_them(
    tmp_path_factory, told, published
):
    hubs = [play(policy, log, uscc) for (policy, log), uscc in zip(told, CODES, strict=False)]
    folder = tmp_path_factory.mktemp("random")
    logs = logs_of(*hubs, play_public(published))

    count(folder / FILE_NAME, logs)

    assert_equal_to_sql(folder / FILE_NAME, oracle_of(logs, folder))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_joints.policies, random_joints.logs)
def test_joint_inspections_are_counted_as_sql_counts_them(tmp_path_factory, policy, log):
    folder = tmp_path_factory.mktemp("joint")
    logs = logs_of(random_joints.play(policy, log))

    count(folder / FILE_NAME, logs)

    assert_equal_to_sql(folder / FILE_NAME, oracle_of(logs, folder))


def test_joint_visits_are_told_apart_as_sql_tells_them_apart(tmp_path):
    chosen, formed = Hub(uscc=CODES[0]), Hub(uscc=CODES[1])
    formed.form_joint("J", members=(DEPT, OTHER_DEPT))
    # The departments' own name in three quarters, in the last on two days; the hub's on two days.
    days = [("2026-02-10", 0), ("2026-05-12", 0), ("2026-08-11", 1)]
    for hub, visits in ((chosen, days), (formed, [("2026-03-16", 1)])):
        for day, later in visits:
            for dept, wait in ((DEPT, 0), (OTHER_DEPT, later)):
                on = date.fromisoformat(day) + timedelta(wait)
                planned = day if hub is formed else on.isoformat()
                hub.submit(day + dept, dept=dept, joint_id="J", planned_on=planned)
                hub.enter(day + dept, dept=dept, at=f"{on}T10:00:00+08:00")
    logs = logs_of(chosen, formed)

    count(tmp_path / FILE_NAME, logs)

    assert_equal_to_sql(tmp_path / FILE_NAME, oracle_of(logs, tmp_path))
    with opened(tmp_path / FILE_NAME) as db:
        view = view_of(db, Wanted(year=YEAR))
    assert view.totals["joint"] == 2 * 2 + 2
    # One enterprise was visited once, the other four times.
    assert view.frequency == ((1, 1), (4, 1))


PLANTED = {
    "a cancelled inspection still counts": ("made", lambda _visit: True),
    "a refusal to scan passes for a scan": ("scanned", lambda visit: visit.how != ""),
    "every result found a problem": ("problems", lambda visit: visit.result_id is not None),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_seen(fault, year, oracle, tmp_path, monkeypatch):
    name, wrong = PLANTED[fault]
    tests = list(indicators._TESTS)
    tests[MEASURE_NAMES.index(name)] = wrong
    monkeypatch.setattr(indicators, "_TESTS", tuple(tests))

    count(tmp_path / FILE_NAME, year)

    with pytest.raises(AssertionError):
        assert_equal_to_sql(tmp_path / FILE_NAME, oracle)


def test_what_supervisors_look_at_first_stands_first(counted):
    with opened(counted) as db:
        kinds = [row["kind"] for row in watch_lines(db, Wanted(year=YEAR))]

    order = ["OVER_CAP", "AT_CAP", "NEAR_CAP", "UNREASONABLE", "OVER_CAP_BACKFILL",
             "MOVED_OVER_CAP", "NO_CODE"]  # fmt: skip
    assert kinds == sorted(kinds, key=order.index)
    assert "AT_CAP" in kinds
