"""The figures as view, files, charts and report (art. 6, 19)."""

# ruff: noqa: S314 - what we wrote ourselves a line before

import csv
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import duckdb
import pytest
from builders import DEPT, Hub, a_cap, a_document, a_policy
from counted_year import logs_of

from connectors.statistics import export
from connectors.statistics.charts import Series, bars, columns, grouped_bars, nice_top, share_line
from connectors.statistics.export import FORMS, NotWrittenError
from connectors.statistics.file import FILE_NAME, counting_into
from connectors.statistics.report import report_html
from connectors.statistics.tables import Sheet, sheets_of
from connectors.statistics.view import NoStatisticsError, opened, read_view, view_of, watch_lines
from connectors.statistics.what_if import page
from schemas.registry import RegistryDepartment, RegistryItem
from schemas.simulation import Asked, Comparison
from schemas.statistics import INDICATORS, MEASURES
from schemas.statistics_view import Dimension, Wanted
from streams.statistics import NameBook, Statistics

WANTED = Wanted(year=2026)
NAMES = {
    "dept": DEPT,
    "region": "120116",
    "level": "DISTRICT",
    "system": "WJW",
    "listed": True,
    "valid_from": "2020-01-01",
}
HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the figures are to be kept."""
    return tmp_path / "statistics" / FILE_NAME


async def counted(path: Path, name: str = "滨海新区卫生健康委员会") -> Path:
    """A file with the inspections of one enterprise, one of them over the cap."""
    hub = Hub(policy=a_policy(a_cap(1)))
    hub.submit("T-1")
    hub.enter("T-1")
    hub.complete("T-1")
    hub.submit("T-2")
    hub.submit("=1+1", backfill=True)
    hub.submit("T-4", mode="OFFSITE", planned_on="2026-05-04")
    logs = logs_of(hub)
    department = RegistryDepartment.model_validate({**NAMES, "name": name}, strict=False)
    logs.book.put(department)
    with counting_into(path.parent) as store:
        await Statistics(store, logs.kafka, 1, names=lambda: logs.book.names).level()
    return path


async def test_a_view_names_what_it_shows(path):
    view = read_view(await counted(path), WANTED)

    assert set(view.lines) == set(Dimension)
    (department,) = view.lines["department"]
    assert (department.label, department.enterprises, department.most) == (
        "滨海新区卫生健康委员会", 1, 2
    )  # fmt: skip
    assert department.frequency == 2.0
    assert [line.key for line in view.lines["level"]] == ["DISTRICT"]
    assert [line.label for line in view.lines["district"]] == ["滨海新区"]
    assert view.frequency == ((2, 1),)
    assert view.watched["OVER_CAP_BACKFILL"] == 1
    assert json.loads(json.dumps(view.as_dict()))["years"] == [2026]


async def test_a_part_of_a_year_has_no_frequency(path):
    view = read_view(await counted(path), Wanted(year=2026, first_month=3, last_month=3))

    assert view.frequency == ()
    assert view.lines["department"][0].enterprises is None
    assert view.totals["offsite"] == 0
    assert view.totals["onsite"] == 2


async def test_another_year_is_empty_and_says_which_there_are(path):
    view = read_view(await counted(path), Wanted(year=2020))

    assert not any(view.totals.values())
    assert [one.rate for one in view.shares] == [None] * len(INDICATORS)
    assert view.years == (2026,)


def test_months_out_of_order_are_refused():
    with pytest.raises(ValueError, match="1 to 12 expected"):
        Wanted(year=2026, first_month=5, last_month=4)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(NoStatisticsError, match="hub stats"):
        read_view(tmp_path / "nothing.sqlite", WANTED)


async def test_a_folder_may_be_called_anything(tmp_path):
    path = await counted(tmp_path / "100%41? #1" / FILE_NAME)

    assert read_view(path, WANTED).years == (2026,)


@pytest.mark.parametrize("content", [b"no statistics at all, but a file" * 64, b"SQLite format 3"])
def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)

    with pytest.raises(NoStatisticsError, match=r"cannot be read.*hub stats"):
        read_view(tmp_path / FILE_NAME, WANTED)


def test_a_file_of_another_release_is_to_be_made_anew(tmp_path):
    (tmp_path / FILE_NAME).touch()

    with pytest.raises(NoStatisticsError, match="of another release"):
        read_view(tmp_path / FILE_NAME, WANTED)


def test_an_items_name_is_that_of_its_newest_version_whichever_came_last():
    book = NameBook()
    for version, title in ((2, "新"), (2, "新的"), (1, "旧")):
        entry = {"item": "I-1", "title": title, "system": "WJ", "version": version}
        book.put(RegistryItem.model_validate({**entry, "offsite_possible": False}))

    assert book.names.items["I-1"] == "新的"


async def sheets(path: Path) -> list[Sheet]:
    with opened(await counted(path)) as db:
        return sheets_of(db, WANTED)


async def test_csv_opens_in_spreadsheets_and_runs_no_formula(path, tmp_path):
    made = await sheets(path)

    written = FORMS["csv"](made, tmp_path / "out")

    assert {one.stem for one in written} == {sheet.name for sheet in made}
    watched = (tmp_path / "out" / "watched.csv").read_bytes()
    assert watched.startswith(b"\xef\xbb\xbf")
    with (tmp_path / "out" / "watched.csv").open(encoding="utf-8-sig", newline="") as lines:
        tasks = {row["task_id"] for row in csv.DictReader(lines)}
    assert "'=1+1" in tasks


async def test_more_rows_than_a_sheet_may_have_are_not_left_out_silently(
    path, tmp_path, monkeypatch
):
    made = await sheets(path)
    monkeypatch.setattr(export, "ROWS_MAX", max(len(sheet.rows) for sheet in made))

    with pytest.raises(NotWrittenError, match="csv or parquet"):
        FORMS["xlsx"](made, tmp_path / "out.xlsx")

    assert not (tmp_path / "out.xlsx").exists()


async def test_xlsx_holds_every_table_and_no_formula(path, tmp_path):
    made = await sheets(path)

    (written,) = FORMS["xlsx"](made, tmp_path / "out.xlsx")

    with ZipFile(written) as book:
        names = ElementTree.fromstring(book.read("xl/workbook.xml"))
        found = [one.get("name") for one in names.iter() if one.tag.endswith("}sheet")]
        assert found == [sheet.name for sheet in made]
        pages = [book.read(name) for name in book.namelist() if "worksheets/sheet" in name]
        assert not any(b"<f>" in content for content in pages)
        assert "=1+1" in book.read("xl/sharedStrings.xml").decode()


async def test_parquet_says_the_same_as_the_tables(path, tmp_path):
    made = await sheets(path)

    FORMS["parquet"](made, tmp_path / "out")

    for sheet in made:
        found = duckdb.sql(f"SELECT * FROM '{tmp_path / 'out' / sheet.name}.parquet'")  # noqa: S608
        assert tuple(found.columns) == sheet.header
        assert found.fetchall() == list(sheet.rows)


async def test_on_paper_every_page_is_named_and_no_list_or_row_of_charts_is_cut(path):
    with opened(await counted(path)) as db:
        html = report_html(db, WANTED)

    running = re.search(r'@top-left \{ content: "([^"]*)"', html)
    assert running is not None
    assert str(WANTED.year) in running[1]
    assert "section { break-inside: avoid; }" in html
    lists = re.findall(r'<section class="list">\s*<h2>(\w+)</h2>(.*?)</section>', html, re.DOTALL)
    assert {kind for kind, _ in lists} >= {"OVER_CAP_BACKFILL"}
    assert all(body.count("<table>") == 1 for _, body in lists)
    (rates,) = re.findall(r'<div class="three small">(.*?)</div>', html, re.DOTALL)
    assert rates.count("<figure>") == len(INDICATORS)


async def test_the_report_is_one_page_with_every_figure_and_its_definition(path):
    with opened(await counted(path)) as db:
        html = report_html(db, WANTED)

    assert "<script" not in html
    assert "http://" not in html
    assert "https://" not in html
    for one in (*MEASURES, *INDICATORS):
        assert one.definition.replace("'", "&#39;") in html
        assert one.zh in html
    assert "滨海新区卫生健康委员会" in html
    assert "size: A4" in html


async def test_what_departments_wrote_is_text_on_the_page(path):
    with opened(await counted(path, HOSTILE)) as db:
        html = report_html(db, WANTED)

    assert "<script" not in html
    assert "&lt;script&gt;" in html


def svg_of(chart: str) -> ElementTree.Element:
    """A chart as XML: whatever stands in it, it is well formed."""
    return ElementTree.fromstring(chart)


@pytest.mark.parametrize("labels", [[], ["01"], ["01", HOSTILE]])
def test_charts_are_drawn_of_anything(labels):
    values = [float(number) for number, _ in enumerate(labels)]
    rows = [(label, (3, 4)) for label in labels]

    for chart in (
        columns(labels, [Series("a", values), Series("b", values)], title=HOSTILE),
        bars(rows, ("a", "b"), title="t"),
        grouped_bars(rows, ("a", "b"), title="t"),
        share_line(labels, [None, *values][: len(labels)], title="t"),
    ):
        assert svg_of(chart).tag == "svg"


def test_a_column_is_as_tall_as_its_share_of_the_scale():
    chart = svg_of(columns(["1", "2"], [Series("a", [50, 100])], title="t"))

    tall = [float(one.get("height", 0)) for one in chart.iter("rect")][-2:]

    assert tall[1] == pytest.approx(2 * tall[0], rel=0.01)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (0.4, 1), (1, 1), (3, 5), (21, 25), (99, 100), (100, 100), (101, 200)]
)
def test_scales_end_at_round_numbers(most, top):
    assert nice_top(most) == top


def test_the_page_of_a_what_if_is_complete_in_itself():
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    question = Asked(policy=a_document(a_cap(1)), first_day=first, last_day=last)

    html = page(question, Comparison())

    assert "<script" not in html
    assert question.policy.full_version in html


async def test_lists_can_be_asked_for_one_by_one(path):
    with opened(await counted(path)) as db:
        every = watch_lines(db, WANTED)
        for kind in {row["kind"] for row in every}:
            assert watch_lines(db, WANTED, kind) == [r for r in every if r["kind"] == kind]
        assert watch_lines(db, replace(WANTED, dept="NOBODY")) == []
        assert view_of(db, replace(WANTED, level="CITY")).totals["tasks"] == 0
