"""Whether a reader keeps up is told from how its position moves; Burrow's cases are among ours."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.oversight import Forecast
from schemas.watch import Verdict
from schemas.watch_input import Look
from streams.rules.lag import (
    KEPT,
    Commit,
    always_behind,
    burrow,
    has_stopped,
    is_stalled,
    judge,
    judge_delivery,
    judge_flow,
    judge_proof,
    never_gained,
    was_at_head,
    was_rewound,
)

EVERY_MS = 15_000
CASES = json.loads((Path(__file__).parents[1] / "data" / "burrow.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_burrows_own_cases_are_judged_as_burrow_judges_them(case):
    commits = [Commit(*one) for one in case["commits"]]
    ends, now_ms = case["ends"], case["now_s"] * 1000

    found = {
        "always_behind": always_behind(commits),
        "rewound": was_rewound(commits),
        "stopped": has_stopped(commits, now_ms),
        "stalled": is_stalled(commits),
        "never_gained": never_gained(commits),
        "at_head": was_at_head(commits, ends),
    }

    assert {name for name, holds in found.items() if holds} == set(case["holds"])
    assert burrow(commits, ends, case["lag"], now_ms) is Verdict(case["verdict"])


def looks(*found, alive=True, every_ms=EVERY_MS, oldest_ms=1):
    """Looks one interval apart: pairs of the group's position and the end of the log."""
    return [
        Look(number * every_ms, offset, end, alive, oldest_ms)
        for number, (offset, end) in enumerate(found, 1)
    ]


def judged(seen):
    return judge(seen, seen[-1].at_ms, EVERY_MS)


# What happens to a reader, look by look, and what is said of it then.
STORIES = {
    "nothing was ever looked at": ([], "NO_DATA"),
    "at the head": ([(10, 10)] * 4, "OK"),
    "one record just came": ([(10, 10), (10, 10), (10, 11)], "OK"),
    "it is taken by the next look": ([(10, 10), (10, 11), (11, 11)], "OK"),
    "it does not move for one look": ([(10, 10), (10, 11), (10, 12)], "OK"),
    "it does not move for two": ([(10, 10), (10, 11), (10, 12), (10, 12)], "STALL"),
    "it moves, and ever more waits": ([(10, 10), (11, 30), (12, 50), (13, 70)], "WARN"),
    "it moves, and less waits": ([(10, 10), (11, 30), (25, 40), (40, 50)], "OK"),
    "it catches up after a while": ([(10, 90), (10, 90), (90, 90)], "OK"),
    "it was set back": ([(10, 10), (10, 10), (2, 10)], "REWIND"),
    "it was set back and reads on": ([(10, 10), (2, 10), (4, 10), (8, 10)], "REWIND"),
    "it has read again what it read": ([(10, 10), (2, 10), (10, 10), (10, 11)], "OK"),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_reader_that_is_there(name):
    found, verdict = STORIES[name]

    assert (judged(looks(*found)) if found else judge([], 0, EVERY_MS)) is Verdict(verdict)


def test_a_reader_that_is_gone_has_stopped_at_the_second_look_at_what_waits():
    was = looks((10, 10), (10, 10))
    gone = [Look(45_000, 10, 11, alive=False), Look(60_000, 10, 12, alive=False)]

    assert judged(was + gone[:1]) is Verdict.OK
    assert judged(was + gone) is Verdict.STOP


def test_nobody_reads_where_nothing_waits():
    assert judged(looks((10, 10), (10, 10), alive=False)) is Verdict.OK


def test_where_the_broker_cannot_tell_who_reads_silence_counts_within_three_intervals():
    was = looks((8, 8), (9, 9), (10, 10), alive=None)
    then = looks(*[(10, 12)] * 6, alive=None)[3:]

    assert judged(was + then[:2]) is Verdict.OK
    assert judged(was + then[:3]) is Verdict.STOP


def test_a_topic_that_was_just_made_is_not_judged_by_its_first_looks():
    new = looks((0, 5), (0, 7), (0, 9), alive=None)

    assert [judged(new[:count]) for count in (1, 2, 3)] == [Verdict.OK, Verdict.OK, Verdict.STOP]


def test_steady_traffic_is_no_slowness():
    """In the moment of a look something is always under way."""
    now = 45_000
    busy = [Look(at, at, at + 250, True, now - 400) for at in (15_000, 30_000, now)]

    assert judge(busy, now, EVERY_MS) is Verdict.OK
    slow = [*busy[:-1], Look(now, now, now + 250, True, now - EVERY_MS)]
    assert judge(slow, now, EVERY_MS) is Verdict.WARN


@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=60),
)
def test_a_stream_of_a_few_events_a_day_never_gives_an_alarm(arrivals):
    """Whatever the moment of a look, as long as what came is taken before the next but one."""
    offset = end = 0
    seen: list[Look] = []
    for number, (came, taken_at_once) in enumerate(arrivals, 1):
        offset = end  # what lay there at the last look is taken by now
        end += came % 3
        offset = end if taken_at_once else offset
        seen = [*seen, Look(number * EVERY_MS, offset, end, True, number * EVERY_MS - 100)][-KEPT:]

        assert judged(seen) is Verdict.OK


