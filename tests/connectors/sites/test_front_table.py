"""The front table: only ever added to, once a key, and nothing that it would cut short."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deliveries import a_result, delivery, disclosed, stopped
from sqlalchemy import create_engine, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable
from worlds import World, national

from connectors.sites.front_table import EXCHANGE, RECEIPT, metadata
from connectors.sites.holes import Holes
from connectors.sites.national import NationalSystem
from schemas.delivery import Accepted, Delivery, Refused, SiteReceipt, Standing, Unavailable
from schemas.feed import DisclosureState

SITE = "GSXT-TJ"
NO_PAGE = "http://127.0.0.1:9/public"


class Front:
    """The two tables alone: the system behind them does nothing unless told."""

    def __init__(self, folder: Path) -> None:
        self.address = f"sqlite:///{folder / 'front.db'}"
        self.engine = create_engine(self.address)
        metadata.create_all(self.engine)
        self.system = NationalSystem(self.address, NO_PAGE, now=lambda: 1_790_000_000.5)

    def rows(self) -> list[Any]:
        """What lies in the exchange table."""
        with self.engine.begin() as connection:
            return list(connection.execute(select(EXCHANGE)))

    def receipt(self, key: str, code: str = "0", **columns: Any) -> None:
        """The system answers."""
        row = {
            "HUB_KEY": key,
            "RESULT_CODE": code,
            "RESULT_MSG": "" if code == "0" else "未知记录",
            "RECEIPT_ID": f"GS-{key[:6]}",
            "RECEIVED_AT": "2026-10-09 08:00:00",
            **columns,
        }
        with self.engine.begin() as connection:
            connection.execute(insert(RECEIPT), row)


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return Front(tmp_path)


async def test_a_row_carries_the_columns_and_what_names_the_delivery(front: Front):
    owed = delivery(SITE, stopped("R-1"))

    assert await front.system.send([owed]) == [Accepted("in the front table")]

    (row,) = front.rows()
    assert (row.S_EXT_BATCH, row.S_EXT_TIMESTAMP) == (
        "20260921221320-000001",
        "2026-09-21 22:13:20",
    )
    assert (row.OPT_FLAG, row.S_EXT_VALIDFLAG, row.STOPTYPE) == ("U", "0", "3")
    assert (owed.key, 2) == (row.HUB_KEY, row.HUB_VERSION)
    assert owed.body_sha256 == row.HUB_BODY_SHA256


async def test_a_stop_is_another_row(front: Front):
    await front.system.send([delivery(SITE, disclosed("R-1"))])
    await front.system.send([delivery(SITE, stopped("R-1"))])

    assert [(row.HUB_VERSION, row.S_EXT_VALIDFLAG) for row in front.rows()] == [(1, "1"), (2, "0")]
    assert [row.S_EXT_BATCH[-6:] for row in front.rows()] == ["000001", "000002"]


async def test_a_row_lies_there_once_however_often_it_is_sent(front: Front):
    owed = delivery(SITE, disclosed("R-1"))

    answers = [*await front.system.send([owed, owed]), *await front.system.send([owed])]

    assert answers == [Accepted("in the front table")] * 3
    assert len(front.rows()) == 1


async def test_a_refused_row_can_be_followed_by_another(front: Front):
    owed = delivery(SITE, disclosed("R-1"))
    await front.system.send([owed])
    front.receipt(owed.key, "E404")
    await front.system.send([owed])
    await front.system.send([owed])

    assert len(front.rows()) == 2


LONG = "检" * 200


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("检" * 200, None),
        ("检" * 200 + "a", "ENTNAME: 401 bytes in GB18030, 400 allowed"),
        ("a" * 400, None),
        ("𠮷" * 100, None),
        ("𠮷" * 101, "ENTNAME: 404 bytes in GB18030, 400 allowed"),
    ],
    ids=["2 bytes each", "one too many", "1 byte each", "4 bytes each", "4 bytes, too many"],
)
async def test_lengths_are_bytes_in_gb18030(front: Front, name: str, said: str | None):
    (answer,) = await front.system.send([delivery(SITE, disclosed("R-1", entity_name=name))])

    if said is None:
        assert isinstance(answer, Accepted)
    else:
        assert answer == Refused("does not fit", (said,), asked=False)
        assert front.rows() == []


async def test_one_that_does_not_fit_holds_up_no_other(front: Front):
    long = delivery(SITE, disclosed("R-1", entity_name="检" * 300, follow_up="改" * 2000 + "。"))
    short = delivery(SITE, disclosed("R-2"))

    refused, taken = await front.system.send([long, short])

    assert isinstance(refused, Refused)
    assert refused.errors == (
        "ENTNAME: 600 bytes in GB18030, 400 allowed",
        "FOLLOWUP: 4002 bytes in GB18030, 4000 allowed",
    )
    assert isinstance(taken, Accepted)
    assert [row.RESULTNO for row in front.rows()] == ["R-2"]


@pytest.mark.parametrize(
    ("owed", "errors"),
    [
        (delivery(SITE, disclosed("R-1"), COLOUR="red"), ("COLOUR: not a column",)),
        (Delivery("k", "u", "r", 1, DisclosureState.STOPPED, b"\xff{", "h", 1, None),
         ("not a feed record: JSON is malformed: invalid character (byte 0)",)),
    ],
    ids=["a column nobody knows", "no record at all"],
)  # fmt: skip
async def test_what_cannot_be_a_row_is_refused(
    front: Front, owed: Delivery, errors: tuple[str, ...]
):
    (answer,) = await front.system.send([owed])

    assert isinstance(answer, Refused)
    assert answer.errors == errors


async def test_receipts_name_the_delivery(front: Front):
    good, bad = (delivery(SITE, disclosed(name)) for name in ("R-1", "R-2"))
    await front.system.send([good, bad])
    front.receipt(good.key)
    front.receipt(bad.key, "E404")
    front.receipt("0" * 32)

    receipts, cursor = await front.system.poll_receipts("")

    first, second, unasked = receipts
    assert (first.result_id, first.version, first.ok) == ("R-1", 1, True)
    assert (first.site_receipt_id, first.body_sha256) == (f"GS-{good.key[:6]}", good.body_sha256)
    assert (second.result_id, second.ok, second.errors) == ("R-2", False, ("E404: 未知记录",))
    assert unasked == SiteReceipt("0" * 32, "", "", 0, True, (), "GS-000000", "")
    assert await front.system.poll_receipts(cursor) == ([], cursor)


async def test_only_what_was_imported_counts_as_standing(front: Front):
    first, second = delivery(SITE, disclosed("R-1")), delivery(SITE, stopped("R-1"))
    await front.system.send([first, second])
    lying = await front.system.ask([second])
    front.receipt(first.key)
    after_first = await front.system.ask([second])
    front.receipt(second.key)
    after_second = await front.system.ask([second])

    assert lying == [None]
    assert after_first == [Standing(1, DisclosureState.DISCLOSED, f"GS-{first.key[:6]}")]
    assert after_second == [Standing(2, DisclosureState.STOPPED, f"GS-{second.key[:6]}")]


async def test_a_refusal_does_not_make_it_stand_there(front: Front):
    owed = delivery(SITE, disclosed("R-1"))
    await front.system.send([owed])
    front.receipt(owed.key, "E404")

    assert await front.system.ask([owed]) == [None]


async def test_a_result_of_another_enterprise_with_the_same_id_says_nothing(front: Front):
    ours = delivery(SITE, disclosed("R-1"))
    await front.system.send([ours])
    front.receipt(ours.key)
    theirs = replace(ours, uscc="91120116MA0000004U")

    assert await front.system.ask([theirs, ours]) == [
        None, Standing(1, DisclosureState.DISCLOSED, f"GS-{ours.key[:6]}"),
    ]  # fmt: skip


async def test_a_row_in_a_state_that_nobody_writes_tells_nothing(front: Front):
    odd, good = delivery(SITE, disclosed("R-1")), delivery(SITE, disclosed("R-2"))
    await front.system.send([odd, good])
    with front.engine.begin() as connection:
        that = odd.key == EXCHANGE.c.HUB_KEY
        connection.execute(update(EXCHANGE).where(that), {"PUBSTATE": "7"})
    front.receipt(odd.key)
    front.receipt(good.key)

    strange, known = await front.system.ask([odd, good])

    assert strange == Unavailable("the row of version 1 has PUBSTATE '7'")
    assert known == Standing(1, DisclosureState.DISCLOSED, f"GS-{good.key[:6]}")


async def test_a_database_that_is_not_there_is_a_value(tmp_path: Path):
    system = NationalSystem(f"sqlite:///{tmp_path / 'none' / 'front.db'}", NO_PAGE)
    owed = delivery(SITE, disclosed("R-1"))

    answers = [*await system.send([owed]), *await system.ask([owed])]
    polled = await system.poll_receipts("")
    await system.close()

    assert [type(one) for one in (*answers, polled)] == [Unavailable] * 3
    assert "R-1" not in str(answers)  # neither the statement nor its data


async def test_a_gap_in_the_sequence_is_waited_for(front: Front):
    numbers = iter([3, 4, 6])
    for key in ("1" * 32, "2" * 32, "4" * 32):
        front.receipt(key, S_EXT_SEQUENCE=next(numbers))

    receipts, cursor = await front.system.poll_receipts("")
    front.receipt("3" * 32, S_EXT_SEQUENCE=5)
    later, end = await front.system.poll_receipts(cursor)

    assert [one.key[0] for one in receipts] == ["1", "2"]
    assert [one.key[0] for one in later] == ["3", "4"]
    assert (cursor, end) == ("4", "6")


def test_a_gap_that_stays_is_passed():
    now = [0.0]
    holes = Holes(wait_s=60, clock=lambda: now[0])

    seen = [holes.before(4, [6, 7, 9])]
    now[0] = 59.0
    seen.append(holes.before(4, [6, 7, 9]))
    now[0] = 61.0
    seen.append(holes.before(4, [6, 7, 9]))
    now[0] = 122.0
    seen.append(holes.before(7, [9]))

    assert seen == [0, 0, 2, 1]


async def test_the_system_may_clear_its_front_table(tmp_path: Path):
    async with national(tmp_path) as world:
        owed = await _disclosed_once(world)
        with create_engine(f"sqlite:///{tmp_path / 'front.db'}").begin() as connection:
            connection.execute(delete(EXCHANGE))
        await world.bring(owed)
        await world.receipt_of(owed)

        changed = "SELECT sum(changed) FROM effect WHERE key = ?"
        assert world.rows(changed, owed.key) == [(1,)]


async def _disclosed_once(world: World) -> Delivery:
    owed = delivery(SITE, disclosed(a_result()))
    await world.bring(owed)
    await world.receipt_of(owed)
    return owed


@pytest.mark.parametrize("table", [EXCHANGE, RECEIPT], ids=lambda table: table.name)
def test_postgresql_gets_the_same_tables(table: Any):
    text = str(CreateTable(table).compile(dialect=postgresql.dialect()))

    assert '"S_EXT_SEQUENCE" BIGSERIAL NOT NULL' in text
    assert '"HUB_KEY" VARCHAR(32) NOT NULL' in text
