"""Who gets in: bearer tokens and signed requests, with every way to get them wrong."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from gateway_world import BASE_URL, BINARY, DEPT, OTHER, World, an_event
from nacl.signing import SigningKey

from connectors.departments.gateway.ways_in.signer_file import FILE_NAME as SIGNERS
from connectors.departments.gateway.ways_in.signer_file import SignerRow, trust_signer
from connectors.departments.gateway.ways_in.token_file import (
    FILE_NAME,
    TokenFileError,
    read_tokens,
    revoke_token,
)

KEY = SigningKey(sha256(b"a department").digest())
COVERED = ("@method", "@target-uri", "content-type", "content-digest")
HEADERS = {"content-type": "application/cloudevents+json"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A gateway that trusts a key of each department."""
    folder = tmp_path / "gateway" / SIGNERS
    for key_id, dept in (("k1", DEPT), ("k2", OTHER)):
        key = KEY if key_id == "k1" else SigningKey(sha256(b"another").digest())
        trust_signer(folder, SignerRow(key_id, dept, bytes(key.verify_key).hex()))
    return World(tmp_path)


@dataclass
class Signing:
    """A signature to be made; each field is one thing to get wrong."""

    created: int
    covered: tuple[str, ...] = COVERED
    key_id: str = "k1"
    key: SigningKey = KEY
    method: str = "POST"
    url: str = f"{BASE_URL}/v1/events"
    more: str = ';alg="ed25519"'
    headers: Mapping[str, str] = field(default_factory=lambda: HEADERS)
    digest_of: bytes | None = None

    def sign(self, body: bytes) -> dict[str, str]:
        digest = base64.b64encode(sha256(self.digest_of or body).digest()).decode()
        headers = {**self.headers, "content-digest": f"sha-256=:{digest}:"}
        parts = {"@method": self.method, "@target-uri": self.url, **headers}
        names = " ".join(f'"{name}"' for name in self.covered)
        params = f'({names});created={self.created};keyid="{self.key_id}"{self.more}'
        lines = [f'"{name}": {parts[name]}' for name in self.covered]
        base = "\n".join([*lines, f'"@signature-params": {params}'])
        signature = base64.b64encode(self.key.sign(base.encode()).signature).decode()
        return {**headers, "signature-input": f"sig1={params}", "signature": f"sig1=:{signature}:"}


def now(world: World) -> int:
    return int(world.clock.timestamp())


async def send(world: World, headers: Mapping[str, str], body: bytes, path: str = "/v1/events"):
    return await world.ask("POST", path, headers=headers, body=body)


BODY = orjson.dumps(an_event())


async def test_a_signed_event_is_taken_in_for_the_keys_department(world: World):
    answer = await send(world, Signing(now(world)).sign(BODY), BODY)

    assert (answer.status, len(world.produced())) == (202, 1)


async def test_a_signed_event_in_another_departments_name_is_refused(world: World):
    body = orjson.dumps(an_event() | {"source": OTHER})

    answer = await send(world, Signing(now(world)).sign(body), body)

    assert (answer.status, answer.json["reason"]) == (403, "FOREIGN_SOURCE")


async def test_a_signed_look_up_needs_no_digest(world: World):
    signing = Signing(now(world), COVERED[:2], method="GET", url=f"{BASE_URL}/v1/codes/x")
    signed = signing.sign(b"")
    headers = {name: signed[name] for name in ("signature-input", "signature")}

    answer = await world.ask("GET", "/v1/codes/x", headers=headers)

    assert answer.status == 404


WRONG = [
    # what is wrong, reason
    pytest.param({"created": -301}, "SIGNATURE_CLOCK", id="six minutes ago"),
    pytest.param({"created": 301}, "SIGNATURE_CLOCK", id="six minutes ahead"),
    pytest.param({"more": ";expires=1"}, "SIGNATURE_CLOCK", id="expired by its own word"),
    pytest.param({"key_id": "nobody"}, "UNAUTHENTICATED", id="unknown key"),
    pytest.param({"key_id": "k2"}, "SIGNATURE", id="another department's key id"),
    pytest.param({"method": "GET"}, "SIGNATURE", id="made for another method"),
    pytest.param({"url": f"{BASE_URL}/v1/events:batch"}, "SIGNATURE", id="for another address"),
    pytest.param({"url": "https://other.test/v1/events"}, "SIGNATURE", id="for another hub"),
    pytest.param({"url": f"{BASE_URL}/v1/events?dry_run=1"}, "SIGNATURE", id="for another query"),
    pytest.param({"digest_of": b"other"}, "SIGNATURE", id="body exchanged"),
    pytest.param({"covered": COVERED[:3]}, "SIGNATURE", id="digest not covered"),
    pytest.param({"covered": COVERED[1:]}, "SIGNATURE", id="method not covered"),
    pytest.param({"more": ';alg="hmac-sha256"'}, "SIGNATURE", id="another algorithm"),
    pytest.param({"more": ";created=1"}, "SIGNATURE_CLOCK", id="created twice"),
    pytest.param({"more": "; x"}, "SIGNATURE", id="parameters unreadable"),
    pytest.param(
        {"headers": BINARY, "covered": COVERED}, "SIGNATURE", id="ce-* headers not covered"
    ),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG)
