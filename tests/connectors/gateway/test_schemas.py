"""The gateway hands schemas out as a registry does: without credentials, within limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
from gateway_world import World

from connectors.departments import registry_answers
from connectors.departments.registry_answers import BODY_BYTES_MAX, MEDIA_TYPE

QUESTION = "/subjects/inspection.TaskSubmitted"


async def ask(world: World, body: bytes | AsyncIterator[bytes], **headers: str):
    sent = {"content-type": MEDIA_TYPE, **headers}
    return await world.ask("POST", QUESTION, headers=sent, body=body)


async def test_a_consumer_finds_a_schema_by_the_id_in_a_record_without_credentials(world: World):
    answer = await world.ask("GET", "/schemas/ids/1")

    assert (answer.status, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    assert orjson.loads(answer.json["schema"])["type"] == "record"


async def test_what_is_not_there_is_told_as_a_registry_tells_it(world: World):
    answer = await world.ask("GET", "/schemas/ids/99999")

    assert (answer.status, answer.json["error_code"]) == (404, 40403)


async def test_who_asks_too_often_is_told_when_to_come_again(tmp_path):
    world = World(tmp_path, {"gateway_lookups_burst": 1})

    first = await world.ask("GET", "/mode")
    second = await world.ask("GET", "/mode")
    elsewhere = await world.ask("GET", "/mode", client="192.0.2.8")

    assert (first.status, second.status, elsewhere.status) == (200, 429, 200)
    assert second.json["error_code"] == 42901
    assert int(second.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("headers", "size", "status"),
    [
        pytest.param({}, BODY_BYTES_MAX + 1, 413, id="too large"),
        pytest.param({"content-encoding": "gzip"}, 10, 415, id="compressed"),
    ],
)
async def test_what_nobody_needs_to_send_is_refused(world: World, headers, size, status):
    answer = await ask(world, b"x" * size, **headers)

    assert (answer.status, answer.json["error_code"]) == (status, status * 100 + 1)


async def test_a_question_that_never_ends_is_cut_off_where_it_is_too_large(world: World):
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65536
            yield b"x" * 65536

    answer = await ask(world, endless())

    assert answer.status == 413
    assert taken <= BODY_BYTES_MAX + 65536


async def test_a_question_that_does_not_arrive_is_given_up(world: World, monkeypatch):
    monkeypatch.setattr(registry_answers, "BODY_WAIT_S", 0.05)

    async def silent() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    assert (await ask(world, silent())).status == 408
