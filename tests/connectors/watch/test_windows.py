"""Positions from look to look: what stands still is passed over, what moved is judged and kept."""

from connectors.watch.positions import Found, Reader
from connectors.watch.windows import Windows
from schemas.access import DECIDE_GROUP, INTAKE_GROUP
from schemas.watch import Stage, Verdict
from streams import watching

EVERY_MS = 15_000
READER = Reader(Stage.INTAKE, "", INTAKE_GROUP)
FEED = Reader(Stage.DELIVER, "GSXT-TJ", "insp-deliver-GSXT-TJ")


def found(committed, end, *, partition=0, reader=READER, alive=True, first=0):
    return Found(reader, "insp.in.A", partition, committed, first, end, alive)


def looked(windows, *some, turn):
    return windows.take(some, {}, turn * EVERY_MS)


def test_what_stands_still_at_the_head_is_passed_over_and_counted():
    windows = Windows(watching, EVERY_MS)

    first = looked(windows, found(5, 5), found(7, 7, partition=1), turn=1)
    second = looked(windows, found(5, 5), found(9, 9, partition=1), turn=2)

    assert [one.partition for one in first] == [0, 1]
    assert [one.partition for one in second] == [1]
    tally = windows.tallies[Stage.INTAKE]
    assert (tally.partitions, tally.done, tally.attended) == (2, 14, True)


def test_what_was_passed_over_for_hours_is_judged_like_anything_else():
    windows = Windows(watching, EVERY_MS)
    for turn in range(1, 500):
        looked(windows, found(5, 5), turn=turn)

    verdicts = [
        looked(windows, found(5, 5 + turn), turn=500 + turn)[0].verdict for turn in (1, 2, 3)
    ]

    assert verdicts == [Verdict.OK, Verdict.OK, Verdict.STALL]


def test_a_reader_that_is_gone_is_no_standing_still():
    windows = Windows(watching, EVERY_MS)
    looked(windows, found(5, 5), turn=1)

    assert looked(windows, found(5, 5, alive=False), turn=2)
    assert not looked(windows, found(5, 5, alive=False), turn=3)
    assert windows.tallies[Stage.INTAKE].unattended_looks == 2
    looked(windows, found(5, 5), turn=4)
    assert windows.tallies[Stage.INTAKE].unattended_looks == 0


def test_of_feeds_everything_is_said_and_two_looks_tell_that_nobody_delivers():
    windows = Windows(watching, EVERY_MS)
    told = []
    for turn in (1, 2):
        assert looked(windows, found(5, 5, reader=FEED, alive=False), turn=turn)
        told.append(windows.unattended(FEED.group, ("insp.in.A", 0)))

    assert told == [False, True]


def test_only_what_changed_is_kept_and_comes_back():
    windows = Windows(watching, EVERY_MS)
    looked(windows, found(5, 5), found(1, 4, partition=1), turn=1)
    kept, gone = windows.to_keep()
    assert (set(kept), gone) == (
        {f"{INTAKE_GROUP} insp.in.A 0", f"{INTAKE_GROUP} insp.in.A 1"},
        set(),
    )
    looked(windows, found(5, 5), found(1, 4, partition=1), turn=2)
    assert set(windows.to_keep()[0]) == {f"{INTAKE_GROUP} insp.in.A 1"}

    again = Windows(watching, EVERY_MS)
    again.load({name.encode(): value for name, value in kept.items()})
    looked(again, found(1, 4, partition=1), turn=2)
    (view,) = looked(again, found(1, 4, partition=1), turn=3)

    assert view.verdict is Verdict.STALL
    assert again.to_keep()[1] == {f"{INTAKE_GROUP} insp.in.A 0"}, "its topic is gone"


def test_what_was_never_committed_counts_from_the_oldest_record():
    windows = Windows(watching, EVERY_MS)
    decide = Reader(Stage.DECIDE, "", DECIDE_GROUP)

    (view,) = looked(windows, found(None, 12, first=4, reader=decide), turn=1)

    assert (view.committed, view.lag) == (None, 8)


def test_what_was_deleted_before_the_group_came_to_it_is_lost_and_no_lag():
    windows = Windows(watching, EVERY_MS)
    one, feed = found(5, 20, first=12), found(5, 20, first=12, reader=FEED)

    view, of_feed = looked(windows, one, feed, turn=1)

    assert (view.lag, view.lost) == (8, 7)
    assert (of_feed.lag, of_feed.lost) == (8, 0), "a feed is compacted: what is gone was replaced"
