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


PATHS = [
    # path, statuses
    pytest.param(b"/v1/tasks/../../healthz", {401, 404}, id="dots"),
    pytest.param(b"/v1/tasks/%2e%2e/%2e%2e/healthz", {401, 404}, id="escaped dots"),
    pytest.param(b"/static/..%2f..%2fassembly.py", {404}, id="out of the folder of files"),
    pytest.param(b"/static/....//assembly.py", {404}, id="doubled dots"),
    pytest.param(b"/static/%00", {404}, id="a zero byte in a file's name"),
    pytest.param(b"/static//etc/passwd", {404}, id="an absolute file"),
    pytest.param(b"/v1/codes/%00", {401, 404, 422}, id="a zero byte"),
    pytest.param(b"/v1/codes/%ff%fe", {401, 404, 422}, id="no UTF-8"),
    pytest.param(b"/v1/codes/" + b"A" * 9000, {401, 404, 422}, id="long"),
    pytest.param(b"/" + b"A" * 20_000, {400}, id="longer than a head may be"),
    pytest.param(b"//v1/codes/x", {404}, id="two slashes"),
    pytest.param(b"/V1/codes/x", {404}, id="capitals"),
    pytest.param(b"/v1/codes/x;jsessionid=1", {401, 404, 422}, id="path parameters"),
    pytest.param(b"http://other.test/v1/codes/x", {401, 404}, id="an absolute address"),
    pytest.param(b"/c/..%2f..%2fv1%2fcodes%2fx", {404}, id="out of the page"),
    pytest.param(b"/v1/feeds/GSXT-TJ%2f..%2fSUBJECTS-TJ", {401, 404}, id="into another feed"),
]


@pytest.mark.parametrize(("path", "statuses"), PATHS)
async def test_a_path_that_tries_to_get_elsewhere_does_not(world: World, path, statuses):
    port = free_port()

    async with served(world.app, port):
        answer = await talk(port, get(path))

    assert status(answer) in statuses
    assert b"Traceback" not in answer
    assert b"import " not in answer


SPOOFED = [
    pytest.param(b"X-Original-URL: /healthz", id="another address"),
    pytest.param(b"X-Rewrite-URL: /healthz", id="another address still"),
    pytest.param(b"X-HTTP-Method-Override: DELETE", id="another method"),
    pytest.param(b"X-Forwarded-For: 127.0.0.1", id="from here"),
    pytest.param(b"X-Real-IP: 127.0.0.1", id="from here still"),
    pytest.param(b"X-Forwarded-User: WJW-120116", id="a user of a proxy"),
    pytest.param(b"X-Remote-User: WJW-120116", id="another"),
    pytest.param(b"X-SSL-Client-S-DN: CN=WJW-120116", id="a certificate of a proxy"),
    pytest.param(b"Forwarded: for=127.0.0.1;proto=https;host=hub.test", id="the standard one"),
    pytest.param(b"Host: other.test", id="a second host"),
]


@pytest.mark.parametrize("header", SPOOFED)
async def test_a_header_that_claims_something_is_not_believed(world: World, header: bytes):
    port = free_port()

    async with served(world.app, port):
        answer = await talk(port, get(b"/v1/codes/x", header))

    assert status(answer) in (400, 401)


BODY = orjson.dumps(an_event())
SMUGGLED = [
    pytest.param([b"Content-Length: %d" % len(BODY), b"Transfer-Encoding: chunked"], id="both"),
    pytest.param([b"Transfer-Encoding: xchunked"], id="an unknown encoding"),
    pytest.param([b"Transfer-Encoding: gzip, chunked"], id="two encodings"),
    pytest.param([b"Content-Length: +%d" % len(BODY)], id="a sign"),
    pytest.param([b"Content-Length: 0x10"], id="hexadecimal"),
    pytest.param([b"Content-Length: -1"], id="less than nothing"),
]


@pytest.mark.parametrize("headers", SMUGGLED)
async def test_a_body_of_two_lengths_is_never_an_event(world: World, headers: list[bytes]):
    port = free_port()
    head = [b"POST /v1/events HTTP/1.1", b"Host: hub.test", b"Connection: close",
            b"Content-Type: application/cloudevents+json",
            b"Authorization: Bearer " + world.tokens[DEPT].encode()]  # fmt: skip

    async with served(world.app, port):
        answer = await talk(port, b"\r\n".join([*head, *headers, b"", b""]) + BODY)

    assert 400 <= status(answer) < 502
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
