"""Do a site and the hub agree on what is disclosed? A count and two hashes of a sorted stream.

Source: docs/delivery.md (`digest:<partition>`); art. 13 (a missed stop must be found).
"""

from __future__ import annotations

import hashlib

from schemas.feed import Digest, feed_key


class DigestSum:
    """Adds up what is disclosed, one result after another; holds none of them.

    >>> total = DigestSum()
    >>> total.add("R-1", 1, "91120116MA05ABCD0C")
    >>> total.digest("A", 9).count
    1
    """

    def __init__(self) -> None:
        self._by_id = hashlib.sha256()
        self._by_key = hashlib.sha256()
        self._count = 0
        self._last = ("", "", "")

    def add(self, result_id: str, version: int, uscc: str) -> None:
        """Take one disclosed result in.

        Raises:
            ValueError: it comes out of order; the hash would mean nothing.
        """
        place = (result_id, str(version), uscc)
        if place < self._last:
            raise ValueError(f"result {result_id!r} after {self._last[0]!r}: not sorted")
        self._last = place
        self._by_id.update(f"{result_id} {version}\n".encode())
        self._by_key.update(f"{feed_key(uscc, result_id)} {version}\n".encode())
        self._count += 1

    def digest(self, site: str, as_of: int) -> Digest:
        """The digest of everything taken in, for the feed up to the offset `as_of`."""
        return Digest(
            site=site,
            count=self._count,
            sha256=self._by_id.hexdigest(),
            keyed_sha256=self._by_key.hexdigest(),
            as_of=as_of,
        )
