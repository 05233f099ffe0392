"""All connectors, against sandboxes that really listen, and the fake keep one contract."""

from functools import partial
from pathlib import Path

import pytest
from contract import OpenWorld, PublicitySystemContract
from deliveries import a_result, delivery, disclosed
from sqlalchemy import create_engine, insert, text
from worlds import World, credit_tianjin, fake, national, tianjin_subjects, until_true

from connectors.broker import EmbeddedBroker
from connectors.sites.front_table import OK, RECEIPT


class TestFake(PublicitySystemContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        return partial(fake, tmp_path)


class TestNational(PublicitySystemContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        return partial(national, tmp_path)


class TestNationalOnPostgres(PublicitySystemContract):
    """The same against a real server, as in production."""

    @pytest.fixture
    def open_world(self, tmp_path: Path, postgres_url: str) -> OpenWorld:
        return partial(national, tmp_path, postgres_url)

    async def test_it_really_is_that_server(self, open_world: OpenWorld, postgres_url: str):
        async with open_world() as world:
            owed = delivery(world.system.site, disclosed(a_result(), entity_name="海" * 60))
            await world.bring(owed)
            await world.receipt_of(owed)

        with create_engine(postgres_url).connect() as connection:
            (version,) = connection.execute(text("SHOW server_version_num")).one()
            rows = connection.execute(text('SELECT "ENTNAME" FROM insp_exchange')).all()
        assert int(version) >= 130_000
        assert [name for (name,) in rows] == ["海" * 60]

    async def test_a_receipt_that_commits_late_is_not_overlooked(
        self, open_world: OpenWorld, postgres_url: str
    ):
        """Sequences are given before the commit: a lower number may come after a higher one."""
        async with open_world() as world:
            early, late = (delivery(world.system.site, disclosed(a_result())) for _ in range(2))
            await world.bring(early, late)
            await world.receipt_of(early)
            await world.receipt_of(late)
            slow, quick = create_engine(postgres_url), create_engine(postgres_url)
            with slow.begin() as first:
                first.execute(insert(RECEIPT), [_a_receipt(early.key, "SLOW")])
                with quick.begin() as second:
                    second.execute(insert(RECEIPT), [_a_receipt(late.key, "QUICK")])
                await world.poll()
            await until_true(lambda: _has_both(world), "both receipts")


async def _has_both(world: World) -> bool:
    await world.poll()
    return {"SLOW", "QUICK"} <= {one.site_receipt_id for one in world.receipts}


def _a_receipt(key: str, receipt_id: str) -> dict[str, str]:
    return {
        "HUB_KEY": key, "RESULT_CODE": OK, "RESULT_MSG": "", "RECEIPT_ID": receipt_id,
        "RECEIVED_AT": "2026-03-16 09:00:00",
    }  # fmt: skip


class TestCreditTianjin(PublicitySystemContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path) -> OpenWorld:
        return partial(credit_tianjin, tmp_path)


class TestTianjinSubjects(PublicitySystemContract):
    @pytest.fixture
    def open_world(self, tmp_path: Path, embedded_broker: EmbeddedBroker) -> OpenWorld:
        return partial(tianjin_subjects, tmp_path, embedded_broker.bootstrap)
