"""Who sent this body, and when? Standard Webhooks 1.0.0, its asymmetric signatures.

Signed are the bytes `id.timestamp.body`. The header `webhook-signature` lists one signature a key,
apart by a space: `v1a,<base64>` is Ed25519; `v1sm2,<base64>` is SM2, which the specification does
not know. With two keys in the ring both sign, so that a system can change over in its own time.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping

from schemas.signing import Signer, Verifier

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"
TOLERANCE_S = 300

_VERSION = {"ed25519": "v1a", "sm2": "v1sm2"}
_DIGITS_MAX = 12
_SIGNATURES_MAX = 10


def signed_headers(
    message_id: str, at_s: int, body: bytes, signers: Iterable[Signer]
) -> dict[str, str]:
    """The three headers of a message.

    Args:
        message_id: the same on every retry; may hold no dot.
        at_s: Unix seconds of this attempt.
        body: what is sent, byte for byte.
        signers: the keys, the newest first.

    Raises:
        ValueError: the id holds a dot, so that the signed bytes could be read in two ways.
    """
    if "." in message_id:
        raise ValueError(f"message id {message_id!a} holds a dot")
    content = _content(message_id, str(at_s), body)
    signatures = [
        f"{_VERSION[signer.scheme]},{base64.b64encode(signer.sign(content)).decode()}"
        for signer in signers
    ]
    return {ID: message_id, TIMESTAMP: str(at_s), SIGNATURE: " ".join(signatures)}


def fault(
    headers: Mapping[str, str], body: bytes, verifiers: Iterable[Verifier], now_s: float
) -> str | None:
    """Why a message must not be believed; None if one of the keys signed it, and just now."""
    message_id, stamp, listed = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not message_id or "." in message_id:
        return f"{ID} is missing or holds a dot"
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _DIGITS_MAX):
        return f"{TIMESTAMP} is not a number of seconds"
    if abs(now_s - int(stamp)) > TOLERANCE_S:
        return f"{TIMESTAMP} is more than {TOLERANCE_S} s away from now"
    content = _content(message_id, stamp, body)
    keys = list(verifiers)
    for one in listed.split(" ")[:_SIGNATURES_MAX]:
        version, _, text = one.partition(",")
        signature = _bytes(text)
        for key in keys:
            if _VERSION.get(key.scheme) == version and key.verify(content, signature):
                return None
    return f"{SIGNATURE}: no known key signed this"


def _content(message_id: str, stamp: str, body: bytes) -> bytes:
    return f"{message_id}.{stamp}.".encode() + body


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
