"""Does a system show what its ledger says? What a comparison of its public list came to.

Kept in the control part of the site's ledger, for whoever looks at the site.
"""

from __future__ import annotations

import msgspec

NAMED_MAX = 100
"""So many differences are kept by name; how many there are is kept besides."""
COMPARED = "compared"
"""The field of the ledger's control part."""


class Ours(msgspec.Struct, frozen=True):
    """What the ledger says of a result."""

    version: int
    state: str


class Differs(msgspec.Struct, frozen=True, kw_only=True):
    """One result about which they differ.

    `ours` None: the ledger has no such result; `found`: what the system shows, in words.
    """

    kind: str
    uscc: str
    result_id: str
    found: str
    ours: Ours | None = None


class SiteCompared(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison. Instants are Unix milliseconds.

    Attributes:
        night: the night whose digest it followed; empty before it is kept.
        compared: results of which the ledger has proof; `unclear` of them did not answer.
        owed: results on their way; `owed_shown` of them are stops that are still shown.
        differing: how many differ; the first of them in `differences`.
        fault: why the system's list could not be read; then nothing was compared.
        before_ms: of one that is not whole, when the whole was last read; 0: never.
        before_differing: how many differed then.
    """

    night: str = ""
    at_ms: int = 0
    compared: int = 0
    owed: int = 0
    owed_shown: int = 0
    unclear: int = 0
    differing: int = 0
    differences: tuple[Differs, ...] = ()
    fault: str = ""
    before_ms: int = 0
    before_differing: int = 0

    @property
    def settled(self) -> bool:
        """Whether the whole of it could be read."""
        return not self.fault and not self.unclear

    @property
    def agrees(self) -> bool:
        """Whether all could be read and nothing differs."""
        return self.settled and not self.differing

    @property
    def whole_ms(self) -> int:
        """When the whole was last read, by this comparison or one before; 0: never."""
        return self.at_ms if self.settled else self.before_ms

    @property
    def known_differing(self) -> int:
        """How many differ as far as is known: a list that cannot be read clears nobody."""
        return self.differing if self.settled else max(self.differing, self.before_differing)

    def after(self, last: SiteCompared | None) -> SiteCompared:
        """This one, kept after that one: what was known stays known until all is read again."""
        if last is None or self.settled:
            return self
        return msgspec.structs.replace(
            self, before_ms=last.whole_ms, before_differing=last.known_differing
        )


encode_compared = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(SiteCompared).decode


def decode_compared(value: bytes | None) -> SiteCompared | None:
    """The last comparison; None if there is none, or another version of the hub wrote it."""
    if not value:
        return None
    try:
        return _decode(value)
    except msgspec.MsgspecError:
        return None
