"""Each fault on demand, and what the connector makes of it."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from deliveries import a_result, delivery, disclosed, stopped
from worlds import STRANGER, credit_tianjin, national, tianjin_subjects, until_true

from connectors.broker import EmbeddedBroker
from connectors.sandbox.hours import Hours, a_time, a_window
from schemas.delivery import Accepted, Observed, Refused, Unavailable

CREDIT, NATIONAL, SUBJECTS = "CREDIT-TJ", "GSXT-TJ", "SUBJECTS-TJ"
ARRIVALS = "SELECT answer FROM arrival WHERE key = ? ORDER BY id"
EFFECTS = "SELECT version, state, changed FROM effect WHERE key = ? ORDER BY id"


def credit(result_id: str | None = None, **fields: Any) -> Any:
    return delivery(CREDIT, disclosed(result_id or a_result()), **fields)


@pytest.mark.parametrize(
    ("wish", "expected", "arrived"),
    [
        ({"mode": "500"}, Unavailable("HTTP 500"), "failed"),
        ({"mode": "429", "retry_after_s": 7}, Unavailable("HTTP 429", 7.0), "limited"),
        ({"mode": "wrong_receipt"}, Unavailable("the answer names another key"), "misnamed"),
        ({"mode": "unknown_record"}, Refused("422", ("UNKNOWN_RECORD",)), "refused"),
        ({"mode": "out"}, Unavailable("HTTP 503"), None),
    ],
    ids=["500", "429", "wrong receipt", "unknown record", "out"],
)
async def test_a_fault_is_answered_once_and_then_all_is_well(
    tmp_path: Path, wish: dict[str, Any], expected: object, arrived: str | None
):
    async with credit_tianjin(tmp_path) as world:
        owed = credit()
        world.fault(**wish, count=1)

        (first,) = await world.bring(owed)
        (second,) = await world.bring(owed)
        await world.receipt_of(owed)

        assert first == expected
        assert isinstance(second, Accepted)
        later = "repeated" if arrived == "misnamed" else "taken"
        assert world.rows(ARRIVALS, owed.key) == [(one,) for one in (arrived, later) if one]
        assert world.rows(EFFECTS, owed.key) == [(1, "DISCLOSED", 1)]


async def test_one_that_hangs_has_taken_it_in_all_the_same(tmp_path: Path):
    async with credit_tianjin(tmp_path, wait_s=0.2) as world:
        owed = credit()
        world.fault(mode="hang", count=1)

        (first,) = await world.bring(owed)
        (second,) = await world.bring(owed)
        await world.receipt_of(owed)

        assert first == Unavailable("no answer within 0.2 s")
        assert isinstance(second, Accepted)
        assert world.rows(ARRIVALS, owed.key) == [("hung",), ("repeated",)]
        assert world.rows(EFFECTS, owed.key) == [(1, "DISCLOSED", 1)]


async def test_what_is_lost_is_found_by_asking(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        owed = credit()
        world.fault(mode="lost", count=1)

        (first,) = await world.bring(owed)
        asked = await world.system.ask([owed])
        await world.bring(owed)
        await world.receipt_of(owed)

        assert isinstance(first, Accepted)
        assert asked == [None]
        assert world.rows(ARRIVALS, owed.key) == [("lost",), ("taken",)]


async def test_a_forgotten_key_changes_nothing_twice(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        owed = credit()
        (first,) = await world.bring(owed)
        await world.receipt_of(owed)
        world.fault(mode="forget_keys", count=1)
        assert world.sandbox is not None
        await world.sandbox.fault_asked()

        (second,) = await world.bring(owed)

        async def both() -> bool:
            return len(world.rows(EFFECTS, owed.key)) == 2

        await until_true(both, "a second effect of the same key")
        assert first != second
        assert world.rows(EFFECTS, owed.key) == [(1, "DISCLOSED", 1), (1, "DISCLOSED", 0)]


async def test_a_key_with_another_body_is_a_conflict(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        result = a_result()
        owed, other = credit(result), credit(result, CF_JG="别的处理")
        assert owed.key == other.key

        await world.bring(owed)
        (answer,) = await world.bring(other)

        assert answer == Refused("409", ("KEY_KNOWN: with another body",))
        assert world.rows(ARRIVALS, owed.key) == [("taken",), ("conflict",)]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"CF_ZT": "9"}, "CF_ZT or CF_XXSYFW: unknown word"),
        ({"CF_XXSYFW": None}, "CF_ZT or CF_XXSYFW: unknown word"),
        ({"CF_XDR_SHXYM": "91120116MA0000004Q"}, "CF_XDR_SHXYM: another credit code"),
    ],
)
async def test_columns_it_does_not_understand_are_refused(
    tmp_path: Path, columns: dict[str, Any], said: str
):
    async with credit_tianjin(tmp_path) as world:
        assert await world.bring(credit(**columns)) == [Refused("422", (said,))]


async def test_only_the_hub_is_believed(tmp_path: Path):
    async with credit_tianjin(tmp_path, STRANGER) as world:
        assert await world.bring(credit()) == [Unavailable("HTTP 401")]
        assert world.rows("SELECT count(*) FROM arrival") == [(0,)]


async def test_shared_with_departments_only_is_not_public(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        owed = credit(CF_XXSYFW="1")
        await world.bring(owed)
        await world.receipt_of(owed)

        assert await world.system.observe([owed]) == [Observed(shown=False)]
        assert world.rows(EFFECTS, owed.key) == [(1, "STOPPED", 0)]


async def test_the_business_receipt_comes_later_than_the_answer(tmp_path: Path):
    async with credit_tianjin(tmp_path, delay_s=0.3) as world:
        owed = credit()
        await world.bring(owed)
        await world.poll()
        before = (list(world.receipts), await world.system.observe([owed]))
        await world.receipt_of(owed)

        assert before == ([], [Observed(shown=False)])
        ((received, effective),) = world.rows("SELECT received_ms, effective_ms FROM effect")
        assert effective - received >= 300


async def test_in_maintenance_it_says_how_long(tmp_path: Path):
    noon = 1_772_596_800.0  # 2026-03-04 12:00 in Asia/Shanghai
    hours = Hours(maintenance=a_window("11:30-12:30"))
    async with credit_tianjin(tmp_path, hours=hours, now=lambda: noon) as world:
        assert await world.bring(credit()) == [Unavailable("HTTP 503", 1801.0)]


async def test_a_daily_import_takes_effect_at_its_hour(tmp_path: Path):
    clock = [1_772_596_800.0]  # 12:00
    hours = Hours(daily=a_time("22:00"))
    async with national(tmp_path, hours=hours, now=lambda: clock[0]) as world:
        owed = delivery(NATIONAL, disclosed(a_result()))
        await world.bring(owed)

        async def arrived() -> bool:
            return bool(world.rows(ARRIVALS, owed.key))

        await until_true(arrived, "the import")
        before = world.rows(EFFECTS, owed.key)
        clock[0] += 10 * 3600
        await world.receipt_of(owed)

        assert before == []
        assert world.rows("SELECT effective_ms FROM effect") == [(1_772_632_800_000,)]


@pytest.fixture(params=[NATIONAL, SUBJECTS])
def slow_world(request: pytest.FixtureRequest, tmp_path: Path, embedded_broker: EmbeddedBroker):
    """The two systems that take things in by themselves."""
    if request.param == NATIONAL:
        return NATIONAL, partial(national, tmp_path)
    return SUBJECTS, partial(tianjin_subjects, tmp_path, embedded_broker.bootstrap)


async def test_what_is_taken_in_but_unknown_is_refused_by_receipt(slow_world: Any):
    site, open_world = slow_world
    async with open_world() as world:
        owed = delivery(site, disclosed(a_result()))
        world.fault(mode="unknown_record", count=1)
        await world.bring(owed)
        refused = await world.receipt_of(owed)

        assert not refused.ok
        assert "unknown record" in refused.errors[0]
        assert world.rows(EFFECTS, owed.key) == []
        assert await world.system.observe([owed]) == [Observed(shown=False)]


async def test_a_wrong_receipt_names_a_key_nobody_has_then_the_right_one_comes(slow_world: Any):
    site, open_world = slow_world
    async with open_world() as world:
        owed = delivery(site, disclosed(a_result()))
        world.fault(mode="wrong_receipt", count=1)
        await world.bring(owed)
        await world.receipt_of(owed)

        async def both() -> bool:
            await world.poll()
            return owed.key[::-1] in {one.key for one in world.receipts}

        await until_true(both, "the receipt nobody asked for")


async def test_what_it_lost_has_no_effect_and_no_receipt(slow_world: Any):
    site, open_world = slow_world
    async with open_world() as world:
        lost, next_one = (delivery(site, disclosed(a_result())) for _ in range(2))
        world.fault(mode="lost", count=1)
        await world.bring(lost)

        async def gone() -> bool:
            return world.rows(ARRIVALS, lost.key) == [("lost",)]

        await until_true(gone, "the loss")
        await world.bring(next_one)
        await world.receipt_of(next_one)

        assert lost.key not in {one.key for one in world.receipts}
        if site == NATIONAL:
            await world.bring(lost)
            assert (await world.receipt_of(lost)).ok


async def test_while_it_hangs_nothing_is_taken_in(slow_world: Any):
    site, open_world = slow_world
    async with open_world() as world:
        world.fault(mode="hang")
        owed = delivery(site, disclosed(a_result()))
        await world.bring(owed)
        for _ in range(3):
            await world.poll()
        before = world.rows(ARRIVALS, owed.key)
        world.fault(mode="clear")

        assert (await world.receipt_of(owed)).ok
        assert before == []


async def test_one_that_forgot_its_position_reads_its_feed_again(
    tmp_path: Path, fresh_broker: EmbeddedBroker
):
    async with tianjin_subjects(tmp_path, fresh_broker.bootstrap) as world:
        result = a_result()
        first, second = delivery(SUBJECTS, disclosed(result)), delivery(SUBJECTS, stopped(result))
        await world.bring(first, second)
        await world.receipt_of(second)
        world.fault(mode="forget_keys", count=1)
        assert world.sandbox is not None
        await world.sandbox.fault_asked()

        async def again() -> bool:
            return len(world.rows(EFFECTS, second.key)) == 2

        await until_true(again, "the feed's second reading")
        assert world.rows(EFFECTS, first.key) == [(1, "DISCLOSED", 1), (1, "DISCLOSED", 0)]
        assert world.rows(EFFECTS, second.key) == [(2, "STOPPED", 1), (2, "STOPPED", 0)]
        assert await world.system.observe([second]) == [Observed(shown=False)]


async def test_a_dropped_connection_is_a_value_too(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        world.fault(mode="out", drop=True, count=1)

        (answer,) = await world.bring(credit())

        assert isinstance(answer, Unavailable)
        assert "Disconnected" in answer.reason