async def test_a_signature_that_does_not_hold_is_told_why(world: World, wrong, reason):
    created = now(world) + wrong.get("created", 0)
    signing = Signing(**{**wrong, "created": created})

    answer = await send(world, signing.sign(BODY), BODY)

    assert (answer.status, answer.json["reason"]) == (401, reason)
    assert not world.produced()


MANGLED = [
    pytest.param({"signature": None}, id="no signature"),
    pytest.param({"signature-input": None}, id="no input"),
    pytest.param({"signature": "sig2=:AAAA:"}, id="another label"),
    pytest.param({"signature": "sig1=:A:"}, id="no base64"),
    pytest.param({"signature": "sig1=:AAAA:"}, id="too short"),
    pytest.param({"signature-input": "x" * 5000}, id="too long"),
    pytest.param({"content-digest": "md5=:AAAA:"}, id="another digest"),
    pytest.param({"content-type": "application/json"}, id="a covered header changed"),
]


@pytest.mark.parametrize("mangled", MANGLED)
async def test_a_mangled_signature_is_refused_not_stumbled_over(world: World, mangled):
    headers = {**Signing(now(world)).sign(BODY), **mangled}
    headers = {name: value for name, value in headers.items() if value is not None}

    answer = await send(world, headers, BODY)

    assert (answer.status, answer.json["reason"]) == (401, "SIGNATURE")


async def test_no_signature_passes_twice_also_not_after_a_restart(world: World):
    signed = Signing(now(world)).sign(BODY)
    await send(world, signed, BODY)
    world.start()

    answer = await send(world, signed, BODY)

    assert (answer.status, answer.json["reason"]) == (401, "SIGNATURE_REPLAYED")


async def test_signing_anew_with_a_nonce_is_a_repeat_like_any_other(world: World):
    await send(world, Signing(now(world)).sign(BODY), BODY)

    again = Signing(now(world), more=';nonce="n-2";alg="ed25519"')
    answer = await send(world, again.sign(BODY), BODY)

    assert (answer.status, answer.json["duplicate"]) == (200, True)


async def test_a_host_that_the_client_claims_changes_nothing(world: World):
    signing = Signing(now(world), url="https://other.test/v1/events")
    headers = signing.sign(BODY) | {"host": "other.test", "x-forwarded-host": "other.test"}

    assert (await send(world, headers, BODY)).status == 401


async def test_an_expired_token_is_told_apart_from_an_unknown_one(world: World):
    world.clock += timedelta(days=31)
    expired = await world.post(an_event())
    world.tokens[DEPT] = "insp1.0123456789abcdef.nothing"
    unknown = await world.post(an_event())

    assert (expired.status, expired.json["reason"]) == (401, "CREDENTIALS_EXPIRED")
    assert (unknown.status, unknown.json["reason"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("change", [lambda t: t[:-1] + "_", lambda t: t + "A", lambda t: t[:-20]])
async def test_a_token_that_is_nearly_right_is_wrong(world: World, change):
    world.tokens[DEPT] = change(world.tokens[DEPT])

    assert (await world.post(an_event())).json["reason"] == "UNAUTHENTICATED"


async def test_a_revoked_token_is_refused_without_a_restart(world: World):
    assert (await world.post(an_event())).status == 202

    assert revoke_token(world.settings.gateway / FILE_NAME, world.tokens[DEPT].split(".")[1])
    world.clock += timedelta(seconds=2)

    assert (await world.post(an_event())).status == 401


async def test_a_file_of_tokens_that_others_may_read_lets_nobody_in(world: World):
    path = world.settings.gateway / FILE_NAME
    path.chmod(0o444)

    assert (await world.post(an_event())).status == 401
    with pytest.raises(TokenFileError, match="chmod 0400"):
        read_tokens(path)


def test_the_file_holds_no_token(world: World):
    path = world.settings.gateway / FILE_NAME
    text = path.read_text()

    assert path.stat().st_mode & 0o777 == 0o400
    assert not [token for token in world.tokens.values() if token.rpartition(".")[2] in text]


def test_a_key_file_that_others_may_write_is_refused(world: World):
    (world.settings.gateway / SIGNERS).chmod(0o666)

    with pytest.raises(ValueError, match="others may write it"):
        world.start()
