"""How far are the statistics? Their position as the role tells it, where the broker says logs end.

The position lies in the file of the figures and not in a consumer group, so that both change in one
transaction. Where a log ends and how old its oldest record is are asked of the broker, as of every
stage.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kafka_admin import Position
from connectors.statistics.told import Counted
from connectors.watch.positions import Found, Reader
from schemas.topics import DECIDED
from schemas.watch import Stage

READER = Reader(Stage.COUNT, "", "insp-statistics")
"""Its group's name is ours: Kafka knows no such group."""
PATIENCE = 2
"""A record waits for as long as it takes until the next count without being late."""


def behind_counting(told: Counted | None, ends: Mapping[Position, int]) -> list[Position]:
    """The partitions in which something waits to be counted."""
    if told is None:
        return []
    return [at for at, end in ends.items() if at[0] == DECIDED and told.next_of.get(at[1], 0) < end]


def counting_found(
    told: Counted | None,
    ends: Mapping[Position, int],
    firsts: Mapping[Position, int],
    now_ms: int,
    seen_ms: int,
) -> list[Found]:
    """The partitions of `insp.decided` as the statistics read them; none if nobody ever told.

    Args:
        told: How far is counted.
        ends: Where logs end.
        firsts: Where those of `behind_counting` begin.
        now_ms: The moment.
        seen_ms: When what was told was told that the last look has seen. Between two counts a
            position stands still however fast counting is, so then there is no look to be had.
    """
    if told is None:
        return []
    alive = told.alive(now_ms)
    return [
        Found(
            READER, topic, number, told.next_of.get(number) or None,
            firsts.get((topic, number), 0), end, alive,
            fresh=not alive or told.at_ms != seen_ms, patience_ms=PATIENCE * told.every_ms,
        )
        for (topic, number), end in sorted(ends.items())
        if topic == DECIDED
    ]  # fmt: skip
