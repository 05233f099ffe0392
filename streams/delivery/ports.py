"""What does deliver need of its ledger? A protocol; connectors fit it structurally.

A ledger belongs to one site. Only the last to claim it may write the fold's part.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class LedgerPosition(Protocol):
    """What the ledger says of how far it is."""

    @property
    def feed_next(self) -> int | None:
        """The next feed offset to take in; None if the ledger knows nothing."""

    @property
    def receipt_next(self) -> int | None:
        """The next receipt offset to take in; None if the ledger knows nothing."""

    @property
    def head(self) -> bytes:
        """The last record of the receipts' chain that was taken in; empty for none."""

    @property
    def doubt_before(self) -> int:
        """Entries of the feed before this offset may have been sent without our knowing."""

    @property
    def doubt_since_ms(self) -> int:
        """Since when; 0 for never."""


@dataclass(slots=True)
class LedgerBatch:
    """Everything one batch of a topic changes in the ledger, written in one atomic script.

    `placed` says for an entry in which lane it waits and until when; None for in no lane.
    """

    next_offset: int
    head: bytes = b""
    entries: dict[str, bytes] = field(default_factory=dict)
    values: dict[str, bytes] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    placed: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)


class Wait(NamedTuple):
    """An entry that stays in its lane until later, and what was tried (None: as it was)."""

    name: str
    lane: str
    until_ms: int
    attempt: bytes | None = None


class Ledger(Protocol):
    """What is owed to one site, what is proven of it, and what was tried."""

    async def claim(self, fence: str) -> LedgerPosition:
        """Take the ledger over: from now on only `fence` may write to it."""
        ...

    async def check(self, fence: str, topic: str, expect: int | None) -> None:
        """Return if the fence holds and the position in `feed` or `receipt` is `expect`."""
        ...

    async def doubt(self, fence: str, before: int, since_ms: int) -> None:
        """Note that entries of the feed before this offset may have been sent."""
        ...

    async def apply(self, fence: str, topic: str, expect: int | None, batch: LedgerBatch) -> None:
        """Write the batch if the fence holds and the topic's position is `expect`.

        Repeating the same call is harmless. Raises otherwise, and nothing was written.
        """
        ...

    async def wait(self, fence: str, waits: Sequence[Wait]) -> None:
        """Let entries wait longer in the lane where they are; one that left it stays away."""
        ...

    async def entries(self, names: Sequence[str]) -> list[bytes | None]:
        """Encoded entries."""
        ...

    async def values(self, names: Sequence[str]) -> list[bytes | None]:
        """Values of the feed records that the entries want delivered."""
        ...

    async def attempts(self, names: Sequence[str]) -> list[bytes | None]:
        """Encoded attempts."""
        ...

    async def due(self, lanes: Sequence[str], until_ms: int, limit: int) -> list[list[str]]:
        """Names that need not wait any longer, the oldest first, at most `limit` of each lane."""
        ...

    async def next_due(self, lanes: Sequence[str]) -> int | None:
        """When the first entry of these lanes need not wait any longer; None: there is none."""
        ...

    async def shown(self, after: str, limit: int) -> list[str]:
        """A page of the sorted list of what is disclosed, after a member ("" for the first)."""
        ...

    def scan(self) -> AsyncIterator[Sequence[tuple[str, bytes]]]:
        """All entries, in pages, in no order; one that changes meanwhile may come twice."""
        ...

    async def control(self) -> Mapping[str, bytes]:
        """What outlives a rebuild: `pause`, `breaker`, `cursor`, `digest`, `compared`."""
        ...

    async def keep(self, fence: str, field: str, value: bytes) -> None:
        """Write a field of the control part if the fence holds."""
        ...
