"""Tricks with paths and headers, over a real socket: each has its answer, none gets further."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import orjson
import pytest
from gateway_world import DEPT, OTHER, World, an_event
from serving import served

from connectors.child import free_port


async def talk(port: int, raw: bytes) -> bytes:
    """Send it, and read until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def get(path: bytes, *more: bytes) -> bytes:
    return b"\r\n".join([b"GET " + path + b" HTTP/1.1", b"Host: hub.test",
                         b"Connection: close", *more, b"", b""])  # fmt: skip


async def statuses_of(world: World, requests: dict[str, bytes]) -> dict[str, int]:
    """The status of each answer; none shows anything of the inside."""
    port, found = free_port(), {}
    async with served(world.app, port):
        for name, raw in requests.items():
            answer = await talk(port, raw)
            assert b"Traceback" not in answer, name
            assert b"import " not in answer, name
            found[name] = status(answer)
    return found


PATHS: dict[bytes, set[int]] = {
    b"/v1/tasks/../../healthz": {401, 404, 422},
    b"/v1/tasks/%2e%2e/%2e%2e/healthz": {401, 404, 422},
    b"/v1/tasks/../../healthz?uscc=x": {401},
    b"/static/..%2f..%2fassembly.py": {404},
    b"/static/....//assembly.py": {404},
    b"/static/%00": {404},
    b"/static//etc/passwd": {404},
    b"/v1/codes/%00": {401},
    b"/v1/codes/%ff%fe": {401},
    b"/v1/codes/" + b"A" * 9000: {401, 404, 422},
    b"/" + b"A" * 20_000: {400, 404},
    b"//v1/codes/x": {404},
    b"/V1/codes/x": {404},
    b"/v1/codes/x;jsessionid=1": {401},
    b"http://other.test/v1/codes/x": {401, 404},
    b"/c/..%2f..%2fv1%2fcodes%2fx": {404},
    b"/v1/feeds/GSXT-TJ%2f..%2fSUBJECTS-TJ": {401, 404},
}


async def test_a_path_that_tries_to_get_elsewhere_does_not(world: World):
    found = await statuses_of(world, {path.decode(): get(path) for path in PATHS})

    assert {path: one for path, one in found.items() if one not in PATHS[path.encode()]} == {}


SPOOFED = [
    b"X-Original-URL: /healthz", b"X-Rewrite-URL: /healthz", b"X-HTTP-Method-Override: DELETE",
    b"X-Forwarded-For: 127.0.0.1", b"X-Real-IP: 127.0.0.1", b"X-Forwarded-User: WJW-120116",
    b"X-Remote-User: WJW-120116", b"X-SSL-Client-S-DN: CN=WJW-120116",
    b"Forwarded: for=127.0.0.1;proto=https;host=hub.test", b"Host: other.test",
]  # fmt: skip


async def test_a_header_that_claims_something_is_not_believed(world: World):
    requests = {header.decode(): get(b"/v1/codes/x", header) for header in SPOOFED}

    found = await statuses_of(world, requests)

    two_hosts = found.pop("Host: other.test")
    assert two_hosts == 400
    assert set(found.values()) == {401}


BODY = orjson.dumps(an_event())
SMUGGLED = [
    [b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked"],
    [b"Transfer-Encoding: xchunked"],
    [b"Transfer-Encoding: gzip, chunked"],
    [b"Content-Length: +%d" % len(BODY)],
    [b"Content-Length: 0x10"],
    [b"Content-Length: -1"],
]


async def test_a_body_of_two_lengths_is_never_an_event(world: World):
    head = [b"POST /v1/events HTTP/1.1", b"Host: hub.test", b"Connection: close",
            b"Content-Type: application/cloudevents+json",
            b"Authorization: Bearer " + world.tokens[DEPT].encode()]  # fmt: skip
    requests = {str(more): b"\r\n".join([*head, *more, b"", b""]) + BODY for more in SMUGGLED}

    found = await statuses_of(world, requests)

    assert all(400 <= one < 502 for one in found.values()), found
    assert not world.produced()


BOMB = b'{"specversion":"1.0","data":"' + b"0" * 20_000_000 + b'"}'
BOMBS = [
    pytest.param("gzip", gzip.compress(BOMB), id="gzip"),
    pytest.param("deflate", zlib.compress(BOMB), id="deflate"),
    pytest.param("gzip, gzip", gzip.compress(gzip.compress(BOMB)), id="twice"),
    pytest.param("br", b"\x00" * 100, id="brotli"),
    pytest.param("GZIP", gzip.compress(BOMB), id="in capitals"),
]


@pytest.mark.parametrize(("encoding", "body"), BOMBS)
async def test_a_compressed_bomb_is_never_unpacked(world: World, encoding: str, body: bytes):
    headers = {"content-type": "application/cloudevents+json", "content-encoding": encoding}

    answer = await world.ask("POST", "/v1/events", dept=DEPT, headers=headers, body=body)

    assert (answer.status, answer.json["reason"]) == (415, "CONTENT_ENCODING")


ENCODED = [
    pytest.param(BODY.decode().encode("utf-16"), id="UTF-16"),
    pytest.param(b"\xef\xbb\xbf" + BODY, id="a byte order mark"),
    pytest.param(BODY.replace("天津".encode(), "天津".encode("gb18030")), id="GB 18030"),
    pytest.param(BODY[: len(BODY) // 2], id="half of it"),
    pytest.param(BODY + BODY, id="two of them"),
    pytest.param(BODY.replace(b'"E-1"', b'"E\\ud800"'), id="half a character"),
    pytest.param(BODY.replace(b'"T-1"', b'"T-1\\u0000"'), id="a zero character"),
    pytest.param(BODY.replace(b'"id"', b'"id":"E-9","id"'), id="a name twice"),
]


@pytest.mark.parametrize("body", ENCODED)
async def test_what_is_wrongly_encoded_is_refused_and_nothing_is_stored(world: World, body: bytes):
    headers = {"content-type": "application/cloudevents+json"}

    answer = await world.ask("POST", "/v1/events", dept=DEPT, headers=headers, body=body)

    assert answer.status == 422
    assert answer.json["reason"] in ("UNDECODABLE", "ENVELOPE", "INVALID_FIELD")
    assert not world.produced()
    assert not [key for key in world.redis.strings if ":event:" in key]


@pytest.mark.parametrize(
    "change",
    [{"type": "inspection.task.cancelled"}, {"time": "2026-03-10T08:59:01+08:00"},
     {"data": {"task_id": "T-9"}}],
)  # fmt: skip
async def test_a_used_id_with_other_content_changes_nothing(world: World, change):
    await world.post(an_event())
    event = an_event()
    event |= change | ({"data": event["data"] | change["data"]} if "data" in change else {})

    answer = await world.post(event)
    others = await world.post(an_event("E-1") | {"source": OTHER}, dept=OTHER)

    assert answer.status in (409, 422)
    assert len(world.produced()) == 1
    assert others.status == 202  # an id is used within one source
