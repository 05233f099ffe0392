"""Who signs? Ed25519 by libsodium, SM2 by gmalglib, behind the protocols of `schemas.signing`.

SM2 comes with the extra `sm2`. Its parameters are the contract's: ID 1234567812345678, SM3 over Z_A
and the message, the signature as r and s, 32 bytes each. GB/T 32918 draws the nonce k by chance,
which would give other bytes on each replay; gmalglib lets the caller supply k, and here it is
derived from key and message as RFC 6979 does it. Everyone verifies such a signature as usual. A
certified signature device draws its own k: its signer must say `deterministic = False`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from nacl.bindings import (
    crypto_sign,
    crypto_sign_BYTES,
    crypto_sign_open,
    crypto_sign_PUBLICKEYBYTES,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from schemas.signing import SECRET_BYTES, Signer, Verifier, key_id_fault

try:
    import gmalglib.sm2 as _sm2
    import gmalglib.sm3 as _sm3
except ImportError:  # the extra `sm2` was not asked for; whoever needs it is told
    _sm2 = _sm3 = None

ED25519 = "ed25519"
SM2 = "sm2"
SCHEMES = (ED25519, SM2)

_SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_SM2_PUBLIC_BYTES = 65
_HASH = "sha256"
_HASH_BYTES = 32


class SchemeUnavailableError(RuntimeError):
    """A key asks for a scheme whose library is not installed."""


class Ed25519Signer:
    """Signs with an Ed25519 key; the same bytes give the same signature."""

    scheme = ED25519
    deterministic = True

    def __init__(self, key_id: str, secret: bytes) -> None:
        """Take a key's id and its 32-byte seed."""
        _check(ED25519, key_id, secret, SECRET_BYTES)
        self.key_id = key_id
        self.public, self._secret = crypto_sign_seed_keypair(secret)

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, 64 bytes."""
        return crypto_sign(message, self._secret)[:crypto_sign_BYTES]


class Ed25519Verifier:
    """Tells whether an Ed25519 key signed."""

    scheme = ED25519

    def __init__(self, key_id: str, public: bytes) -> None:
        """Take a key's id and its 32-byte public key."""
        _check(ED25519, key_id, public, crypto_sign_PUBLICKEYBYTES)
        self.key_id = key_id
        self._public = public

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the key signed exactly this message."""
        if len(signature) != crypto_sign_BYTES:
            return False
        try:
            crypto_sign_open(signature + message, self._public)
        except BadSignatureError:
            return False
        return True


class Sm2Signer:
    """Signs with an SM2 key; the same bytes give the same signature."""

    scheme = SM2
    deterministic = True

    def __init__(self, key_id: str, secret: bytes) -> None:
        """Take a key's id and its secret number, 32 bytes, most significant first."""
        library, _ = _sm2_library(key_id)
        _check(SM2, key_id, secret, SECRET_BYTES)
        if not library.SM2.is_sk_valid(secret):
            raise ValueError(f"sm2 key {key_id}: the secret is not from 1 to the order minus 2")
        self.key_id = key_id
        self.public: bytes = library.SM2.get_pk(secret)
        self._secret = secret
        self._entity: bytes = library.SM2(pk=self.public).get_entity_info()

    def sign(self, message: bytes) -> bytes:
        """The signature of a message: r and s, 32 bytes each."""
        library, hashes = _sm2_library(self.key_id)
        digest: bytes = hashes.SM3(self._entity + message).digest()
        # One object a signature: the nonce belongs to this message and to no other.
        nonces = _Rfc6979(self._secret, digest)
        signature: bytes = library.SM2(sk=self._secret, rnd_fn=nonces).sign_digest(digest)
        return signature


