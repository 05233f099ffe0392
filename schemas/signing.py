"""Who may vouch for a code: the keys of a year, and what signs and verifies.

Signing hides behind two protocols, so that a key in a file, an SM2 library and a certified
signature device are the same to those who ask for a signature.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY_ID_LENGTH = 2
SECRET_BYTES = 32
SIGNATURE_BYTES = 64

_BLOCK_BYTES = 64
# Keeps a code apart from anything else that may ever be derived from the same secret.
_CODE_DOMAIN = b"insp-code-v1\x1f"


class Signer(Protocol):
    """What can sign as one key."""

    @property
    def key_id(self) -> str:
        """Two Crockford symbols that name the key."""

    @property
    def scheme(self) -> str:
        """The signature scheme, `ed25519` or `sm2`."""

    @property
    def deterministic(self) -> bool:
        """Whether signing the same bytes again gives the same signature.

        Where bytes must come out the same on a replay, a signer that says no is refused.
        """

    def sign(self, message: bytes) -> bytes:
        """The signature of a message, 64 bytes."""


class Verifier(Protocol):
    """What can tell whether one key signed."""

    @property
    def key_id(self) -> str:
        """Two Crockford symbols that name the key."""

    @property
    def scheme(self) -> str:
        """The signature scheme, `ed25519` or `sm2`."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the key signed exactly this message. Never raises on what a stranger sent."""


class Pad(Protocol):
    """A SHA-256 that has taken in one half of an HMAC key."""

    def copy(self) -> Pad:
        """An independent hash in the same state."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """The hash of what was taken in."""


@dataclass(frozen=True, slots=True)
class YearKey:
    """The secret from which the inspection codes of one year are derived.

    Attributes:
        year: The calendar year, in Asia/Shanghai, of the tasks it serves.
        key_id: Two Crockford symbols: the year modulo 32, then the generation within the year.
        secret: 32 bytes.
        inner: HMAC-SHA256 after the inner pad and the domain of codes.
        outer: HMAC-SHA256 after the outer pad.
    """

    year: int
    key_id: str
    secret: bytes = field(repr=False)
    inner: Pad = field(init=False, repr=False, compare=False)
    outer: Pad = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the parts and prepare the pads once, so that a code costs two hash blocks."""
        fault = key_id_fault(self.key_id)
        if fault is not None:
            raise ValueError(f"code key of {self.year}: key id {self.key_id!a} {fault}")
        if self.key_id[0] != CROCKFORD[self.year % len(CROCKFORD)]:
            expected = CROCKFORD[self.year % len(CROCKFORD)]
            raise ValueError(
                f"code key of {self.year}: key id {self.key_id} begins with {self.key_id[0]}: "
                f"an id of {self.year} begins with {expected}"
            )
        if len(self.secret) != SECRET_BYTES:
            raise ValueError(
                f"code key {self.key_id}: secret has {len(self.secret)} bytes, "
                f"{SECRET_BYTES} expected"
            )
        block = self.secret.ljust(_BLOCK_BYTES, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + _CODE_DOMAIN)
        outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "outer", outer)


def key_id_fault(key_id: str) -> str | None:
    """Why a text cannot be a key id, reading on from its name; None when it can."""
    if len(key_id) == KEY_ID_LENGTH and set(key_id) <= set(CROCKFORD):
        return None
    return f"is not {KEY_ID_LENGTH} of the symbols {CROCKFORD}"


def code_key_id(year: int, generation: int) -> str:
    """The id of a year's code key; the first generation is 0, the last 31."""
    if not 0 <= generation < len(CROCKFORD):
        raise ValueError(f"code key of {year}: generation {generation} is not 0 to 31")
    return CROCKFORD[year % len(CROCKFORD)] + CROCKFORD[generation]
