"""The statistics as a stage: how far they are as the role tells it, judged as any other reader."""

from __future__ import annotations

import pytest

from connectors.statistics.told import Counted
from connectors.watch.counting import READER, behind_counting, counting_found
from connectors.watch.windows import Windows
from schemas.topics import DECIDED, JOURNAL
from schemas.watch import Stage, StageView, Verdict
from streams import watching

EVERY_MS = 15_000


class Watched:
    """Looks every 15 seconds at one partition; what is told and where the log ends is given."""

    def __init__(self, every_s: float = 15.0) -> None:
        self.windows, self.turn, self.seen_ms = Windows(watching, EVERY_MS), 0, 0
        self.every_ms = int(1000 * every_s)

    def look(self, position: int, end: int, *, told_ms: int | None = None, age_s: int = 600):
        self.turn += 1
        now = self.turn * EVERY_MS
        told = Counted({0: position}, now if told_ms is None else told_ms, self.every_ms)
        ends = {(DECIDED, 0): end, (JOURNAL, 0): 99}
        found = counting_found(told, ends, {}, now, self.seen_ms)
        self.seen_ms = told.at_ms
        oldest = {((DECIDED, 0), position): now - 1000 * age_s}
        views = self.windows.take(found, oldest, now)
        return views[0].verdict if views else Verdict.OK


def test_its_lag_is_what_lies_behind_its_position():
    told = Counted({0: 7}, 1, 15_000)
    ends = {(DECIDED, 0): 10, (DECIDED, 1): 4, (JOURNAL, 0): 99}

    found = counting_found(told, ends, {}, 1, 0)

    assert [(one.topic, one.partition, one.committed, one.end) for one in found] == [
        (DECIDED, 0, 7, 10), (DECIDED, 1, None, 4),
    ]  # fmt: skip
    assert {(one.reader, one.alive) for one in found} == {(READER, True)}
    assert counting_found(None, ends, {}, 1, 0) == [], "nobody ever counted here"
    assert behind_counting(told, ends) == [(DECIDED, 0), (DECIDED, 1)]
    assert behind_counting(None, ends) == behind_counting(told, {(DECIDED, 0): 7}) == []


def test_what_was_deleted_before_it_was_ever_counted_is_not_waited_for():
    """A file that is made anew begins where the log begins by now."""
    told = Counted({0: 0, 1: 7}, 1, 15_000)
    ends, firsts = {(DECIDED, 0): 500, (DECIDED, 1): 500}, {(DECIDED, 0): 500, (DECIDED, 1): 9}

    anew, gone = counting_found(told, ends, firsts, 1, 0)

    assert (anew.next, anew.lost) == (500, 0)
    assert (gone.next, gone.lost) == (9, 2)


def test_counting_that_keeps_up_is_well():
    watched = Watched()

    assert {watched.look(at, at + 3, age_s=10) for at in range(0, 300, 3)} == {Verdict.OK}


def test_a_position_stands_still_between_two_counts_and_that_is_no_stall():
    """It counts every five minutes; the watch looks twenty times between."""
    watched = Watched(every_s=300)
    found = set()
    for count in range(1, 5):
        told_ms = watched.turn * EVERY_MS + 1
        found |= {
            watched.look(10 * count, 10 * count + n, told_ms=told_ms, age_s=15 * n)
            for n in range(20)
        }

    assert found == {Verdict.OK}


def test_a_role_that_tells_and_never_gets_on_is_stalled_at_the_third_count():
    watched = Watched()

    assert [watched.look(5, 9) for _ in range(3)] == [Verdict.OK, Verdict.OK, Verdict.STALL]


def test_a_role_that_loses_ground_falls_behind():
    watched = Watched()

    assert [watched.look(n, 20 * n) for n in range(1, 4)][-1] is Verdict.WARN


def test_a_role_that_is_gone_has_stopped_though_it_tells_nothing_any_more():
    watched = Watched()
    watched.look(5, 9, told_ms=1)
    found = [watched.look(5, 9, told_ms=1) for _ in range(5)]

    assert found[:3] == [Verdict.OK] * 3, "it may still be counting"
    assert found[-1] is Verdict.STOP


def test_figures_that_are_made_anew_are_rewound_until_they_are_level():
    watched = Watched()
    watched.look(900, 900)

    assert watched.look(40, 900) is Verdict.REWIND
    assert watched.look(880, 900) is Verdict.REWIND
    assert watched.look(900, 900) is Verdict.OK


@pytest.mark.parametrize("verdict", list(Verdict))
def test_in_the_whole_it_never_weighs_more_than_a_warning(verdict: Verdict):
    of_counting = StageView(stage=Stage.COUNT, verdict=verdict)
    of_decide = StageView(stage=Stage.DECIDE, verdict=verdict)

    assert of_decide.weighs is verdict
    mild = verdict in (Verdict.OK, Verdict.SILENT, Verdict.WARN, Verdict.AT_RISK)
    mild |= verdict is Verdict.PAUSED_BY_OPERATOR
    assert of_counting.weighs is (verdict if mild else Verdict.WARN)