class Sm2Verifier:
    """Tells whether an SM2 key signed."""

    scheme = SM2

    def __init__(self, key_id: str, public: bytes) -> None:
        """Take a key's id and its public point: 04, x, y."""
        library, _ = _sm2_library(key_id)
        _check(SM2, key_id, public, _SM2_PUBLIC_BYTES)
        if not library.SM2.is_pk_valid(public):
            raise ValueError(f"sm2 key {key_id}: the public key is not a point of the curve")
        self.key_id = key_id
        self._verify: Callable[[bytes, bytes], bool] = library.SM2(pk=public).verify

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the key signed exactly this message."""
        if len(signature) != crypto_sign_BYTES:
            return False
        return self._verify(message, signature)


class _Rfc6979:
    """The nonces of one signature: derived from key and digest, the next only if one is refused.

    Source: RFC 6979 §3.2, with HMAC-SHA256 as its generator.
    """

    def __init__(self, secret: bytes, digest: bytes) -> None:
        reduced = (int.from_bytes(digest, "big") % _SM2_ORDER).to_bytes(_HASH_BYTES, "big")
        seed = secret + reduced
        self._value = b"\x01" * _HASH_BYTES
        self._key = b"\x00" * _HASH_BYTES
        self._mix(b"\x00" + seed)
        self._mix(b"\x01" + seed)
        self._used = False

    def _mix(self, more: bytes) -> None:
        self._key = hmac.digest(self._key, self._value + more, _HASH)
        self._value = hmac.digest(self._key, self._value, _HASH)

    def __call__(self, size_bytes: int) -> bytes:
        if self._used:
            self._mix(b"\x00")
        self._used = True
        self._value = hmac.digest(self._key, self._value, _HASH)
        # gmalglib reads its random number least significant byte first.
        return self._value[:size_bytes][::-1]


def make_signer(scheme: str, key_id: str, secret: bytes) -> Signer:
    """The signer of a secret key.

    Raises:
        ValueError: If the key is not one of this scheme.
        SchemeUnavailableError: If the scheme's library is not installed.
    """
    if scheme == ED25519:
        return Ed25519Signer(key_id, secret)
    if scheme == SM2:
        return Sm2Signer(key_id, secret)
    raise ValueError(f"key {key_id}: scheme {scheme!a} is not one of {', '.join(SCHEMES)}")


def make_verifier(scheme: str, key_id: str, public: bytes) -> Verifier:
    """The verifier of a public key.

    Raises:
        ValueError: If the key is not one of this scheme.
        SchemeUnavailableError: If the scheme's library is not installed.
    """
    if scheme == ED25519:
        return Ed25519Verifier(key_id, public)
    if scheme == SM2:
        return Sm2Verifier(key_id, public)
    raise ValueError(f"key {key_id}: scheme {scheme!a} is not one of {', '.join(SCHEMES)}")


def public_key(scheme: str, key_id: str, secret: bytes) -> bytes:
    """The public key that belongs to a secret one.

    Raises:
        ValueError: If the key is not one of this scheme.
        SchemeUnavailableError: If the scheme's library is not installed.
    """
    if scheme == SM2:
        return Sm2Signer(key_id, secret).public
    if scheme == ED25519:
        return Ed25519Signer(key_id, secret).public
    raise ValueError(f"key {key_id}: scheme {scheme!a} is not one of {', '.join(SCHEMES)}")


def _check(scheme: str, key_id: str, key: bytes, size_bytes: int) -> None:
    fault = key_id_fault(key_id)
    if fault is not None:
        raise ValueError(f"{scheme} key {key_id!a}: its id {fault}")
    if len(key) != size_bytes:
        raise ValueError(f"{scheme} key {key_id}: has {len(key)} bytes, {size_bytes} expected")


def _sm2_library(key_id: str) -> tuple[Any, Any]:
    if _sm2 is None or _sm3 is None:
        raise SchemeUnavailableError(
            f"sm2 key {key_id} cannot be used: gmalglib is not installed: "
            "install the hub with its extra, pip install 'inspection-hub[sm2]'"
        )
    return _sm2, _sm3
