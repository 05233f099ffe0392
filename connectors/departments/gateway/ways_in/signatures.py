"""Did this department sign this request? HTTP Message Signatures (RFC 9421), Ed25519.

One signature a request. It must cover @method, @target-uri, every ce-* header, and content-digest
where there is a body; `created` must be within five minutes, and no signature passes twice.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import redis.asyncio as aioredis
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from starlette.requests import Request

from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.auth import Principal
from connectors.departments.gateway.ways_in.signer_file import read_signers

SKEW_MAX_S = 300
ALGORITHM = "ed25519"

_INPUT = re.compile(
    r"(?P<label>[a-z][a-z0-9_-]{0,30})=(?P<params>\((?P<names>[^()]*)\)(?P<rest>;.*))"
)
_NAME = re.compile(r'"(@?[a-z0-9-]+)"')
_PARAMETER = re.compile(r';([a-z]+)=(?:"([\x21\x23-\x5b\x5d-\x7e]{1,200})"|(\d{1,12}))')
_BYTES = r":([A-Za-z0-9+/]+={0,2}):"
_DIGEST = re.compile(rf"(?:^|,)\s*sha-256={_BYTES}\s*(?:,|$)")
_ALWAYS = ("@method", "@target-uri")
_HEAD_MAX = 4096


class Seen(Protocol):
    """Remembers for a while what was used once."""

    async def first_time(self, name: str, kept_s: int) -> bool:
        """Whether this name is new; from now on it is not."""


class SeenInRedis:
    """The same for all gateways, and over restarts."""

    def __init__(self, client: aioredis.Redis) -> None:
        self._redis = client

    async def first_time(self, name: str, kept_s: int) -> bool:
        """Whether this name is new; from now on it is not."""
        return bool(await self._redis.set(f"insp:gateway:once:{name}", b"", nx=True, ex=kept_s))


@dataclass(frozen=True, slots=True)
class _Signed:
    """What the headers say of the one signature."""

    params: str
    names: tuple[str, ...]
    key_id: str
    created: int
    expires: int | None
    nonce: str
    signature: bytes


class SignedRequests:
    """Identifies a department by its signature (fits auth.Authenticator)."""

    def __init__(
        self, path: Path, origins: Sequence[str], seen: Seen, now_s: Callable[[], float]
    ) -> None:
        """Prepare.

        Args:
            path: The file of public keys; read when the process starts.
            origins: Scheme and authority under which clients know this gateway. What a request
                itself says of them is not believed: a signature for another hub must not pass.
            seen: Remembers signatures.
            now_s: Unix time.
        """
        self._keys = read_signers(path)
        self._origins = tuple(origins)
        self._seen = seen
        self._now_s = now_s

    def applies(self, request: Request) -> bool:
        """Whether the request is signed."""
        return "signature" in request.headers or "signature-input" in request.headers

    async def identify(self, request: Request) -> Principal:
        """Who signed."""
        signed = _read(request)
        if signed.key_id not in self._keys:
            raise Problem(Why.UNAUTHENTICATED, "the signature's keyid is not known")
        dept, key = self._keys[signed.key_id]
        self._check_time(signed)
        digest = _check_covered(request, signed.names)
        if not any(_holds(key, request, origin, signed) for origin in self._origins):
            expected = f"made over {' or '.join(self._origins)}"
            raise Problem(Why.SIGNATURE, f"it is not this key's over this request, {expected}")
        once = f"{signed.key_id}:{signed.created}:{signed.nonce}:{signed.signature.hex()}"
        if not await self._seen.first_time(once, 2 * SKEW_MAX_S):
            raise Problem(Why.SIGNATURE_REPLAYED)
        return Principal(dept, signed.key_id, digest)

    def _check_time(self, signed: _Signed) -> None:
        now = self._now_s()
        if abs(now - signed.created) > SKEW_MAX_S:
            raise Problem(
                Why.SIGNATURE_CLOCK,
                f"created {signed.created - now:+.0f} s from now, at most {SKEW_MAX_S} s allowed",
            )
        if signed.expires is not None and signed.expires <= now:
            raise Problem(Why.SIGNATURE_CLOCK, "the signature says itself that it has expired")


def signature_base(request: Request, origin: str, names: Sequence[str], params: str) -> bytes:
    """What a signature signs (RFC 9421 §2.5)."""
    lines = [f'"{name}": {_component(request, origin, name)}' for name in names]
    return "\n".join([*lines, f'"@signature-params": {params}']).encode("latin-1")


def _read(request: Request) -> _Signed:
    inputs = request.headers.getlist("signature-input")
    signatures = request.headers.getlist("signature")
    if len(inputs) != 1 or len(signatures) != 1 or len(inputs[0]) > _HEAD_MAX:
        raise _bad("one signature-input and one signature expected")
    found = _INPUT.fullmatch(inputs[0].strip())
    value = found and re.fullmatch(rf"{re.escape(found['label'])}={_BYTES}", signatures[0].strip())
    if not found or not value:
        raise _bad("signature-input and signature with one and the same label expected")
    names = tuple(_NAME.findall(found["names"]))
    if " ".join(f'"{name}"' for name in names) != found["names"] or len(set(names)) != len(names):
        raise _bad("components as plain names, each once, expected")
    rest = {one: text or number for one, text, number in _PARAMETER.findall(found["rest"])}
    if "".join(m.group() for m in _PARAMETER.finditer(found["rest"])) != found["rest"]:
        raise _bad("the parameters cannot be read")
    if rest.get("alg", ALGORITHM) != ALGORITHM or not rest.get("created", "").isdigit():
        raise _bad(f'created, keyid and alg="{ALGORITHM}" expected')
    expires = rest.get("expires", "")
    return _Signed(
        found["params"],
        names,
        rest.get("keyid", ""),
        int(rest["created"]),
        int(expires) if expires.isdigit() else None,
        rest.get("nonce", ""),
        _decoded(value[1]),
    )


def _check_covered(request: Request, names: Sequence[str]) -> bytes | None:
    """The SHA-256 that the signature vouches for; None if there is no body."""
    needed = {*_ALWAYS, *(name for name in request.headers if name.startswith("ce-"))}
    headers = request.headers
    has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    if has_body:
        needed |= {"content-digest", "content-type"}
    missing = sorted(needed - set(names))
    if missing:
        raise _bad(f"not covered: {', '.join(missing)}")
    if not has_body:
        return None
    found = _DIGEST.search(request.headers.get("content-digest", ""))
    if not found:
        raise _bad("content-digest with sha-256 expected")
    return _decoded(found[1])


def _holds(key: VerifyKey, request: Request, origin: str, signed: _Signed) -> bool:
    base = signature_base(request, origin, signed.names, signed.params)
    try:
        key.verify(base, signed.signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def _component(request: Request, origin: str, name: str) -> str:
    if name == "@method":
        return request.method
    if name == "@target-uri":
        raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        query: bytes = request.scope.get("query_string", b"")
        return origin + (raw_path + b"?" + query if query else raw_path).decode("latin-1")
    values = request.headers.getlist(name)
    if name.startswith("@") or not values:
        raise _bad(f"component {name} is not there, or not supported")
    return ", ".join(value.strip() for value in values)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _bad("base64 expected") from None


def _bad(what: str) -> Problem:
    return Problem(Why.SIGNATURE, what)
