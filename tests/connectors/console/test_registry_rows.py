"""A sheet is read whole: every fault with its row and column, or every entry in order."""

import csv
import json
from datetime import date

import pytest
import xlsxwriter

from connectors.console.context import CommandError
from connectors.console.registries.registry_kinds import KINDS
from connectors.console.registries.registry_rows import SheetReader
from connectors.console.registries.sheets import column_name, read_sheet, write_sheet
from schemas.messages import INBOUND

TODAY = date(2026, 11, 26)
CODE, OTHER = "91120116MA0000003A", "91110000600037341L"
OFFICER = ["TJ0001", "执法人员一", "WJW-120116", "2026-01-01", "2028-12-31", "VALID"]
OFFICERS = ["cert_no", "name", "dept", "valid_from", "valid_to", "status"]
CLASSES = ["uscc", "scheme", "class", "as_of"]


def read(path, kind):
    reader = SheetReader(KINDS[kind], TODAY)
    entries = list(reader.entries(read_sheet(path)))
    return entries, [(one.row, one.column, one.field) for one in reader.faults]


@pytest.fixture(params=[".csv", ".xlsx"])
def sheet(tmp_path, request):
    def write(*rows):
        path = tmp_path / f"sheet{request.param}"
        write_sheet(path, "sheet", rows)
        return path

    return write


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_row_of_every_template_is_an_entry(sheet, kind):
    columns = KINDS[kind].columns
    example = [column.example for column in columns]
    if KINDS[kind].one_of:
        example[1] = ""

    for header in ([c.name for c in columns], [c.title for c in columns]):
        ((entry,), faults) = read(sheet(header, example), kind)

        assert faults == []
        INBOUND[KINDS[kind].type].model.model_validate_json(entry.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_a_field_of_the_event(kind):
    fields = {f.alias or n for n, f in INBOUND[KINDS[kind].type].model.model_fields.items()}
    listed = KINDS[kind].listed
    inner = set(listed[1]) if listed else set()

    assert {column.name for column in KINDS[kind].columns} - inner <= fields


def test_all_faults_are_named_at_once_with_row_and_column(sheet):
    rows = [
        OFFICERS,
        OFFICER,
        ["", "无名", "W J", "2026-02-30", "", "VALID"],
        ["TJ0003", "执法人员三", "WJW-120116", "2026-01-01", "2025-01-01", "LOST"],
        ["TJ0001", *OFFICER[1:]],
        ["TJ0005", "执法人员五", "WJW-120116", "2026-01-01", "2025-01-01", "VALID"],
    ]

    entries, faults = read(sheet(*rows), "officers")

    assert [entry.about for entry in entries] == ["TJ0001"]
    assert sorted(faults) == [
        (3, "A", "cert_no"), (3, "C", "dept"), (3, "D", "valid_from"),
        (4, "F", "status"),
        (5, "A", "cert_no"),
        (6, "E", "valid_to"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (["cert_no", "name", "dept", "valid_from", "status", "colour"], (1, "F", "colour")),
        (["cert_no", "name", "dept", "valid_from", "status", "name"], (1, "F", "name")),
        (["cert_no", "name", "dept", "valid_from"], (1, "", "status")),
    ],
)
def test_a_wrong_header_is_told_before_any_row(sheet, header, fault):
    entries, faults = read(sheet(header, OFFICER), "officers")

    assert entries == []
    assert faults == [fault]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ([CODE, "GENERAL_RISK", "A", "2026-11-27"], "as_of"),
        ([CODE, "FAME", "A", "2026-11-01"], "scheme"),
        ([CODE, "GENERAL_RISK", "very good!", "2026-11-01"], "class"),
        (["91120116MA", "GENERAL_RISK", "A", "2026-11-01"], "uscc"),
        ([CODE, "GENERAL_RISK", "A", "soon"], "as_of"),
    ],
)
def test_a_class_out_of_range_or_dated_in_the_future_is_a_fault(sheet, row, field):
    entries, faults = read(sheet(CLASSES, row), "classes")

    assert entries == []
    assert [one[2] for one in faults] == [field]


def test_rows_of_one_item_make_one_entry_with_its_check_points(sheet):
    header = ["item", "title", "system", "offsite_possible", "version", "point", "point_title"]
    first, second = ["1101-001", "卫生", "WJW", "是", "2"], ["1101-002", "消毒", "WJW", "否", "1"]

    entries, faults = read(
        sheet(header, [*first, "P1", "证"], [*first, "P2", "水"], [*second, "", ""]), "items"
    )

    assert faults == []
    points = [json.loads(entry.value)["points"] for entry in entries]
    assert points == [
        [{"point": "P1", "title": "证"}, {"point": "P2", "title": "水"}],
        [],
    ]
    assert [entry.row for entry in entries] == [2, 4]


