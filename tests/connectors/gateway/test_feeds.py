"""A publicity system that runs no Kafka client reads its feed and reports over HTTP (art. 13)."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import orjson
import pytest
from delivery_world import a_disclosure
from gateway_world import DEPT, USCC, Answered, World

from schemas.feed import delivery_key
from schemas.topics import feed_topic, receipt_topic
from streams.delivery.receipts import read_receipt
from streams.ports import Outgoing

SITE, ANOTHER = "SUBJECTS-TJ", "GSXT-TJ"
JSON = {"content-type": "application/json"}


def put(world: World, result_id: str, version: int = 1, state: str = "DISCLOSED") -> bytes:
    """A record on the feed."""
    value = a_disclosure(SITE, result_id, version, state, USCC)
    world.kafka.append(Outgoing(feed_topic(SITE), 0, result_id.encode(), value, ()))
    return value


async def get(world: World, after: str | None = None, *, who: str = SITE, **more: Any) -> Answered:
    query = "&".join(f"{k}={v}" for k, v in {"after": after, **more}.items() if v is not None)
    headers = {"prefer": f"wait={more.pop('wait')}"} if "wait" in more else {}
    return await world.ask("GET", f"/v1/feeds/{SITE}?{query}", dept=who, headers=headers)


async def post(world: World, path: str, content: Any, *, who: str = SITE) -> Answered:
    body = orjson.dumps(content)
    return await world.ask("POST", f"/v1/feeds/{SITE}{path}", dept=who, headers=JSON, body=body)


def a_receipt(value: bytes, number: str = "S-1", **changed: Any) -> dict[str, Any]:
    said = orjson.loads(value)
    told = {name: said[name] for name in ("uscc", "result_id", "version", "state")}
    return {
        **told, "stage": "PROCESSED", "body_sha256": sha256(value).hexdigest(),
        "site_receipt_id": number, "status": "imported", "at": 1_772_000_000_000, **changed,
    }  # fmt: skip


async def test_a_feed_is_read_page_by_page_to_its_end(world: World):
    for number in range(5):
        put(world, f"R-{number}")

    first = (await get(world, limit=3)).json
    second = (await get(world, first["cursor"], limit=3)).json
    third = (await get(world, second["cursor"], limit=3)).json

    keys = [[one["key"] for one in page["records"]] for page in (first, second, third)]
    assert keys == [["R-0", "R-1", "R-2"], ["R-3", "R-4"], []]
    assert [page["more"] for page in (first, second, third)] == [True, False, False]
    assert third["cursor"] == second["cursor"]


async def test_a_record_brings_what_a_receipt_about_it_needs(world: World):
    value = put(world, "R-1")

    (record,) = (await get(world)).json["records"]

    assert record["data"] == orjson.loads(value)
    assert record["body_sha256"] == sha256(value).hexdigest()
    assert record["delivery_key"] == delivery_key(SITE, USCC, "R-1", 1)


async def test_what_compaction_took_away_leaves_a_cursor_good(world: World):
    for version in (1, 2, 3):
        put(world, "R-1", version)
    cursor = (await get(world, limit=1)).json["cursor"]
    log = world.kafka.logs[feed_topic(SITE), 0]
    del log[:2]

    page = (await get(world, cursor)).json

    assert [one["data"]["version"] for one in page["records"]] == [3]


async def test_a_tombstone_and_a_digest_are_told_apart_from_disclosures(world: World):
    world.kafka.append(Outgoing(feed_topic(SITE), 0, b"R-1", None, ()))
    digest = orjson.dumps({"site": SITE, "count": 0, "sha256": "0" * 64, "as_of": 1})
    world.kafka.append(Outgoing(feed_topic(SITE), 0, b"digest:0", digest, ()))
    world.kafka.append(Outgoing(feed_topic(SITE), 0, b"R-2", b"{", ()))
    put(world, "R-3")

    page = (await get(world)).json

    kinds = [one["kind"] for one in page["records"]]
    assert kinds == ["forgotten", "disclosure.digest", "unreadable", "disclosure"]


async def test_a_long_poll_is_answered_as_soon_as_there_is_something(world: World):
    waiting = asyncio.create_task(get(world, wait=30))
    await asyncio.sleep(0)
    put(world, "R-1")

    answer = await waiting

    assert [one["key"] for one in answer.json["records"]] == ["R-1"]
    assert answer.headers["preference-applied"] == "wait=30"


async def test_a_gateway_that_ends_lets_long_polls_go_with_a_cursor(world: World):
    waiting = asyncio.create_task(get(world, wait=30))
    await asyncio.sleep(0)
    world.stopping.set()

    answer = await waiting

    assert (answer.status, answer.json["records"]) == (200, [])
    world.stopping.clear()
    world.start()
    put(world, "R-1")
    assert len((await get(world, answer.json["cursor"])).json["records"]) == 1


async def test_a_fifth_poll_of_a_site_lets_the_oldest_go(world: World):
    polls = [asyncio.create_task(get(world, wait=30)) for _ in range(5)]

    oldest = await polls[0]
    left = [poll for poll in polls[1:] if poll.done()]
    put(world, "R-1")
    others = [await poll for poll in polls[1:]]

    assert (oldest.json["records"], left) == ([], [])
    assert [len(one.json["records"]) for one in others] == [1, 1, 1, 1]


STRANGERS = [
    pytest.param(ANOTHER, 404, id="another site"),
    pytest.param(DEPT, 401, id="a department"),
]
WAYS = [
    ("GET", ""), ("POST", "/receipts"), ("GET", "/digest"), ("POST", "/digest"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "status"), STRANGERS)
@pytest.mark.parametrize(("method", "path"), WAYS)
async def test_a_feed_is_its_sites_alone(world: World, who: str, status: int, method: str, path):
    value = put(world, "R-1")
    body = orjson.dumps({"receipts": [a_receipt(value)]}) if method == "POST" else b""

    answer = await world.ask(method, f"/v1/feeds/{SITE}{path}", dept=who, headers=JSON, body=body)

    assert answer.status == status
    assert b"R-1" not in answer.body
    assert not world.kafka.all(receipt_topic(SITE))


async def test_a_sites_credentials_open_nothing_else(world: World):
    answer = await world.ask("GET", f"/v1/tasks/T-1?uscc={USCC}", dept=SITE)

    assert answer.status == 401


@pytest.mark.parametrize("cursor", ["x", "%25", "A" * 200, "WyJHU1hULVRKIiwwXQ"])
async def test_a_cursor_this_feed_did_not_give_is_refused(world: World, cursor: str):
    answer = await get(world, cursor)

    assert (answer.status, answer.json["field"]) == (422, "after")


async def test_a_cursor_beyond_the_end_says_that_the_feed_is_another(world: World):
    for number in range(3):
        put(world, f"R-{number}")
    cursor = (await get(world)).json["cursor"]
    world.kafka.logs[feed_topic(SITE), 0].clear()

    answer = await get(world, cursor)

    assert (answer.status, answer.json["reason"]) == (410, "CURSOR_GONE")


async def test_a_receipt_stands_on_the_topic_as_the_sites_own_before_it_is_answered(world: World):
    value = put(world, "R-1")

    answer = await post(world, "/receipts", {"receipts": [a_receipt(value)]})

    assert answer.json["outcomes"] == [
        {"status": 202, "site_receipt_id": "S-1", "duplicate": False}
    ]
    (record,) = world.kafka.all(receipt_topic(SITE))
    receipt = read_receipt(record, SITE)
    assert (record.key, record.partition) == (b"R-1", 0)
    assert (receipt.by, receipt.stage, receipt.version) == ("SITE", "PROCESSED", 1)
    assert receipt.key == delivery_key(SITE, USCC, "R-1", 1)


async def test_a_receipt_sent_again_is_stored_once_also_over_a_restart(world: World):
    told = {"receipts": [a_receipt(put(world, "R-1"))]}
    await post(world, "/receipts", told)
    world.start()

    again = await post(world, "/receipts", told)

    assert again.json["outcomes"][0] == {
        "status": 200, "site_receipt_id": "S-1", "duplicate": True,
    }  # fmt: skip
    assert len(world.kafka.all(receipt_topic(SITE))) == 1


async def test_another_receipt_under_a_used_id_is_a_conflict(world: World):
    value = put(world, "R-1")
    await post(world, "/receipts", {"receipts": [a_receipt(value)]})

    answer = await post(world, "/receipts", {"receipts": [a_receipt(value, status="other")]})

    assert answer.json["outcomes"][0]["problem"]["reason"] == "ID_REUSED"


async def test_receipts_are_not_taken_in_while_the_broker_is_gone(world: World):
    told = {"receipts": [a_receipt(put(world, "R-1"))]}
    world.broker_gone = True
    refused = await post(world, "/receipts", told)
    world.broker_gone = False

    taken = await post(world, "/receipts", told)

    assert refused.json["outcomes"][0]["status"] == 503
    assert taken.json["outcomes"][0]["status"] == 202


WRONG = [
    pytest.param({"stage": "OBSERVED"}, "stage", id="a system cannot observe itself"),
    pytest.param({"site": ANOTHER}, "site", id="of another site"),
    pytest.param({"by": "HUB"}, "by", id="in the hub's name"),
    pytest.param({"key": "0" * 32}, "key", id="of another delivery"),
    pytest.param({"version": 0}, "version", id="no version"),
    pytest.param({"body_sha256": "x"}, "body_sha256", id="no hash"),
    pytest.param({"at": -1}, "at", id="before time began"),
    pytest.param({"errors": ["x"] * 21}, "errors", id="too many errors"),
    pytest.param({"site_receipt_id": "a b"}, "site_receipt_id", id="no id"),
    pytest.param({"status": "\u202e"}, "status", id="hidden characters"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
async def test_a_wrong_receipt_is_told_in_which_field_and_the_others_are_kept(
    world: World, wrong: dict[str, Any], field: str
):
    value = put(world, "R-1")
    told = [a_receipt(value, **wrong), a_receipt(value, "S-2")]

    outcomes = (await post(world, "/receipts", {"receipts": told})).json["outcomes"]

    assert (outcomes[0]["status"], outcomes[0]["problem"]["field"]) in [(422, field), (403, field)]
    assert outcomes[1]["status"] == 202
    assert len(world.kafka.all(receipt_topic(SITE))) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"[]", 422), (b'{"receipts": []}', 422), (b"\xff", 422),
        (b"[" * 5000, 422), (orjson.dumps({"receipts": [{}] * 501}), 413),
    ],
    ids=["nothing", "a list", "no receipts", "no text", "too deep", "too many"],
)  # fmt: skip
async def test_what_is_no_list_of_receipts_is_refused_as_a_whole(world: World, body, status):
    answer = await world.ask(
        "POST", f"/v1/feeds/{SITE}/receipts", dept=SITE, headers=JSON, body=body
    )

    assert answer.status == status
