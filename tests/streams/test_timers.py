"""While decide is away the scheduler appends what is due once, and not at every look."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from builders import a_document
from fakes import FakeKafka, FakeView
from running_hub import OpenOnes

from schemas.messages import POLICY_PUBLISHED
from schemas.topics import JOURNAL
from streams.registry import Registry
from streams.schedule import Scheduler
from streams.windows import WindowKeeper

TODAY = date(2026, 4, 9)
PARTITIONS = 1


class Clockwork:
    """Both timers over a view in which something is due, and a decide that is away."""

    def __init__(self) -> None:
        self.view, self.kafka, registry = FakeView(), FakeKafka(PARTITIONS), Registry()
        registry.put(POLICY_PUBLISHED, a_document())
        self.part = self.view.parts[0]
        self.part.next_offset = 0
        self.part.drawn.add("2026Q2\x1fA")
        self.part.open["A\x1fT-1"] = TODAY.toordinal() - 1
        self._scheduler = Scheduler(
            codes=OpenOnes(self.view), publisher=self.kafka, partitions=PARTITIONS,
            policy_version=lambda: registry.policy_version,
        )  # fmt: skip
        self._keeper = WindowKeeper(
            self.view, self.kafka, PARTITIONS, registry, lambda _: asyncio.sleep(0)
        )

    def look(self, timer: str) -> int:
        """Let one timer look; how much it appended."""
        act = self._scheduler.expire if timer == "codes" else self._keeper.close
        return asyncio.run(act(TODAY))


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_what_decide_has_not_come_to_is_not_asked_for_again(timer):
    one = Clockwork()

    assert [one.look(timer) for _ in range(3)] == [1, 0, 0]
    assert len(one.kafka.all(JOURNAL)) == 1


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_what_still_stands_there_once_it_was_decided_is_asked_for_again(timer):
    """A draw that came late opens its quarter again; a view may be older than its position."""
    one = Clockwork()

    one.look(timer)
    one.part.next_offset = 1

    assert one.look(timer) == 1


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_a_view_that_is_being_made_anew_is_waited_for(timer):
    one = Clockwork()

    one.look(timer)
    one.part.next_offset = None

    assert one.look(timer) == 0
