"""Who read which personal field? One line a read, with nothing in it that names anybody."""

from __future__ import annotations

from hashlib import blake2s

import structlog

from connectors.departments.gateway.counts import Counts

log = structlog.get_logger()


class PersonalReads:
    """Records reads of personal fields. Ids are hashed with a key: the log cannot be looked up."""

    def __init__(self, key: bytes, counts: Counts) -> None:
        self._key = key
        self._counts = counts

    def record(self, *, field: str, reader: str, about: str, count: int) -> None:
        """Write down that a field of so many people was shown.

        Args:
            field: which field, such as `officer.name`.
            reader: who was shown it: a department's code, or an enterprise's credit code.
            about: the task it stands with.
            count: of how many people.
        """
        if not count:
            return
        self._counts.add("personal_reads", field, count)
        log.info(
            "personal field read",
            field=field, reader=self.hashed(reader), about=self.hashed(about), count=count,
        )  # fmt: skip

    def hashed(self, text: str) -> str:
        """A stable stand-in for an id."""
        return blake2s(text.encode(), key=self._key, digest_size=8).hexdigest()
