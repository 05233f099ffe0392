"""What does the QR code carry, and did the hub write it?

A token is 83 bytes in base64url, 111 characters, so that with the address it fits a small symbol:

    6 bits   format         10 bits  signing key      10 bits  shard
    10 bits  code key       100 bits HMAC of the code 16 bits  last valid day    64 bytes signature

It holds no personal data and nothing about the enterprise; the page that it opens looks the task
up. A genuine token says that the hub once issued the code, not that the code is still good.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schemas.signing import CROCKFORD, SIGNATURE_BYTES, Signer, Verifier
from streams.rules.entry.codes import (
    MAC_BITS,
    SHARD_MAX,
    CodeFault,
    ParsedCode,
    parse_code,
    write_code,
)

TOKEN_LENGTH = 111

_FORMAT = 1
_DAY_ONE = date(2000, 1, 1).toordinal()
_DAY_BITS = 16
_ID_BITS = 10
_PAYLOAD_BYTES = 19
_DOMAIN = b"insp-qr-token-v1\x1f"
_FIELDS = (_ID_BITS, _ID_BITS, _ID_BITS, MAC_BITS, _DAY_BITS)


class TokenFault(StrEnum):
    """Why a token is not accepted. In order of precedence."""

    MALFORMED = "MALFORMED"
    UNKNOWN_FORMAT = "UNKNOWN_FORMAT"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    FORGED = "FORGED"


@dataclass(frozen=True, slots=True)
class ReadToken:
    """What a genuine token says.

    Attributes:
        code: The inspection code, as issued.
        valid_until: The last day, in Asia/Shanghai, on which the code may be shown.
        key_id: The key that signed.
    """

    code: str
    valid_until: date
    key_id: str

    def is_expired(self, on: date) -> bool:
        """Whether the code may no longer be shown on a day in Asia/Shanghai."""
        return on > self.valid_until


def make_token(signer: Signer, code: str, valid_until: date) -> str:
    """The token of a code for its QR symbol; see `sign_token`.

    Raises:
        ValueError: If the code is none, or the day lies outside 2000-01-01 to 2179-06-06.

    Source: art. 7 (the code that the officer shows), art. 8 (the enterprise scans it).
    """
    parsed = parse_code(code)
    if isinstance(parsed, CodeFault):
        message = f"no token for {code!a}: not an inspection code ({parsed})"
        raise ValueError(message)  # noqa: TRY004 - the text is wrong, not its type
    return sign_token(signer, parsed, valid_until)


def sign_token(signer: Signer, parsed: ParsedCode, valid_until: date) -> str:
    """The token of a code whose parts are known.

    The bytes come out the same on a replay only if `signer.deterministic`.

    Raises:
        ValueError: If the day lies outside 2000-01-01 to 2179-06-06.

    Source: art. 7 (the code that the officer shows), art. 8 (the enterprise scans it).
    """
    day = valid_until.toordinal() - _DAY_ONE
    if not 0 <= day < 1 << _DAY_BITS:
        raise ValueError(f"no token for {parsed.code}: {valid_until} is outside 2000 to 2179")
    values = (_id_value(signer.key_id), parsed.shard, _id_value(parsed.key_id), parsed.mac, day)
    packed = _FORMAT
    for value, bits in zip(values, _FIELDS, strict=True):
        packed = packed << bits | value
    payload = packed.to_bytes(_PAYLOAD_BYTES, "big")
    signature = signer.sign(_signed(signer.scheme, payload))
    return urlsafe_b64encode(payload + signature).rstrip(b"=").decode()


def read_token(verifiers: Mapping[str, Verifier], token: str) -> ReadToken | TokenFault:
    """What a token says, once its signature is found good; it may still be expired or void.

    Args:
        verifiers: Every key that is still accepted, by its id.
        token: What was scanned.

    Source: art. 8 (the enterprise verifies the task).
    """
    raw = _decoded(token)
    if raw is None:
        return TokenFault.MALFORMED
    payload, signature = raw[:-SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]
    packed = int.from_bytes(payload, "big")
    values = []
    for bits in reversed(_FIELDS):
        values.append(packed & (1 << bits) - 1)
        packed >>= bits
    day, mac, code_key, shard, signing_key = values
    if packed != _FORMAT:
        return TokenFault.UNKNOWN_FORMAT
    verifier = verifiers.get(_id_text(signing_key))
    if verifier is None:
        return TokenFault.UNKNOWN_KEY
    if not verifier.verify(_signed(verifier.scheme, payload), signature) or shard > SHARD_MAX:
        return TokenFault.FORGED
    code = write_code(shard, _id_text(code_key), mac)
    return ReadToken(code, date.fromordinal(_DAY_ONE + day), verifier.key_id)


def token_url(base_url: str, token: str) -> str:
    """The address that a scan opens: `base_url` carries scheme and host, `https://example.org`."""
    return f"{base_url.rstrip('/')}/c/{token}"


def _signed(scheme: str, payload: bytes) -> bytes:
    """The bytes that are signed: nothing else the hub signs can be taken for a token."""
    return _DOMAIN + scheme.encode() + b"\x1f" + payload


def _decoded(token: str) -> bytes | None:
    """The bytes of a token, from exactly the one text that the hub writes for them."""
    if len(token) != TOKEN_LENGTH or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=")
    except binascii.Error:
        return None
    # The decoder skips foreign characters and ignores spare bits: compare with what it stands for.
    return raw if urlsafe_b64encode(raw).rstrip(b"=").decode() == token else None


def _id_value(key_id: str) -> int:
    return CROCKFORD.index(key_id[0]) << 5 | CROCKFORD.index(key_id[1])


def _id_text(value: int) -> str:
    return CROCKFORD[value >> 5] + CROCKFORD[value & 31]
