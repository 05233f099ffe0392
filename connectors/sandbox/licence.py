"""A stand-in for the electronic business licence service (电子营业执照), for trials and tests.

OpenID Connect as the hub speaks it: authorize with PKCE, a person names the enterprise whose
licence is on the telephone, a code that is good once and for a minute, an id_token signed with
Ed25519. Whoever opens it may be any enterprise: it proves the flow, not the person.
"""

from __future__ import annotations

import html
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import parse_qs, urlencode

import msgspec
from nacl.signing import SigningKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.departments.gateway.ways_in.licence import b64url, challenge_of
from schemas.identity import CreditCodeOutcome, read_credit_code

CODE_GOOD_S = 60
TOKEN_GOOD_S = 300
_PENDING_MAX = 10_000
_KEPT = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")


@dataclass(frozen=True, slots=True)
class _Granted:
    """What a code stands for."""

    asked: dict[str, str]
    uscc: str
    at_s: float


class LicenceSandbox:
    """The service, with its key."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        return_to: str,
        key: SigningKey,
        now_s: Callable[[], float],
    ) -> None:
        """Prepare.

        Args:
            issuer: The address under which it is known.
            client_id: The one client it serves.
            return_to: The one address it sends browsers back to.
            key: Signs what it vouches for.
            now_s: Unix time.
        """
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._return_to = return_to
        self._key = key
        self._now_s = now_s
        self._granted: dict[str, _Granted] = {}

    def app(self) -> Starlette:
        """The service as an application."""
        return Starlette(
            routes=[
                Route("/licence/authorize", self.authorize),
                Route("/licence/approve", self.approve, methods=["POST"]),
                Route("/licence/token", self.token, methods=["POST"]),
            ]
        )

    async def authorize(self, request: Request) -> Response:
        """Ask the person which enterprise's licence is to be shown."""
        asked = {name: request.query_params.get(name, "") for name in _KEPT}
        fault = self._fault(asked, request.query_params.get("code_challenge_method", ""))
        if fault:
            return HTMLResponse(f"<p>{html.escape(fault)}</p>", 400)
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in asked.items()
        )
        return HTMLResponse(_PAGE.format(hidden=hidden))

    async def approve(self, request: Request) -> Response:
        """The person has chosen, or has refused."""
        form = await _form(request)
        asked = {name: form.get(name, "") for name in _KEPT}
        fault = self._fault(asked, "S256")
        if fault:
            return HTMLResponse(f"<p>{html.escape(fault)}</p>", 400)
        reading = read_credit_code(form.get("uscc", ""))
        readable = reading.outcome in (CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT)
        answer = {"state": asked["state"]}
        if "deny" in form or not readable:
            answer["error"] = "access_denied"
        else:
            answer["code"] = self._grant(asked, reading.code)
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 303)

    async def token(self, request: Request) -> Response:
        """Redeem a code: once, within its minute, by who asked for it."""
        form = await _form(request)
        granted = self._granted.pop(form.get("code", ""), None)
        if granted is None or self._now_s() - granted.at_s > CODE_GOOD_S:
            return JSONResponse({"error": "invalid_grant"}, 400)
        asked = granted.asked
        proven = compare_digest(
            challenge_of(form.get("code_verifier", "")), asked["code_challenge"]
        )
        same = all(form.get(name) == asked[name] for name in ("client_id", "redirect_uri"))
        if not proven or not same:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self._now_s())
        claims = {
            "iss": self._issuer, "aud": self._client_id, "sub": granted.uscc, "name": "",
            "nonce": asked["nonce"], "iat": now, "exp": now + TOKEN_GOOD_S,
        }  # fmt: skip
        return JSONResponse({"id_token": sign(claims, self._key), "token_type": "Bearer"})

    def _grant(self, asked: dict[str, str], uscc: str) -> str:
        if len(self._granted) >= _PENDING_MAX:
            self._granted.pop(next(iter(self._granted)))
        code = secrets.token_urlsafe(24)
        self._granted[code] = _Granted(asked, uscc, self._now_s())
        return code

    def _fault(self, asked: dict[str, str], method: str) -> str:
        if asked["client_id"] != self._client_id:
            return "unknown client"
        if asked["redirect_uri"] != self._return_to:
            return "this client is not sent back there"
        if method != "S256" or not all(asked.values()):
            return "state, nonce and a code_challenge by S256 expected"
        return ""


def sign(claims: dict[str, object], key: SigningKey, algorithm: str = "EdDSA") -> str:
    """Claims as a compact JWS."""
    head = b64url(msgspec.json.encode({"alg": algorithm, "typ": "JWT"}))
    body = f"{head}.{b64url(msgspec.json.encode(claims))}"
    return f"{body}.{b64url(key.sign(body.encode()).signature)}"


async def _form(request: Request) -> dict[str, str]:
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=20)
    return {name: values[0] for name, values in fields.items()}


_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>电子营业执照（模拟）</title></head><body>
<h1>电子营业执照（模拟）</h1>
<form method="post" action="/licence/approve">{hidden}
<p><label>统一社会信用代码 <input name="uscc" autofocus></label></p>
<p><button name="allow" value="1">出示营业执照</button></p>
<p><button name="deny" value="1">拒绝</button></p>
</form></body></html>
"""
