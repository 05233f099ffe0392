"""A publicity system in memory. It keeps the promises of the real connectors: same contract."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.delivery import (
    Accepted,
    Delivery,
    Observed,
    Refused,
    SiteReceipt,
    Standing,
    Unavailable,
)
from schemas.feed import DisclosureState
from schemas.sites import CREDIT_TIANJIN


class FakeSystem:
    """What arrives takes effect at once; the highest version wins."""

    site = CREDIT_TIANJIN.code
    pushes = True
    batch_max = 10
    key_memory_s = 60.0

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Delivery] = {}
        self.receipts: list[SiteReceipt] = []
        self._out = False
        self._bodies: dict[str, str] = {}

    def fault(self, *, mode: str, **_: object) -> None:
        """Only `out` and `clear`."""
        self._out = mode == "out"

    async def send(
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[Accepted | Refused | Unavailable]:
        """Take each, once a key."""
        return [self._take(one) for one in deliveries]

    async def ask(self, deliveries: Sequence[Delivery]) -> Sequence[Standing | Unavailable | None]:
        """What is held."""
        if self._out:
            return [Unavailable("out")] * len(deliveries)
        return [self._standing(one) for one in deliveries]

    async def poll_receipts(self, cursor: str) -> tuple[Sequence[SiteReceipt], str] | Unavailable:
        """Receipts by their place."""
        if self._out:
            return Unavailable("out")
        return self.receipts[int(cursor or 0) :], str(len(self.receipts))

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Observed | Unavailable]:
        """What is shown."""
        if self._out:
            return [Unavailable("out")] * len(deliveries)
        held = [self.held.get((one.uscc, one.result_id)) for one in deliveries]
        shown = [one if one and one.state is DisclosureState.DISCLOSED else None for one in held]
        return [Observed(one is not None, one.version if one else None) for one in shown]

    async def close(self) -> None:
        """It answers no longer."""
        self._out = True

    def _take(self, one: Delivery) -> Accepted | Refused | Unavailable:
        if self._out:
            return Unavailable("out")
        if self._bodies.setdefault(one.key, one.body_sha256) != one.body_sha256:
            return Refused("409", ("another body",))
        name = (one.uscc, one.result_id)
        if name not in self.held or self.held[name].version < one.version:
            self.held[name] = one
        if all(told.key != one.key for told in self.receipts):
            receipt = SiteReceipt(
                one.key, one.uscc, one.result_id, one.version, True, (), one.key[:8],
                one.body_sha256,
            )  # fmt: skip
            self.receipts.append(receipt)
        return Accepted("202", one.key[:8])

    def _standing(self, one: Delivery) -> Standing | None:
        held = self.held.get((one.uscc, one.result_id))
        return Standing(held.version, held.state, held.key[:8]) if held else None
