"""The consumer that a system without Kafka can start from, as a process before a real gateway."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import orjson
from delivery_world import a_disclosure
from gateway_world import USCC, World
from serving import served

from connectors.child import free_port
from connectors.redis_ledger import ledger_key
from schemas.feed import FORM_FAULT
from schemas.topics import feed_topic, receipt_topic
from streams.ports import Outgoing

CONSUMER = Path(__file__).parents[3] / "examples" / "pull_consumer.py"
SITE = "SUBJECTS-TJ"


def put(world: World, result_id: str, version: int, state: str, *, columns: bool = True) -> None:
    """A record on the feed, with the site's columns or with why they could not be made."""
    said = orjson.loads(a_disclosure(SITE, result_id, version, state, USCC))
    if not columns:
        said["body"] = {FORM_FAULT: f"the form of {SITE} failed on this result"}
    key = f"{USCC}|{result_id}".encode()
    world.kafka.append(Outgoing(feed_topic(SITE), 0, key, orjson.dumps(said), ()))


def must_show(world: World, *shown: tuple[str, int]) -> None:
    """What the hub's ledger says is disclosed, once all of the feed is in it."""
    members = {f"{name}\x1f{version}\x1f{USCC}".encode() for name, version in shown}
    world.redis.sorted[ledger_key(SITE, "shown")] = members
    end = len(world.kafka.logs[feed_topic(SITE), 0])
    world.redis.hashes[ledger_key(SITE, "position")]["feed"] = str(end).encode()


async def follow(world: World, folder: Path) -> tuple[int, str]:
    """Run it to the end of the feed: its status, and what it complained of."""
    port, token = free_port(), folder / "token"
    token.write_text(world.tokens[SITE])
    argv = [f"http://127.0.0.1:{port}", SITE, folder / "site.db", token, "once"]
    async with served(world.app, port):
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(CONSUMER), *map(str, argv), stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
    return process.returncode or 0, said.decode()


def kept(folder: Path) -> dict[str, tuple[int, str]]:
    with closing(sqlite3.connect(folder / "site.db")) as database:
        rows = database.execute("SELECT result_id, version, state FROM result").fetchall()
    return {result_id: (version, state) for result_id, version, state in rows}


def told(world: World) -> dict[tuple[str, int], tuple[str, str]]:
    """Its receipts on the topic: stage and status, by result and version."""
    records = [orjson.loads(one.value) for one in world.kafka.logs[receipt_topic(SITE), 0]]
    assert {one["by"] for one in records} == {"SITE"}
    return {(o["result_id"], o["version"]): (o["stage"], o["status"]) for o in records}


async def test_a_disclosure_without_columns_is_refused_and_a_stop_without_them_carried_out(
    world: World, tmp_path: Path
):
    put(world, "R-1", 1, "DISCLOSED")
    put(world, "R-2", 1, "DISCLOSED", columns=False)
    put(world, "R-3", 1, "DISCLOSED")
    put(world, "R-3", 2, "STOPPED", columns=False)
    must_show(world, ("R-1", 1))

    status, said = await follow(world, tmp_path)

    assert (status, said) == (0, "")
    assert kept(tmp_path) == {"R-1": (1, "DISCLOSED"), "R-3": (2, "STOPPED")}
    taken, refused = ("PROCESSED", "processed"), ("REJECTED", "no columns")
    assert told(world) == {
        ("R-1", 1): taken, ("R-2", 1): refused, ("R-3", 1): taken, ("R-3", 2): taken,
    }  # fmt: skip


async def test_what_could_not_be_shown_for_want_of_columns_is_told_as_a_difference(
    world: World, tmp_path: Path
):
    put(world, "R-1", 1, "DISCLOSED")
    put(world, "R-1", 2, "DISCLOSED", columns=False)
    must_show(world, ("R-1", 2))

    status, said = await follow(world, tmp_path)

    assert status == 1
    assert "R-1" in said
    assert kept(tmp_path) == {"R-1": (1, "DISCLOSED")}
    assert told(world)["R-1", 2] == ("REJECTED", "no columns")
