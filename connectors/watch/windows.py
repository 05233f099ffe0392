"""How did every position move from look to look? Windows of looks, and what is said of each.

Most partitions of a city stand still at the head at any look. For these nothing is made, judged or
kept again: what the last look found still holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.kafka_admin import Position
from connectors.watch.ages import Place
from connectors.watch.memory import is_news, pack_window, unpack_windows, window_name
from connectors.watch.ports import WatchRules
from connectors.watch.positions import Found
from schemas.watch import PartitionView, Stage
from schemas.watch_input import Look

LOOKS_KEPT = 10


@dataclass(slots=True)
class Tally:
    """All partitions of a stage together.

    Attributes:
        done: records that its group has passed.
        attended: some process reads one of them, or nobody can say.
        unattended_looks: for how many looks that has not been so.
    """

    partitions: int = 0
    done: int = 0
    attended: bool = False
    unattended_looks: int = 0


class Windows:
    """The windows of all partitions that are watched."""

    def __init__(self, rules: WatchRules, every_ms: int) -> None:
        self._rules, self._every_ms = rules, every_ms
        self._looks: dict[tuple[str, Position], list[Look]] = {}
        self._news: dict[str, bytes] = {}
        self._gone: set[str] = set()
        self.tallies: dict[Stage, Tally] = {}

    def load(self, kept: Mapping[bytes, bytes]) -> None:
        """Take over what was kept by a watch before us."""
        for name, looks in unpack_windows(kept).items():
            group, topic, number = name.split(" ")
            self._looks[group, (topic, int(number))] = looks

    def take(
        self, found: Sequence[Found], oldest: Mapping[Place, int], now_ms: int
    ) -> list[PartitionView]:
        """Add a look at everything; what is said of partitions that do not stand still at the head.

        Of feeds everything is said: there are few, and their deliveries wait elsewhere.
        """
        were, self.tallies = self.tallies, {stage: Tally() for stage in Stage}
        before, self._looks = self._looks, {}
        views = []
        for one in found:
            key = one.reader.group, (one.topic, one.partition)
            offset = one.next
            self._count(one, offset)
            looks = before.get(key, [])
            if looks and not one.reader.site and _stands_still(one, offset, looks[-1]):
                self._looks[key] = looks
                continue
            if looks and not one.fresh:
                self._looks[key] = looks
                views.append(self._view(one, looks, now_ms))
                continue
            look = Look(now_ms, offset, one.end, one.alive, oldest.get((key[1], offset), 0))
            looks = self._looks[key] = [*looks, look][-LOOKS_KEPT:]
            if is_news(looks):
                self._news[window_name(*key)] = pack_window(looks)
            views.append(self._view(one, looks, now_ms))
        for stage, tally in self.tallies.items():
            if tally.partitions and not tally.attended:
                tally.unattended_looks = 1 + were.get(stage, Tally()).unattended_looks
        self._gone |= {window_name(*key) for key in before.keys() - self._looks.keys()}
        return views

    def unattended(self, group: str, at: Position) -> bool:
        """Whether nobody reads the partition, for two looks now."""
        return self._rules.unattended(self._looks[group, at])

    def to_keep(self) -> tuple[dict[str, bytes], set[str]]:
        """What has changed since this was last asked: windows, and names of those that are gone."""
        news, gone = self._news, self._gone
        self._news, self._gone = {}, set()
        return news, gone

    def _count(self, one: Found, offset: int) -> None:
        tally = self.tallies[one.reader.stage]
        tally.partitions += 1
        tally.done += min(offset, one.end)
        tally.attended |= one.alive is not False

    def _view(self, one: Found, looks: Sequence[Look], now_ms: int) -> PartitionView:
        look = looks[-1]
        return PartitionView(
            stage=one.reader.stage, site=one.reader.site, group=one.reader.group, topic=one.topic,
            partition=one.partition, committed=one.committed, end=one.end, lag=look.lag,
            oldest_ms=look.oldest_ms, members=one.alive, lost=0 if one.reader.site else one.lost,
            verdict=self._rules.judge(looks, now_ms, max(self._every_ms, one.patience_ms)),
        )  # fmt: skip


def _stands_still(one: Found, offset: int, last: Look) -> bool:
    """It is at the head, where it was at the last look."""
    return one.end <= offset == last.offset and last.end <= offset and one.alive == last.alive
