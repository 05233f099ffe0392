"""Officers and items by district: read from a sheet, and shared out over a list."""

from datetime import date
from pathlib import Path

import pytest

from connectors.console.context import CommandError
from connectors.console.registries.sheets import write_sheet
from connectors.console.together.special_shares import read_shares
from connectors.specials.tasks import Listed, Made, Share, Wish, rows
from schemas.desk import SubjectHere
from schemas.enums import ApprovalMode, Decision, Mode, SubjectStatus
from schemas.inbound import Approval

DAY = date(2026, 3, 20)
OBJECTS = {
    "91120103MA0000001A": "120103", "91120104MA0000002B": "120104", "91120116MA0000003A": "120116",
}  # fmt: skip
SUBJECTS = {
    code: SubjectHere("企业", region, SubjectStatus.ACTIVE) for code, region in OBJECTS.items()
}
LISTED = Listed(
    "ZX-1", tuple(OBJECTS), superior=False, starts_on=DAY, ends_on=DAY, made=(),
    approval=Approval(no="1", by="b", at=None, mode=ApprovalMode.PRIOR),
)  # fmt: skip


def made(*shares: Share, listed: Listed = LISTED, **wish):
    plain = {"dept": "WJW-120000", "items": ("i",), "officers": ("TJ1",), "days": (DAY,)}
    return rows(listed, Wish(**{**plain, **wish}, shares=shares), "120000", SUBJECTS)


def who(found):
    return [
        one.why or (one.task.officers, one.task.items) for one in found
    ]  # fmt: skip


def test_each_district_gets_its_own_and_the_smallest_place_that_holds_it_counts():
    city, hexi = Share("120000", ("TJ7",), ()), Share("120103", ("TJ3", "TJ4"), ())
    found = made(city, hexi, Share("120104", (), ("j",)))

    assert who(found) == [
        (("TJ3", "TJ4"), ("i",)), (("TJ1",), ("j",)), (("TJ7",), ("i",)),
    ]  # fmt: skip


def test_a_district_of_which_nobody_said_who_goes_gets_no_task():
    shares = (Share("120103", ("TJ3",), ()),)

    assert who(made(*shares, officers=())) == [(("TJ3",), ("i",)), "NO_OFFICERS", "NO_OFFICERS"]
    assert who(made(*shares, items=())) == ["NO_ITEMS"] * 3
    assert who(made(*shares, officers=(), mode=Mode.OFFSITE))[1] == ((), ("i",))


def test_a_task_on_record_stands_whatever_the_table_says_now():
    code = next(iter(OBJECTS))
    known = Made(code, f"ZX-1:WJW-120000:{code}", "WJW-120000", Decision.ISSUED, cancelled=False)

    found = made(Share("120103", ("TJ9",), ()), listed=LISTED._replace(made=(known,)))

    assert found[0].why == f"MADE {known.task_id}"


ROWS = [["district", "officers", "items"], ["120103", "TJ3; TJ4", ""], ["120104", "", "j；k"]]


@pytest.mark.parametrize("name", ["shares.csv", "shares.xlsx"])
def test_a_sheet_is_read_as_people_keep_it(tmp_path: Path, name: str):
    write_sheet(tmp_path / name, "shares", ROWS)

    assert read_shares(tmp_path / name) == (
        Share("120103", ("TJ3", "TJ4"), ()), Share("120104", (), ("j", "k")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sheet", "faults"),
    [
        ([["district", "officers"]], ["row 1: a column items expected"]),
        (ROWS[:1], ["a row for each district expected"]),
        ([*ROWS, ["120103", "TJ5", ""]], ["'120103' stands there twice"]),
        (
            [*ROWS, ["河西区", "TJ5", ""], ["120105", "", ""]],
            ["row 4, column A: '\\u6cb3", "row 5: neither officers nor items"],
        ),
    ],
)
def test_everything_that_is_wrong_with_a_sheet_is_told_at_once(tmp_path: Path, sheet, faults):
    write_sheet(tmp_path / "s.csv", "shares", sheet)

    with pytest.raises(CommandError) as refused:
        read_shares(tmp_path / "s.csv")

    assert all(one in str(refused.value) for one in faults)
