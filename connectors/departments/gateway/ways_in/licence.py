"""Which enterprise holds this telephone? Proved by its electronic business licence (电子营业执照).

The national service cannot be reached from everywhere, so it stands behind a protocol. This is the
one that speaks OpenID Connect: authorization code with PKCE, an id_token signed with Ed25519 whose
`sub` is the credit code. `connectors.sandbox.licence` stands in for the service.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

KEY_FILE = "licence.pub"
ANSWER_BYTES_MAX = 16 * 1024
ANSWER_WAIT_S = 8.0
CLOCK_SKEW_S = 60
TOKEN_AGE_MAX_S = 600


@dataclass(frozen=True, slots=True)
class Identified:
    """An enterprise proved by its licence."""

    uscc: str
    name: str


@dataclass(frozen=True, slots=True)
class NotIdentified:
    """No enterprise was proved; `reason` is for the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class Login:
    """One attempt to verify, known to us alone until it comes back.

    Attributes:
        state: ties the answer to the attempt.
        nonce: ties the signed token to the attempt.
        verifier: proves to the service that who redeems the code is who asked (PKCE).
    """

    state: str
    nonce: str
    verifier: str


class LicenceVerifier(Protocol):
    """A service that proves which enterprise somebody acts for."""

    @property
    def origin(self) -> str:
        """Scheme and authority of the service: forms may lead there."""

    def address(self, login: Login, return_to: str) -> str:
        """Where to send the browser."""

    async def identify(self, login: Login, code: str, return_to: str) -> Identified | NotIdentified:
        """Which enterprise the service vouches for; any failure is a NotIdentified."""


class OidcLicence:
    """A licence service that speaks OpenID Connect (fits LicenceVerifier)."""

    def __init__(
        self, base_url: str, client_id: str, key: VerifyKey, now_s: Callable[[], float]
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._client_id = client_id
        self._key = key
        self._now_s = now_s

    @property
    def origin(self) -> str:
        """Scheme and authority of the service."""
        scheme, _, rest = self._base_url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"

    def address(self, login: Login, return_to: str) -> str:
        """Where to send the browser."""
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": return_to,
            "scope": "openid licence",
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": challenge_of(login.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._base_url}/licence/authorize?{urlencode(query)}"

    async def identify(self, login: Login, code: str, return_to: str) -> Identified | NotIdentified:
        """Which enterprise the service vouches for."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_to,
            "client_id": self._client_id,
            "code_verifier": login.verifier,
        }
        try:
            token = await self._redeem(form)
            claims = read_signed(token, self._key)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as cause:
            return NotIdentified(f"{type(cause).__name__}: {cause}")
        fault = self._fault(claims, login.nonce)
        if fault:
            return NotIdentified(fault)
        return Identified(str(claims["sub"]), str(claims.get("name", "")))

    async def _redeem(self, form: dict[str, str]) -> str:
        """The id_token for a code; what answers is untrusted, so it is bounded."""
        async with (
            asyncio.timeout(ANSWER_WAIT_S),
            aiohttp.ClientSession() as session,
            session.post(
                f"{self._base_url}/licence/token", data=form, allow_redirects=False
            ) as answer,
        ):
            body = await answer.content.read(ANSWER_BYTES_MAX + 1)
            if answer.status != 200 or len(body) > ANSWER_BYTES_MAX:
                raise ValueError(f"status {answer.status} with {len(body)} bytes")
        return msgspec.json.decode(body, type=_TokenAnswer).id_token

    def _fault(self, claims: dict[str, Any], nonce: str) -> str:
        """Why the claims do not vouch for anybody here and now; empty if they do."""
        now = self._now_s()
        issued, expires = claims.get("iat"), claims.get("exp")
        if claims.get("iss") != self._base_url:
            return "another issuer"
        if claims.get("aud") != self._client_id:
            return "for another client"
        if claims.get("nonce") != nonce:
            return "for another attempt"
        if not isinstance(issued, int | float) or not isinstance(expires, int | float):
            return "without its time"
        if now >= expires + CLOCK_SKEW_S or not -CLOCK_SKEW_S <= now - issued <= TOKEN_AGE_MAX_S:
            return "too old, or of the future"
        return "" if isinstance(claims.get("sub"), str) else "without a subject"


class _TokenAnswer(msgspec.Struct):
    id_token: str


def challenge_of(verifier: str) -> str:
    """The PKCE challenge of a verifier (S256)."""
    return b64url(sha256(verifier.encode()).digest())


def b64url(value: bytes) -> str:
    """Base64url without padding, as tokens are written."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def read_signed(token: str, key: VerifyKey) -> dict[str, Any]:
    """The claims of a compact JWS signed with EdDSA by this key; no other algorithm is looked at.

    Raises:
        ValueError: it is no such token.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not a compact JWS")
    head = _json(parts[0])
    if head.get("alg") != "EdDSA" or "crit" in head:
        raise ValueError(f"algorithm {head.get('alg')!a} found, EdDSA expected")
    try:
        key.verify(f"{parts[0]}.{parts[1]}".encode(), _unb64url(parts[2]))
    except BadSignatureError:
        raise ValueError("the signature is not the licence service's") from None
    return _json(parts[1])


def _json(part: str) -> dict[str, Any]:
    # msgspec's error for what is no JSON is a ValueError.
    return msgspec.json.decode(_unb64url(part), type=dict[str, Any])


def _unb64url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as cause:
        raise ValueError(f"base64url expected: {cause}") from None
