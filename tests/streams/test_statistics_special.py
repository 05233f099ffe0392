"""Surveys and special inspections in the statistics (art. 4, 6)."""

from pathlib import Path

import pytest
from builders import DEPT, Hub, a_cap, a_policy
from counted_year import count, export_events, lists, logs_of, table
from special_world import Special
from statistics_sql import Oracle
from survey_world import a_survey, entered

from connectors.statistics.file import FILE_NAME
from connectors.statistics.tables import sheets_of
from connectors.statistics.view import opened, view_of, watch_lines
from schemas.statistics_view import Wanted

WANTED = Wanted(year=2026)
SPECIAL_ID = "ZX-2026-001"


def assert_as_in_sql(path: Path, folder: Path) -> None:
    oracle = Oracle(folder)
    assert table(path, "visit") == sorted(oracle.cells())
    assert table(path, "item") == sorted(row for row in oracle.items() if any(row[3:]))
    assert table(path, "frequency") == sorted(oracle.frequency())
    assert lists(path) == sorted(oracle.watched())


def test_what_a_survey_finds_counts_enterprise_by_enterprise(tmp_path):
    survey = a_survey(mode="ONSITE")
    survey.enter("S-1")
    survey.find()
    logs = logs_of(survey, entered(survey))
    path = tmp_path / FILE_NAME

    count(path, logs)

    with opened(path) as db:
        view = view_of(db, Wanted(year=2026, kind="SPECIAL"))
    figures = ("tasks", "issued", "made", "onsite", "results", "problems", "no_code")
    assert {name: view.totals[name] for name in figures} == {
        "tasks": 1, "issued": 1, "made": 1, "onsite": 1, "results": 1, "problems": 1, "no_code": 0,
    }  # fmt: skip
    (department,) = view.lines["department"]
    assert (department.key, department.enterprises) == (DEPT, 1)
    (district,) = (line for line in view.lines["district"] if line.counts["made"])
    assert district.key == "120116", "where it was found"
    export_events(logs, tmp_path)
    assert_as_in_sql(path, tmp_path)


@pytest.mark.parametrize("confidential", [False, True])
def test_no_list_and_no_export_names_an_object_of_a_confidential_inspection(tmp_path, confidential):
    special = Special(SPECIAL_ID)
    special.file(
        confidential=confidential, objects=None if confidential else ["91120116MA0000003A"]
    )
    hub = Hub(policy=a_policy(a_cap(0)))
    hub.submit("T-1", special_id=SPECIAL_ID, kind="SPECIAL", backfill=True)
    path = tmp_path / FILE_NAME

    logs = logs_of(hub, special.hub)
    count(path, logs)

    with opened(path) as db:
        view, rows = view_of(db, WANTED), watch_lines(db, WANTED)
        sheets = {sheet.name: sheet for sheet in sheets_of(db, WANTED)}
    named = {row["kind"] for row in rows}
    assert named == (set() if confidential else {"NO_CODE", "OVER_CAP_BACKFILL", "OVER_CAP"})
    assert view.watched["NO_CODE"] == (0 if confidential else 1)
    exported = [row for row in sheets["watched"].rows if hub.uscc in row]
    assert bool(exported) is not confidential
    assert view.totals["over_cap"] == 1, "it counts all the same"
    export_events(logs, tmp_path)
    assert_as_in_sql(path, tmp_path)
