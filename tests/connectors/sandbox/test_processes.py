"""Sandboxes as processes: what was answered is on disk, whatever happens to the process then."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from deliveries import a_result, delivery, disclosed
from worlds import World, publish, read, receipts_from

from connectors.broker import EmbeddedBroker
from connectors.keys import create_demo_keys
from connectors.sandbox.national import front_address
from connectors.sites.table import open_system
from schemas.delivery import Accepted, Observed
from schemas.settings import Settings

HUB = Path(__file__).parents[3] / "hub.py"
Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `hub sandbox …` and gives the process with its address; all end with the test."""
    running: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "HUB_DATA_DIR": str(tmp_path / "run")}

    def go(site: str, *options: str) -> tuple[subprocess.Popen[str], str]:
        argv = [sys.executable, str(HUB), "sandbox", site, "--folder", str(tmp_path / site)]
        process = subprocess.Popen(
            [*argv, *options], env=environment, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"{site} sandbox at http://127.0.0.1:"), line
        return process, line.split()[-1]

    yield go
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def opened(site: str, address: str, folder: Path) -> Any:
    """The connector of a site, set up as an operator would."""
    page = f"{address}/public"
    settings = Settings(
        data_dir=folder / "run",
        site_national_database=front_address(folder / "GSXT-TJ"),
        site_national_page=page,
        site_credit_url=f"{address}/exchange",
        site_credit_page=page,
        site_subjects_page=page,
    )
    return open_system(site, settings)


@pytest.mark.parametrize("site", ["GSXT-TJ", "CREDIT-TJ", "SUBJECTS-TJ"])
async def test_runs_from_the_command_line(
    site: str, start: Start, tmp_path: Path, embedded_broker: EmbeddedBroker
):
    create_demo_keys(tmp_path / "run" / "site-keys", years=())
    process, address = start(
        site, "--bootstrap", embedded_broker.bootstrap, "--import-every", "0.05", "--delay", "0.05"
    )
    world = World(opened(site, address, tmp_path), folder=tmp_path / site)
    if site == "SUBJECTS-TJ":
        consumer = receipts_from(embedded_broker.bootstrap)
        world.feed = lambda deliveries: publish(embedded_broker.bootstrap, deliveries)
        world.told = lambda: read(consumer)
    owed = delivery(site, disclosed(a_result()))

    await world.bring(owed)
    receipt = await world.receipt_of(owed)
    shown = await world.system.observe([owed])
    await world.system.close()
    process.send_signal(signal.SIGTERM)

    assert receipt.ok
    assert shown == [Observed(shown=True, version=1)]
    assert process.wait(20) == 0


async def test_the_journal_is_on_disk_before_the_answer(start: Start, tmp_path: Path):
    create_demo_keys(tmp_path / "run" / "site-keys", years=())
    process, address = start("CREDIT-TJ", "--delay", "1")
    system = opened("CREDIT-TJ", address, tmp_path)
    owed = delivery("CREDIT-TJ", disclosed(a_result()))
    (answer,) = await system.send([owed])
    process.kill()
    process.wait()
    await system.close()

    with sqlite3.connect(tmp_path / "CREDIT-TJ" / "journal.db") as journal:
        query = "SELECT key, version, body_sha256, answer FROM arrival"
        arrivals = journal.execute(query).fetchall()
        effects = journal.execute("SELECT count(*) FROM effect").fetchone()
    assert isinstance(answer, Accepted)
    assert arrivals == [(owed.key, 1, owed.body_sha256, "taken")]
    assert effects == (0,)

    _, address = start("CREDIT-TJ")
    world = World(opened("CREDIT-TJ", address, tmp_path), folder=tmp_path / "CREDIT-TJ")
    receipt = await world.receipt_of(owed)
    again = await world.bring(owed)
    await world.system.close()

    assert receipt.site_receipt_id == answer.site_receipt_id
    assert again == [answer]


async def test_faults_are_asked_for_over_http(start: Start, tmp_path: Path):
    _, address = start("GSXT-TJ")
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{address}/faults", json={"mode": "out"}) as answer:
            assert await answer.json() == {"active": ["out"]}
        async with session.get(f"{address}/public") as answer:
            assert answer.status == 503
        async with session.get(f"{address}/healthz") as answer:
            assert await answer.json() == {"site": "GSXT-TJ", "faults": ["out"]}
        for wish in ('{"mode":"clear"}', '{"mode":"explode"}', "[]", "\x00"):
            async with session.post(f"{address}/faults", data=wish) as answer:
                assert answer.status == (200 if "clear" in wish else 400)
        async with session.get(f"{address}/public") as answer:
            assert answer.status == 200
