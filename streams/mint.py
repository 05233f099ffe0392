"""Who makes codes and the text of their QR pictures?

Pure derivation from the keys of the installation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from schemas.signing import Signer, YearKey
from streams.rules.entry.codes import ParsedCode, derive_code
from streams.rules.entry.tokens import make_token, sign_token, token_url


class KeyMint:
    """Makes codes with the key of their year and signs their tokens (a `Mint`)."""

    def __init__(self, year_key: Callable[[int], YearKey], signer: Signer, base_url: str) -> None:
        if not signer.deterministic:
            raise ValueError(
                f"the signer {signer.key_id} ({signer.scheme}) gives another signature each time: "
                "a decision could not be repeated byte for byte. Use a deterministic one"
            )
        self._year_key = year_key
        self._signer = signer
        self._base_url = base_url
        self._keys: dict[int, YearKey] = {}
        self._newest: ParsedCode | None = None

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        """The inspection code of a task: the same for ever, underivable without the key."""
        key = self._keys.get(year)
        if key is None:
            key = self._keys[year] = self._year_key(year)
        self._newest = derive_code(key, uscc, task_id, shard)
        return self._newest.code

    def qr_text(self, code: str, valid_until: date) -> str:
        """What the QR picture says: an address with an opaque signed token."""
        # Nearly always the code that was made a moment ago: its parts are known, and taking a text
        # apart as if a person had written it takes a quarter of the time of signing it.
        if self._newest is not None and self._newest.code == code:
            token = sign_token(self._signer, self._newest, valid_until)
        else:
            token = make_token(self._signer, code, valid_until)
        return token_url(self._base_url, token)
