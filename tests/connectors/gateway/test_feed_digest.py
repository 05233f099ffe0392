"""A site compares what it discloses with what it should, and learns each difference (art. 13)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from gateway_world import USCC, Answered, World

from connectors.departments.gateway.pull import compare as feed_compare
from connectors.departments.gateway.pull import ledger as feed_ledger
from connectors.departments.gateway.pull.cursor import write_cursor
from connectors.redis_ledger import ledger_key
from schemas.feed_digest import DigestSum

SITE, OTHER = "SUBJECTS-TJ", "91350211M0000XUF46"
AT = 7
THERE = {f"R-{number}": number % 3 + 1 for number in range(9)}


@pytest.fixture
def world(tmp_path, monkeypatch) -> World:
    """A gateway beside a site's delivery ledger, which is read two entries at a time."""
    monkeypatch.setattr(feed_ledger, "PAGE", 2)
    world = World(tmp_path)
    show(world, THERE)
    world.redis.hashes[ledger_key(SITE, "position")]["feed"] = str(AT).encode()
    return world


def show(world: World, shown: dict[str, int]) -> None:
    members = {f"{name}\x1f{version}\x1f{USCC}".encode() for name, version in shown.items()}
    world.redis.sorted[ledger_key(SITE, "shown")] = members


def add(world: World, name: str, version: int, uscc: str) -> None:
    world.redis.sorted[ledger_key(SITE, "shown")].add(f"{name}\x1f{version}\x1f{uscc}".encode())


def difference(name: str, fault: str, version: int | None, found: int | None) -> dict[str, Any]:
    return {
        "result_id": name, "uscc": USCC, "fault": fault, "version": version, "found": found,
    }  # fmt: skip


async def digest(world: World, query: str = "") -> Answered:
    return await world.ask("GET", f"/v1/feeds/{SITE}/digest{query}", dept=SITE)


async def compare(
    world: World, own: dict[str, int], at: int = AT, whose: str | None = USCC, **more: str
) -> Answered:
    results = [
        {"result_id": name, "version": version, "uscc": whose} for name, version in own.items()
    ]
    body = {"after": write_cursor(SITE, at), "results": results, **more}
    return await world.ask(
        "POST", f"/v1/feeds/{SITE}/digest", dept=SITE, body=orjson.dumps(body),
        headers={"content-type": "application/json"},
    )  # fmt: skip


def summed(shown: dict[str, int]) -> Any:
    total = DigestSum()
    for name in sorted(shown):
        total.add(name, shown[name], USCC)
    return total.digest(SITE, AT)


async def test_the_digest_is_the_one_of_the_nightly_record(world: World):
    told = (await digest(world)).json

    assert (told["count"], told["sha256"]) == (9, summed(THERE).sha256)
    assert told["keyed_sha256"] == summed(THERE).keyed_sha256
    assert told["cursor"] == write_cursor(SITE, AT)


async def test_a_stretch_has_a_digest_of_its_own(world: World):
    told = (await digest(world, "?first=R-2&before=R-5")).json

    part = {name: version for name, version in THERE.items() if "R-2" <= name < "R-5"}
    assert (told["count"], told["sha256"]) == (3, summed(part).sha256)


async def test_each_difference_is_told_what_must_not_be_shown_first(world: World):
    own = {**THERE, "R-1": 9, "R-x": 4}
    del own["R-2"]

    told = (await compare(world, own)).json

    assert told["level"]
    assert told["differences"] == [
        difference("R-x", "MUST_NOT_BE_SHOWN", None, 4),
        difference("R-1", "OTHER_VERSION", 2, 9),
        difference("R-2", "MISSING", 3, None),
    ]


async def test_anothers_result_of_the_same_id_is_not_taken_for_it(world: World):
    told = (await compare(world, {"R-1": 2}, whose=OTHER, first="R-1", before="R-2")).json

    assert told["differences"] == [
        {**difference("R-1", "MUST_NOT_BE_SHOWN", None, 2), "uscc": OTHER},
        difference("R-1", "MISSING", 2, None),
    ]


async def test_two_enterprises_with_one_id_are_compared_apart(world: World):
    add(world, "R-1", 5, OTHER)

    told = (await compare(world, {"R-1": 2}, first="R-1", before="R-2")).json

    assert told["differences"] == [{**difference("R-1", "MISSING", 5, None), "uscc": OTHER}]


async def test_a_site_that_says_no_credit_codes_is_compared_by_ids(world: World):
    add(world, "R-1", 5, OTHER)
    own = {**THERE, "R-x": 4}

    told = (await compare(world, own, whose=None)).json

    assert told["differences"] == [
        {**difference("R-x", "MUST_NOT_BE_SHOWN", None, 4), "uscc": None},
        {**difference("R-1", "MISSING", 5, None), "uscc": OTHER},
    ]


async def test_whoever_agrees_hears_of_no_difference(world: World):
    told = (await compare(world, THERE)).json

    assert (told["level"], told["differences"], told["more"]) == (True, [], False)


async def test_only_the_stretch_that_was_asked_about_is_compared(world: World):
    told = (await compare(world, {"R-2": 3}, first="R-2", before="R-3")).json
    outside = await compare(world, {"R-2": 3}, first="R-3")

    assert told["differences"] == []
    assert (outside.status, outside.json["field"]) == (422, "results[0].result_id")


async def test_who_has_not_read_as_far_is_told_so(world: World):
    assert (await compare(world, {}, at=AT - 1)).json["level"] is False


async def test_many_differences_come_in_parts(world: World, monkeypatch):
    monkeypatch.setattr(feed_compare, "DIFFERENCES_MAX", 4)

    told = (await compare(world, {})).json

    assert (len(told["differences"]), told["more"]) == (4, True)


async def test_a_ledger_that_moves_meanwhile_is_read_again(world: World, monkeypatch):
    asked, plain = 0, world.redis.hget

    async def moving(key: str, name: str) -> bytes | None:
        nonlocal asked
        asked += 1
        if asked == 2:  # after the first reading: a stop has come
            show(world, {"R-0": 1})
            world.redis.hashes[key][name] = b"8"
        return await plain(key, name)

    monkeypatch.setattr(world.redis, "hget", moving)

    told = (await digest(world)).json

    assert (told["count"], told["cursor"]) == (1, write_cursor(SITE, 8))


async def test_a_ledger_that_never_rests_is_no_answer(world: World, monkeypatch):
    at = 0

    async def moving(_key: str, _name: str) -> bytes:
        nonlocal at
        at += 1
        return str(at).encode()

    monkeypatch.setattr(world.redis, "hget", moving)

    answer = await digest(world)

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


async def test_before_the_first_record_there_is_nothing_to_disclose(world: World):
    world.redis.hashes[ledger_key(SITE, "position")] = {"fence": b"F"}
    world.redis.sorted.clear()

    told = (await digest(world)).json

    assert (told["count"], told["cursor"]) == (0, write_cursor(SITE, 0))


async def test_a_site_that_nobody_delivers_to_has_no_digest(world: World):
    world.redis.hashes.clear()

    answer = await digest(world)

    assert (answer.status, answer.json["reason"]) == (503, "VIEW_AWAY")
