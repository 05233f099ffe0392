"""Parts that fail as real ones do: publishers cut short, mints that break or have another key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from builders import Mint
from fakes import FakeKafka

from streams.ports import Outgoing


class Died(Exception):  # noqa: N818 - what happened, as `kill -9` would make it happen
    """The worker is gone."""


def crash_at(point: str, times: int = 1) -> Callable[[str], None]:
    """A hook for `at_point` that dies at the n-th passing of a point."""
    left = times

    def passing(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                raise Died(point)

    return passing


class Torn:
    """A publisher that dies after so many records, as a worker killed in mid-publication."""

    def __init__(self, kafka: FakeKafka, after: int) -> None:
        self._kafka, self._left = kafka, after

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        """Write some of them."""
        for record in records:
            if not self._left:
                raise Died("in the middle of a publication")
            self._left -= 1
            self._kafka.append(record)
        return {}


class Silent:
    """A publisher that must not be asked for anything."""

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        """Refuse."""
        assert not records, f"published again: {records[0]}"
        return {}


class FaultyMint(Mint):
    """A mint in which a rule breaks for one task."""

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        if task_id == "T-FAULT":
            raise ZeroDivisionError
        return super().code(uscc, task_id, year, shard)


class OtherMint(Mint):
    """A mint with another key: whoever decides again with it gives other codes."""

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        return super().code(uscc, f"other {task_id}", year, shard)
