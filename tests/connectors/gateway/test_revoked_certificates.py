"""A certificate that its authority revoked opens nothing, from the moment that the list says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from certified import Authority, on_the_day, send, uri
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from gateway_world import DEPT, World

from connectors.departments.gateway.problems import Problem
from connectors.departments.gateway.ways_in import revoked
from connectors.departments.gateway.ways_in.revoked import Revocations, read_lists
from schemas.settings import Settings


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    """The authority that the gateway believes."""
    return Authority(tmp_path, "ours")


@pytest.fixture
def listed(tmp_path: Path, ca: Authority) -> World:
    """A gateway that asks for revoked certificates; none is."""
    crl = tmp_path / "crl.pem"
    crl.write_bytes(ca.revoke())
    server = ca.sign("server", x509.DNSName("localhost"))
    settings = {
        "gateway_tls_cert": server[0], "gateway_tls_key": server[1],
        "gateway_tls_client_ca": ca.file, "gateway_tls_client_crl": crl,
    }  # fmt: skip
    return on_the_day(World(tmp_path / "hub", settings))


def publish(world: World, content: bytes) -> None:
    """A new list is put where the old one was, a moment later."""
    crl = world.settings.gateway_tls_client_crl
    assert crl is not None
    beside = crl.with_name("new")
    beside.write_bytes(content)
    beside.replace(crl)
    world.clock += dt.timedelta(seconds=2)


async def test_a_revoked_certificate_is_refused_without_a_restart(listed: World, ca: Authority):
    client = ca.sign("client", uri("dept", DEPT))
    before, _ = await send(listed, ca, client)
    publish(listed, ca.revoke(client[0]))

    status, answer = await send(listed, ca, client)
    other, _ = await send(listed, ca, ca.sign("another", uri("dept", DEPT)))

    assert before == 202
    assert (status, answer["reason"]) == (401, "CREDENTIALS_REVOKED")
    assert other == 202, "a certificate that is good"


async def test_lists_of_several_authorities_lie_in_one_file(listed: World, ca: Authority):
    other = Authority(ca.folder, "other")
    client = ca.sign("client", uri("dept", DEPT))
    foreign = other.sign("foreign", uri("dept", DEPT))
    with ca.file.open("ab") as file:
        file.write(other.file.read_bytes())
    publish(listed, other.revoke(foreign[0]) + ca.revoke(client[0]))

    revoked, good = await send(listed, ca, foreign), await send(listed, ca, client)
    publish(listed, other.revoke() + ca.revoke(client[0]))

    assert [one[1]["reason"] for one in (revoked, good)] == ["CREDENTIALS_REVOKED"] * 2
    assert (await send(listed, ca, foreign))[0] == 202


UNFIT = [
    pytest.param(lambda ca: ca.revoke(days=-1), id="out of date"),
    pytest.param(lambda ca: ca.revoke(by=Authority(ca.folder, "x")), id="signed by another"),
    pytest.param(lambda ca: Authority(ca.folder, "y").revoke(), id="another authority's"),
    pytest.param(lambda ca: ca.revoke()[:100], id="cut off"),
    pytest.param(lambda _: b"", id="empty"),
    pytest.param(lambda _: b"\x30\x03\x02\x01\x01", id="no list"),
]


@pytest.mark.parametrize("content", UNFIT)
async def test_without_a_good_list_nobody_gets_in_by_certificate(
    listed: World, ca: Authority, content: Any
):
    client = ca.sign("client", uri("dept", DEPT))
    publish(listed, content(ca))

    status, answer = await send(listed, ca, client)
    by_token, _ = await send(listed, ca, None, authorization=f"Bearer {listed.tokens[DEPT]}")
    publish(listed, ca.revoke())

    assert (status, answer["reason"], by_token) == (503, "REVOCATION_UNKNOWN", 202)
    assert (await send(listed, ca, client))[0] == 202, "a good list lets it in again"


def test_a_gateway_does_not_start_with_a_list_that_it_cannot_use(tmp_path: Path, ca: Authority):
    (tmp_path / "crl").write_bytes(b"-----")
    with pytest.raises(ValueError, match="crl: one CRL in DER, or some in PEM, expected"):
        read_lists(tmp_path / "crl", ca.file)
    with pytest.raises(ValueError, match="No such file"):
        read_lists(tmp_path / "none", ca.file)
    with pytest.raises(ValueError, match="gateway_tls_client_ca"):
        Settings(gateway_tls_client_crl=tmp_path / "crl")


def test_a_list_in_der_is_read_as_well(tmp_path: Path, ca: Authority):
    cert, _ = ca.sign("client", uri("dept", DEPT))
    crl = x509.load_pem_x509_crl(ca.revoke(cert))
    (tmp_path / "crl").write_bytes(crl.public_bytes(serialization.Encoding.DER))

    (found,) = read_lists(tmp_path / "crl", ca.file).values()

    serial = x509.load_pem_x509_certificate(cert.read_bytes()).serial_number
    assert found.serials == {serial}


def test_a_list_that_is_replaced_while_it_is_first_read_is_read_again(
    tmp_path: Path, ca: Authority, monkeypatch: pytest.MonkeyPatch
):
    cert, _ = ca.sign("client", uri("dept", DEPT))
    serial = x509.load_pem_x509_certificate(cert.read_bytes()).serial_number
    crl, beside, clock = tmp_path / "crl", tmp_path / "new", [0.0]
    crl.write_bytes(ca.revoke())
    beside.write_bytes(ca.revoke(cert))

    def read_and_replaced(path: Path, authorities: Path) -> Any:
        found = read_lists(path, authorities)
        if beside.exists():
            beside.replace(path)
        return found

    monkeypatch.setattr(revoked, "read_lists", read_and_replaced)
    lists = Revocations(crl, ca.file, lambda: clock[0])
    clock[0] += 2

    with pytest.raises(Problem, match="was revoked"):
        lists.check(ca.subject.public_bytes(), serial)