def told(owed=0, overdue=0, miss=0, rate=1.0, need=0.1):
    return Forecast(
        owed=owed, overdue=overdue, rate_per_s=rate, required_per_s=need, will_miss=miss,
        latest_ms=None,
    )  # fmt: skip


SOUND = {
    "feed": Verdict.OK,
    "known": True,
    "attended": True,
    "waiting": 3,
    "paused": False,
    "held": False,
    "forecast": told(owed=3),
    "rate": 1.0,
    "last_day": False,
}
DELIVERIES = {
    "all is well": ({}, "OK"),
    "no ledger": ({"known": False}, "NO_DATA"),
    "nobody delivers": ({"attended": False}, "STOP"),
    "nobody delivers, nothing waits": ({"attended": False, "waiting": 0}, "WARN"),
    "the feed is not read on": ({"feed": Verdict.STALL}, "STALL"),
    "parked": ({"paused": True}, "PAUSED_BY_OPERATOR"),
    "its breaker is open": ({"held": True}, "PAUSED_BY_BREAKER"),
    "parked, breaker open": ({"paused": True, "held": True}, "PAUSED_BY_OPERATOR"),
    "a stop is overdue": ({"forecast": told(owed=3, overdue=1)}, "DOOMED"),
    "some will be missed": ({"forecast": told(owed=3, miss=1, need=2.0)}, "DOOMED"),
    "some will be missed, and it is parked": (
        {"forecast": told(owed=3, miss=1, need=2.0), "paused": True},
        "DOOMED",
    ),
    "little headroom": ({"forecast": told(owed=3, need=0.7)}, "AT_RISK"),
    "nothing is known of its speed": (
        {"forecast": told(owed=3, miss=3, rate=0.0), "rate": None},
        "OK",
    ),
    "nothing is known of its speed, on the last day": (
        {"forecast": told(owed=3, miss=3, rate=0.0), "rate": None, "last_day": True},
        "AT_RISK",
    ),
}


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_delivery(name):
    changed, verdict = DELIVERIES[name]

    assert judge_delivery(**{**SOUND, **changed}) is Verdict(verdict)


def test_a_stage_is_as_bad_as_its_worst_partition_and_warns_when_nobody_reads_it():
    assert judge_flow([], 0) is Verdict.OK
    assert judge_flow([Verdict.OK, Verdict.STALL], 0) is Verdict.STALL
    assert [judge_flow([Verdict.OK], looks) for looks in (1, 2)] == [Verdict.OK, Verdict.WARN]
    assert judge_flow([Verdict.STOP], 9) is Verdict.STOP


@pytest.mark.parametrize(
    ("known", "oldest_ms", "overdue", "verdict"),
    [
        (True, 0, 0, "OK"),
        (True, 7_000_000, 0, "OK"),
        (True, 1_000_000, 0, "WARN"),
        (True, 7_000_000, 1, "AT_RISK"),
        (False, 0, 0, "NO_DATA"),
    ],
)
def test_a_proof(known, oldest_ms, overdue, verdict):
    found = judge_proof(known=known, oldest_ms=oldest_ms, overdue=overdue, now_ms=8_000_000)

    assert found is Verdict(verdict)
