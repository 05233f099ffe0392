"""Standards of items by version and day, and results held against them (art. 10, 16)."""

import json
from datetime import date

import pytest

from schemas.enums import OffsiteWay
from schemas.inbound import ResultRecorded
from schemas.registry import RegistryItem
from streams.registry import ctl_key, read_ctl
from streams.standards import Standards

DAY = date(2026, 3, 16)


def an_item(version=1, points=("P1", "P2"), **fields) -> RegistryItem:
    plain = {
        "item": "1101-001", "title": "卫生", "system": "WJW", "offsite_possible": False,
        "version": version, "points": [{"point": p, "title": f"{p} 的要求"} for p in points],
    }  # fmt: skip
    return RegistryItem.model_validate_json(json.dumps({**plain, **fields}))


def a_result(points, *, item="1101-001", version=None) -> ResultRecorded:
    rows = [{"point": point, "ok": True} for point in points]
    plain = {
        "task_id": "T", "result_id": "R", "uscc": "91120116MA0000003A", "inspected_on": str(DAY),
        "outcomes": ["1"], "found_problem": False, "negative": False, "publish": False,
        "items": [{"item": item, "points": rows, "version": version}],
    }  # fmt: skip
    return ResultRecorded.model_validate_json(json.dumps(plain))


def standards(*entries) -> Standards:
    made = Standards()
    for entry in entries:
        made.put(entry)
    return made


def version_on(made: Standards, day: date) -> int | None:
    found = made.on("1101-001", day)
    return None if found is None else found.version


def test_the_highest_version_that_has_begun_is_in_force():
    made = standards(
        an_item(3, valid_from="2026-06-01"), an_item(1), an_item(2, valid_from="2026-03-16")
    )

    assert version_on(made, date(2026, 3, 15)) == 1
    assert version_on(made, date(2026, 3, 16)) == 2
    assert version_on(made, date(2026, 6, 1)) == 3
    assert version_on(standards(an_item(2, valid_from="2026-03-17")), DAY) is None
    assert made.on("9999", DAY) is None


def test_the_same_version_again_replaces_what_it_said():
    made = standards(an_item(1), an_item(1, points=("P7",)))

    assert made.of("1101-001", 1).points == ("P7",)


@pytest.mark.parametrize(
    ("points", "unknown", "missing"),
    [
        (["P1", "P2"], (), ()),
        (["P2", "P1", "P1"], (), ()),
        (["P1"], (), ("1101-001/P2",)),
        (["P1", "P2", "P9"], ("1101-001/P9",), ()),
        ([], (), ("1101-001/P1", "1101-001/P2")),
    ],
)
def test_a_result_is_held_against_the_standard_of_its_day(points, unknown, missing):
    made = standards(an_item(1), an_item(2, points=("P1",), valid_from="2026-03-17"))

    assert made.compare(a_result(points)) == (unknown, missing)


def test_a_result_may_name_the_version_it_was_filled_in_against():
    made = standards(an_item(1), an_item(2, points=("P1",), valid_from="2026-03-17"))

    assert made.compare(a_result(["P1"], version=2)) == ((), ())
    assert made.compare(a_result(["P9"], version=8)) == ((), ()), "nobody knows that version"


def test_an_item_without_points_is_not_compared():
    assert standards(an_item(1, points=())).compare(a_result(["P1"])) == ((), ())
    assert standards().compare(a_result(["P1"])) == ((), ())


def test_what_can_be_checked_without_a_visit_is_the_standards_word_of_the_day():
    made = standards(
        an_item(1),
        an_item(2, offsite_possible=True, offsite_way="SHARED_DATA", valid_from="2026-03-16"),
    )

    assert made.offsite(("1101-001", "x"), date(2026, 3, 15)) == {}
    assert made.offsite(("1101-001", "x"), DAY) == {"1101-001": OffsiteWay.SHARED_DATA}


def test_versions_lie_side_by_side_on_the_compacted_topic():
    keys = {ctl_key("registry.item", an_item(version)) for version in (1, 2, 2)}

    assert keys == {"registry.item:1101-001@1", "registry.item:1101-001@2"}
    assert read_ctl(b"registry.item:1101-001@2", an_item(2).model_dump_json().encode())[1] == (
        an_item(2)
    )
