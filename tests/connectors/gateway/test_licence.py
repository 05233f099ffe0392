"""The licence flow for real: our client, a service on a port, signed answers and bad ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from browser import Browser, ask_service, form_fields
from gateway_world import BASE_URL, USCC, World, an_event
from nacl.signing import SigningKey
from serving import served

from connectors.child import free_port
from connectors.departments.gateway.ways_in.licence import (
    Identified,
    Login,
    NotIdentified,
    OidcLicence,
    challenge_of,
    read_signed,
)
from connectors.sandbox.licence import LicenceSandbox, sign

KEY = SigningKey(b"\7" * 32)
RETURN_TO = f"{BASE_URL}/licence/callback"
LOGIN = Login("state-1", "nonce-1", "verifier-1")


def a_service(issuer: str, now_s: Callable[[], float] = time.time) -> LicenceSandbox:
    return LicenceSandbox(
        issuer=issuer, client_id="inspection-hub", return_to=RETURN_TO, key=KEY, now_s=now_s
    )


def a_client(issuer: str, key: SigningKey = KEY) -> OidcLicence:
    return OidcLicence(issuer, "inspection-hub", key.verify_key, time.time)


async def granted(service: LicenceSandbox, client: OidcLicence, login: Login = LOGIN) -> str:
    """The code a person's consent gives, as their browser brings it back."""
    address = urlsplit(client.address(login, RETURN_TO))
    page = await ask_service(service.app(), "GET", f"{address.path}?{address.query}", {})
    fields = {**form_fields(page), "uscc": USCC, "allow": "1"}
    back = await ask_service(service.app(), "POST", "/licence/approve", fields)
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert query["state"] == [login.state]
    return query["code"][0]


async def test_a_scan_is_verified_by_the_service_itself(tmp_path):
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    service, client = a_service(issuer), a_client(issuer)
    world = World(tmp_path, licence=client)
    made = (await world.post(an_event(), prefer="wait=1")).json["decision"]
    browser = Browser(world)
    page = await browser.get(made["qr_text"].removeprefix(BASE_URL))

    async with served(service.app(), port):
        away = await browser.press(page, "/verify")
        asked = urlsplit(away.headers["location"])
        choice = await ask_service(service.app(), "GET", f"{asked.path}?{asked.query}", {})
        fields = {**form_fields(choice), "uscc": USCC, "allow": "1"}
        back = await ask_service(service.app(), "POST", "/licence/approve", fields)
        verified = await browser.follow(await browser.follow(back))

    assert "王小明" in verified.text
    assert "已扫码登记" in verified.text


async def test_a_code_is_good_once_for_who_asked_for_it(tmp_path):
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    service, client = a_service(issuer), a_client(issuer)
    async with served(service.app(), port):
        stolen = await granted(service, client)
        thief = Login(LOGIN.state, LOGIN.nonce, "another verifier")
        code = await granted(service, client)

        assert isinstance(await client.identify(thief, stolen, RETURN_TO), NotIdentified)
        assert await client.identify(LOGIN, code, RETURN_TO) == Identified(USCC, "")
        assert isinstance(await client.identify(LOGIN, code, RETURN_TO), NotIdentified)
        assert isinstance(await client.identify(LOGIN, "invented", RETURN_TO), NotIdentified)


CLAIMS = {
    "iss": "http://licence", "aud": "inspection-hub", "sub": USCC, "nonce": "nonce-1",
}  # fmt: skip
BAD = [
    pytest.param({"iss": "http://other"}, id="another issuer"),
    pytest.param({"aud": "other"}, id="another client"),
    pytest.param({"nonce": "other"}, id="another attempt"),
    pytest.param({"iat": 0}, id="issued long ago"),
    pytest.param({"exp": 1}, id="expired"),
    pytest.param({"iat": "now"}, id="no time"),
    pytest.param({"sub": 7}, id="no subject"),
]


@pytest.mark.parametrize("change", BAD)
def test_claims_that_do_not_fit_vouch_for_nobody(change):
    now = time.time()
    client = a_client("http://licence")
    good = {**CLAIMS, "iat": now, "exp": now + 300}

    assert client._fault(good, "nonce-1") == ""
    assert client._fault({**good, **change}, "nonce-1")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(sign({"sub": USCC}, SigningKey(b"\1" * 32)), id="another key"),
        pytest.param(sign({"sub": USCC}, KEY, "none"), id="no algorithm"),
        pytest.param(sign({"sub": USCC}, KEY, "HS256"), id="another algorithm"),
        pytest.param(sign({"sub": USCC}, KEY)[:-4], id="cut short"),
        pytest.param("a.b", id="two parts"),
        pytest.param("..", id="empty parts"),
    ],
)
def test_what_the_service_did_not_sign_is_not_read(token):
    with pytest.raises(ValueError):
        read_signed(token, KEY.verify_key)


async def test_a_service_that_is_away_or_answers_nonsense_identifies_nobody():
    port = free_port()
    client = a_client(f"http://127.0.0.1:{port}")

    away = await client.identify(LOGIN, "code", RETURN_TO)

    async def nonsense(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{" * 100_000})

    async with served(nonsense, port):
        wrong = await client.identify(LOGIN, "code", RETURN_TO)

    assert isinstance(away, NotIdentified)
    assert isinstance(wrong, NotIdentified)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"redirect_uri": "https://elsewhere.test/"}, id="elsewhere"),
        pytest.param({"client_id": "other"}, id="another client"),
        pytest.param({"code_challenge_method": "plain"}, id="no proof of possession"),
        pytest.param({"nonce": ""}, id="no nonce"),
    ],
)
async def test_the_stand_in_serves_nobody_else(change):
    service = a_service("http://licence")
    query = {
        "client_id": "inspection-hub", "redirect_uri": RETURN_TO, "state": "s", "nonce": "n",
        "code_challenge": challenge_of("v"), "code_challenge_method": "S256", **change,
    }  # fmt: skip

    answer = await ask_service(service.app(), "GET", f"/licence/authorize?{urlencode(query)}", {})

    assert answer.status == 400