def test_a_point_of_which_half_is_missing_is_a_fault_in_its_own_column(sheet):
    header = ["item", "title", "system", "offsite_possible", "version", "point", "point_title"]

    _, faults = read(sheet(header, ["1101-001", "卫生", "WJW", "是", "2", "", "证"]), "items")

    assert faults == [(2, "F", "point")]


def test_whitelisting_is_of_an_enterprise_or_of_an_item(sheet):
    header = ["uscc", "item", "listed", "from", "ground"]
    rows = [
        [CODE, "", "是", "2026-01-01", "g"],
        ["", "1101-001", "是", "2026-01-01", "g"],
        [OTHER, "1101-001", "是", "2026-01-01", "g"],
        ["", "", "是", "2026-01-01", "g"],
    ]

    entries, faults = read(sheet(header, *rows), "whitelist")

    assert [entry.row for entry in entries] == [2, 3]
    assert faults == [(4, "", "uscc or item"), (5, "", "uscc or item")]


def test_days_numbers_and_booleans_that_a_spreadsheet_made_are_read(tmp_path):
    path = tmp_path / "made.xlsx"
    with xlsxwriter.Workbook(path) as book:
        made, date_format = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        made.write_row(2, 1, ["dept", "name", "region", "level", "system", "listed", "valid_from"])
        made.write_row(4, 1, ["WJW-120116", "卫健委", 120116, "district", "WJW", True])
        made.write_datetime(4, 7, date(2026, 1, 1), date_format)

    (entry,), faults = read(path, "departments")

    data = json.loads(entry.value)
    assert faults == []
    assert (entry.row, data["region"], data["listed"]) == (5, "120116", True)
    assert data["valid_from"] == "2026-01-01"


def test_a_code_that_a_spreadsheet_kept_as_a_number_has_lost_digits(tmp_path):
    path = tmp_path / "made.xlsx"
    with xlsxwriter.Workbook(path) as book:
        made = book.add_worksheet()
        made.write_row(0, 0, CLASSES)
        made.write_row(1, 0, [911201160000000123, "GENERAL_RISK", "A", "2026-01-01"])

    reader = SheetReader(KINDS["classes"], TODAY)
    assert list(reader.entries(read_sheet(path))) == []

    assert ["lost digits" in fault.expected for fault in reader.faults] == [True]


def test_what_chinese_excel_saves_as_csv_is_read(tmp_path):
    path = tmp_path / "gbk.csv"
    text = "执法证号;姓名;部门代码;有效期起;证件状态\nTJ0001;执法人员一;WJW-120116;2026/1/5;VALID\n"
    path.write_bytes(text.encode("gb18030"))

    (entry,), faults = read(path, "officers")

    assert faults == []
    assert json.loads(entry.value)["name"] == "执法人员一"
    assert json.loads(entry.value)["valid_from"] == "2026-01-05"


def test_the_same_content_gets_the_same_event_id_in_either_form(tmp_path):
    ids = set()
    for name in ("a.csv", "a.xlsx"):
        write_sheet(tmp_path / name, "a", [OFFICERS, OFFICER])
        (entry,), _ = read(tmp_path / name, "officers")
        ids.add(entry.id)

    assert len(ids) == 1


def test_a_file_that_is_no_sheet_is_refused(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    (tmp_path / "x.csv").write_bytes(b'a,"b\n\xff\xff\xff')

    for name in ("x.xlsx", "x.csv"):
        with pytest.raises(CommandError, match=name):
            list(read_sheet(tmp_path / name))


def test_a_formula_in_an_example_stays_text(tmp_path):
    write_sheet(tmp_path / "a.xlsx", "a", [["h"], ["=1+1"]])
    write_sheet(tmp_path / "a.csv", "a", [["h"], ["=1+1"]])

    assert [row.cells for row in read_sheet(tmp_path / "a.xlsx")] == [["h"], ["=1+1"]]
    with (tmp_path / "a.csv").open(encoding="utf-8-sig") as file:
        assert list(csv.reader(file)) == [["h"], ["=1+1"]]


@pytest.mark.parametrize(
    ("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_named_as_in_spreadsheets(index, name):
    assert column_name(index) == name
