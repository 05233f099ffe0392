"""Over a real socket: slow, broken and oversized requests, and an orderly end."""

from __future__ import annotations

import asyncio

import orjson
import pytest
from gateway_world import DEPT, World, an_event
from serving import served

from connectors.child import free_port
from connectors.departments.gateway.one_write import OneWrite
from connectors.departments.gateway.server import PatientProtocol


async def talk(port: int, *parts: bytes) -> bytes:
    """Send parts one after the other, and read until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


def head(world: World, body_bytes: int, *more: str) -> bytes:
    lines = [
        "POST /v1/events HTTP/1.1", "Host: hub.test", "Connection: close",
        f"Authorization: Bearer {world.tokens[DEPT]}",
        "Content-Type: application/cloudevents+json", f"Content-Length: {body_bytes}", *more,
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode()


async def test_an_event_over_a_socket(world: World):
    body, port = orjson.dumps(an_event()), free_port()

    async with served(world.app, port):
        answer = await talk(port, head(world, len(body)), body)

    assert answer.startswith(b"HTTP/1.1 202 ")
    assert b"server: uvicorn" not in answer.lower()


@pytest.mark.parametrize(
    ("proxies", "last"), [("", b" 429 "), ("127.0.0.1", b" 404 ")], ids=["direct", "named proxy"]
)
async def test_an_address_that_a_header_claims_is_believed_of_named_proxies_only(
    tmp_path, proxies, last
):
    world, port = World(tmp_path, {"gateway_lookups_burst": 1}), free_port()

    async with served(world.app, port, proxies):
        for number in (1, 2):
            claimed = f"X-Forwarded-For: 192.0.2.{number}\r\nConnection: close\r\n\r\n"
            answer = await talk(port, b"GET /c/x HTTP/1.1\r\nHost: a\r\n" + claimed.encode())

    assert answer.startswith(b"HTTP/1.1" + last)


async def test_who_does_not_finish_the_head_is_hung_up_on(world: World, monkeypatch):
    monkeypatch.setattr(PatientProtocol, "head_wait_s", 0.1)
    port = free_port()

    async with served(world.app, port):
        silent = await talk(port)
        dripping = await talk(port, b"POST /v1/events HTTP/1.1\r\nHost: hub")

    assert (silent, dripping) == (b"", b"")


async def test_who_does_not_finish_the_body_is_told_so(tmp_path):
    world, port = World(tmp_path, {"gateway_body_wait_s": 0.1}), free_port()

    async with served(world.app, port):
        answer = await talk(port, head(world, 100), b"{")

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"BODY_TOO_SLOW" in answer


async def test_a_body_over_the_limit_is_refused_unread(world: World):
    port = free_port()

    async with served(world.app, port):
        answer = await talk(port, head(world, 10_000_000), b"x" * 1000)

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"\x16\x03\x01\x02\x00", id="TLS on a plain port"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20_000, id="a head too long"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            id="two lengths",
        ),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n", id="a bad header"),
    ],
)
async def test_what_is_no_http_is_refused_at_once(world: World, request_bytes):
    port = free_port()

    async with served(world.app, port):
        answer = await talk(port, request_bytes)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Traceback" not in answer


class Wire(asyncio.Transport):
    """Keeps what was sent, packet by packet."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.7", 4711)})
        self.packets: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.packets.append(data)

    def close(self) -> None:
        self.closed = True


async def test_head_and_body_of_an_answer_are_one_packet_and_a_turn_later_is_another():
    wire = Wire()
    one = OneWrite(wire, asyncio.get_running_loop())

    for part in (b"head ", b"body", b""):
        one.write(part)
    assert wire.packets == []
    await asyncio.sleep(0)
    one.write(b"more")
    await asyncio.sleep(0)

    assert wire.packets == [b"head body", b"more"]


async def test_what_was_written_before_hanging_up_is_sent():
    wire = Wire()
    one = OneWrite(wire, asyncio.get_running_loop())

    one.write(b"the last words")
    one.close()
    await asyncio.sleep(0)

    assert (wire.packets, wire.closed) == ([b"the last words"], True)
    assert one.get_extra_info("peername") == ("192.0.2.7", 4711)
