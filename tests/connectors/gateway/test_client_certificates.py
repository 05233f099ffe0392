"""A department proves who it is by a client certificate; every way to get that wrong is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from certified import NOW, Authority, on_the_day, send, uri
from cryptography import x509
from gateway_world import DEPT, OTHER, World

from connectors.departments.gateway.server import Tls, tls_of
from connectors.departments.gateway.ways_in.certificates import STATE_KEY
from connectors.departments.gateway.ways_in.seen_certificates import KEY, SeenCertificates
from schemas.settings import Settings

SITE = "GSXT-TJ"


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    """The authority that the gateway believes."""
    return Authority(tmp_path, "ours")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A gateway whose clock is that of the certificates."""
    return on_the_day(World(tmp_path / "hub"))


async def test_a_departments_certificate_lets_its_events_in(world: World, ca: Authority):
    client = ca.sign("client", uri("dept", DEPT))

    status, _ = await send(world, ca, client)

    assert (status, len(world.produced())) == (202, 1)


async def test_anothers_certificate_is_another_principal(world: World, ca: Authority):
    status, answer = await send(world, ca, ca.sign("client", uri("dept", OTHER)))

    assert (status, answer["reason"]) == (403, "FOREIGN_SOURCE")


async def test_a_token_of_another_department_does_not_go_with_it(world: World, ca: Authority):
    client = ca.sign("client", uri("dept", OTHER))

    status, answer = await send(world, ca, client, authorization=f"Bearer {world.tokens[DEPT]}")

    assert (status, answer["reason"]) == (401, "UNAUTHENTICATED")
    assert not world.produced()


async def test_who_has_no_certificate_may_come_by_token(world: World, ca: Authority):
    nobody, _ = await send(world, ca, None)
    known, _ = await send(world, ca, None, authorization=f"Bearer {world.tokens[DEPT]}")

    assert (nobody, known) == (401, 202)


async def test_a_foreign_authoritys_certificate_ends_the_connection(world: World, ca: Authority):
    foreign = Authority(ca.folder, "foreign")

    status, _ = await send(world, ca, foreign.sign("client", uri("dept", DEPT)))

    assert (status, world.produced()) == (0, [])


async def test_an_expired_certificate_ends_the_connection(world: World, ca: Authority):
    status, _ = await send(world, ca, ca.sign("client", uri("dept", DEPT), days=-1))

    assert (status, world.produced()) == (0, [])


async def test_one_that_expires_on_an_open_connection_is_refused(world: World, ca: Authority):
    client = ca.sign("client", uri("dept", DEPT))
    world.clock += dt.timedelta(days=8)

    status, answer = await send(world, ca, client)

    assert (status, answer["reason"]) == (401, "CREDENTIALS_EXPIRED")


async def test_until_when_a_departments_certificate_lasts_is_kept_for_the_watch(
    world: World, ca: Authority
):
    shorter, longer = (ca.sign(f"client{days}", uri("dept", DEPT), days=days) for days in (3, 7))
    for client in (shorter, longer):
        assert (await send(world, ca, client))[0] == 202

    kept = {name.rpartition(" ")[0] for name in world.redis.hashes[KEY]}
    assert kept == {DEPT}
    ends = {int(until_s) for until_s in world.redis.hashes[KEY].values()}
    assert ends == {int((NOW + dt.timedelta(days=days)).timestamp()) for days in (3, 7)}


async def test_what_names_nobody_or_is_not_let_in_is_not_kept(world: World, ca: Authority):
    await send(world, ca, ca.sign("client", uri("site", SITE)))
    world.clock += dt.timedelta(days=8)
    await send(world, ca, ca.sign("late", uri("dept", DEPT)))

    assert not world.redis.hashes[KEY]


async def test_an_end_is_told_once_an_hour_and_redis_away_keeps_nobody_out(world: World):
    now = [0.0]
    seen = SeenCertificates(world.redis, lambda: now[0])  # type: ignore[arg-type]
    told = []
    for now[0], gone in ((0, True), (1, False), (2, False), (3602, False)):
        world.redis.gone = gone
        world.redis.hashes[KEY].clear()
        await seen.saw(DEPT, "1A", 99)
        told.append(dict(world.redis.hashes[KEY]))

    assert told == [{}, {f"{DEPT} 1A": b"99"}, {}, {f"{DEPT} 1A": b"99"}]


NAMELESS = [
    pytest.param((), DEPT, id="only the common name"),
    pytest.param((x509.DNSName("wjw.example"),), "x", id="another kind of name"),
    pytest.param((uri("dept", ""),), "x", id="an empty name"),
    pytest.param((uri("dept", DEPT), uri("dept", OTHER)), "x", id="two departments"),
    pytest.param((uri("site", SITE),), "x", id="a publicity system"),
]


@pytest.mark.parametrize(("names", "cn"), NAMELESS)
async def test_a_certificate_that_names_no_department_is_nobodys(
    world: World, ca: Authority, names: Any, cn: str
):
    status, answer = await send(world, ca, ca.sign("client", *names, cn=cn))

    assert (status, answer["reason"]) == (401, "UNAUTHENTICATED")


async def test_headers_that_speak_of_certificates_are_not_believed(world: World, ca: Authority):
    claims = {
        "x-client-cert": "x", "x-ssl-client-verify": "SUCCESS",
        "x-forwarded-client-cert": f"URI=urn:insp:dept:{DEPT}",
        STATE_KEY.replace("_", "-"): f"urn:insp:dept:{DEPT}",
    }  # fmt: skip

    status, _ = await send(world, ca, None, **claims)

    assert status == 401


def test_a_key_that_others_may_read_is_refused(ca: Authority):
    cert, key = ca.sign("server", x509.DNSName("localhost"))
    settings = Settings(gateway_tls_cert=cert, gateway_tls_key=key)
    assert tls_of(settings) == Tls(cert, key)
    key.chmod(0o644)

    with pytest.raises(ValueError, match="chmod 0400"):
        tls_of(settings)
    assert tls_of(Settings()) is None


def test_half_a_certificate_is_a_mistake_in_the_settings(tmp_path: Path):
    with pytest.raises(ValueError, match="gateway_tls_key"):
        Settings(gateway_tls_cert=tmp_path / "c")
