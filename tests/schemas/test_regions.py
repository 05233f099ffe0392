"""Regions of Tianjin: retired codes live on in their successors, zones lie in their district."""

import re
from importlib.resources import files

import pytest

from schemas.regions import (
    CITY,
    RegionLevel,
    _table_of,
    covers,
    district_of,
    region,
    regions,
)

DISTRICTS_TODAY = [f"120{n}" for n in (*range(101, 107), *range(110, 120))]

ROWS = [
    # department's region, premises' region, covered
    pytest.param("120116", "120116", True, id="a district covers itself"),
    pytest.param("120116", "120101", False, id="not another"),
    pytest.param("120000", "120101", True, id="the city covers a district"),
    pytest.param("120000", "120107", True, id="a retired one"),
    pytest.param("120000", "120116-STC", True, id="a zone"),
    pytest.param("120000", "120101003", True, id="a street"),
    pytest.param("120000", "120000", True, id="itself"),
    pytest.param("120000", "110101", False, id="not Beijing"),
    pytest.param("120000", "129999", False, id="not a code that does not exist"),
    pytest.param("120100", "120225", True, id="the grouping of districts stands for the city"),
    pytest.param("120116", "120000", False, id="a district does not cover the city"),
    pytest.param("120116", "120107", True, id="its retired predecessor Tanggu"),
    pytest.param("120116", "120108", True, id="Hangu"),
    pytest.param("120116", "120109", True, id="Dagang"),
    pytest.param("120107", "120116", True, id="a retired code maps to its successor"),
    pytest.param("120107", "120108", True, id="also among predecessors of one district"),
    pytest.param("120119", "120225", True, id="Jixian became Jizhou"),
    pytest.param("120119", "120205", True, id="under its code of 1980 too"),
    pytest.param("120118", "120221", False, id="Ninghe did not become Jinghai"),
    pytest.param("120116", "120116-KFQ", True, id="a zone lies in its district"),
    pytest.param("120107", "120116-KFQ", True, id="also when the district's code is old"),
    pytest.param("120116-KFQ", "120116-KFQ", True, id="a zone covers itself"),
    pytest.param("120116-KFQ", "120116-BSQ", False, id="not another zone"),
    pytest.param("120116-KFQ", "120116", False, id="nor all of its district"),
    pytest.param("120116", "120116001", True, id="a street begins with its district"),
    pytest.param("120116", "120116001002", True, id="so does a neighbourhood"),
    pytest.param("120116", "120107001", True, id="a street of a retired district"),
    pytest.param("120116001", "120116001002", True, id="a street covers its neighbourhood"),
    pytest.param("120116001", "120116001", True, id="and itself"),
    pytest.param("120116001", "120116002", False, id="not the next street"),
    pytest.param("120116001", "120107001", False, id="nor the same number of an old district"),
    pytest.param("120116001", "120116", False, id="nor all of its district"),
    pytest.param("120116", "120116000000", True, id="twelve digits for a district"),
    pytest.param("120116000", "120116", True, id="also on the department's side"),
    pytest.param("120116001000", "120116001", True, id="twelve digits for a street"),
    pytest.param("120116", "120116-XXX", False, id="an unknown zone lies nowhere"),
    pytest.param("120116", "1201160", False, id="seven digits lie nowhere"),
    pytest.param("120116", "12011600A", False, id="letters lie nowhere"),
    pytest.param("120116", "120116００１", False, id="full-width digits lie nowhere"),
    pytest.param("", "", False, id="nothing covers nothing"),
    pytest.param("999999", "999999", False, id="nor does the unknown cover itself"),
]


@pytest.mark.parametrize(("dept", "premises", "covered"), ROWS)
def test_territory(dept, premises, covered):
    assert covers(dept, premises) is covered


def test_the_city_has_its_sixteen_districts():
    in_use = [r.code for r in regions() if r.level is RegionLevel.DISTRICT and not r.successor]

    assert in_use == DISTRICTS_TODAY


def test_every_code_of_the_standard_is_there_with_its_last_year():
    lines = files("stdnum.cn").joinpath("loc.dat").read_text(encoding="utf-8").splitlines()
    start = lines.index('12 province="天津市"')
    listed = {}
    for line in lines[start + 1 :]:
        if not line.startswith("  "):
            break
        code, names = re.fullmatch(r'  (\d{4}) county="(.*)"', line).groups()
        years, name = re.fullmatch(r"(?:\[(\d*-\d*)\])?(.*)", names.split(",")[-1]).groups()
        last = int(years.split("-")[1]) if years and years.split("-")[1] else None
        listed["12" + code] = (name, last)

    ours = {r.code: (r.name, r.used_to) for r in regions() if r.source == "gbt2260"}

    assert len(listed) > 30
    assert ours == listed


def test_every_retired_code_has_a_successor_in_use():
    for row in regions():
        if row.used_to is None:
            continue
        assert row.successor is not None, row
        assert region(row.successor).used_to is None, row


def test_every_zone_is_marked_as_local_and_lies_in_a_district():
    zones = [r for r in regions() if r.level is RegionLevel.ZONE]

    assert {z.name for z in zones} >= {"天津经济技术开发区", "天津港保税区", "中新天津生态城"}
    assert {z.source for z in zones} == {"local"}
    assert {district_of(z.code) for z in zones} == {"120116"}


@pytest.mark.parametrize(
    ("code", "district"),
    [
        ("120101", "120101"),
        ("120221", "120117"),
        ("120116-DJ", "120116"),
        ("120115001003", "120115"),
        (CITY, None),
        ("120100", None),
        ("110101", None),
        ("", None),
    ],
)
def test_the_district_of_a_code(code, district):
    assert district_of(code) == district


def test_a_row_says_what_the_code_names():
    assert region("120108").successor == "120116"
    assert region("120116").name == "滨海新区"
    assert region("120116001") is None
    assert region("999999") is None


A_ROW = '[[region]]\ncode = "120101"\nname = "和平区"\nlevel = "DISTRICT"\nsource = "gbt2260"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (A_ROW + A_ROW, "a code occurs twice"),
        (A_ROW + 'parent = "120000"', "120101 points to 120000, which has no row"),
        (A_ROW + 'successor = "120102"', "120101 points to 120102, which has no row"),
        (A_ROW + 'colour = "red"', "unknown field `colour`"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(text, problem):
    with pytest.raises(ValueError, match=problem):
        _table_of(text)
