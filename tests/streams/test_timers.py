"""What timers append: in portions that decide answers, each record once, whatever dies between."""

from __future__ import annotations

import asyncio

import pytest
from clockwork import TODAY, Clockwork, KilledError
from virtual_time import run_virtual

from schemas.topics import JOURNAL
from streams.rules.portions import AIM_S, ALONE_EVERY, SIZE_FIRST
from streams.schedule import BATCH_MAX
from streams.timers import LOOK_EVERY_S, PATIENCE_S
from streams.windows import PAGE


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_what_decide_has_not_come_to_is_not_asked_for_again(timer):
    one = Clockwork()

    assert one.looks(timer, times=3) == [1, 0, 0]
    assert len(one.kafka.all(JOURNAL)) == 1


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_what_still_stands_there_once_it_was_decided_is_asked_for_again(timer):
    """A draw that came late opens its quarter again; a view may be older than its position."""
    one = Clockwork()

    one.looks(timer)
    one.part.next_offset = 1

    assert one.looks(timer) == [1]


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_a_view_that_is_being_made_anew_is_waited_for(timer):
    one = Clockwork()

    one.looks(timer)
    one.part.next_offset = None

    assert one.looks(timer) == [0]


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_while_decide_stands_still_no_more_than_one_portion_lies_before_it(timer):
    one = Clockwork(due=BATCH_MAX + 1)

    assert one.looks(timer, times=3) == [1, 0, 0]
    # Three looks, and the patience of one: a partition that nobody owns holds up no other for long.
    assert one.kafka.portions == [(0.0, 1)]


def test_all_are_asked_for_once_though_pages_and_portions_end_anywhere():
    one = Clockwork(due=PAGE * 2 + 3)

    one.closes(per_s=1_000)

    assert set(one.asked().values()) == {1}
    assert len(one.asked()) == PAGE * 2 + 3
    assert not one.part.drawn


@pytest.mark.parametrize("per_s", [200, 1_000, 5_000])
def test_a_portion_is_what_decide_answers_in_a_moment_and_decide_rests_between(per_s):
    one = Clockwork(due=1_000)

    took_s = one.closes(per_s)

    sizes = [size for _, size in one.kafka.portions]
    assert max(sizes) <= max(2 * per_s * AIM_S, SIZE_FIRST)
    # Two thirds of the time are for others; and looks, and single records, take a little.
    assert 1_000 / per_s * 2.5 < took_s < 1_000 / per_s * 4 + len(sizes) * 2 * LOOK_EVERY_S


def test_now_and_then_a_record_goes_alone_and_tells_what_an_answer_takes_anyway():
    """Where that is long, portions are no smaller for it: they would only be more."""
    one, other = Clockwork(due=3_000), Clockwork(due=3_000)

    one.closes(per_s=1_000, idle_s=0.3)
    other.closes(per_s=1_000)

    for each in (one, other):
        sizes = [size for _, size in each.kafka.portions]
        assert set(sizes[::ALONE_EVERY]) == {1}
    assert max(size for _, size in one.kafka.portions) >= 200
    assert max(size for _, size in other.kafka.portions) < 100


def test_where_decide_is_behind_portions_do_not_shrink_for_it():
    """What others sent takes half a second each time: smaller portions wait behind it too."""
    one = Clockwork(due=200)

    one.closes(per_s=400, others=200)

    assert not one.part.drawn
    assert max(size for _, size in one.kafka.portions) >= 400 * AIM_S


def test_no_more_are_appended_a_second_than_the_setting_says():
    one = Clockwork(due=500, per_s_max=100.0)

    assert one.closes(per_s=10_000) == pytest.approx(500 / 100.0, rel=0.01)


def test_nothing_is_left_open_when_decide_comes_back_after_a_night():
    one = Clockwork(due=400)

    async def main() -> None:
        assert await one.look("windows") == 1
        async with one.deciding(per_s=500):
            await asyncio.sleep(1.0)
            await one.look("windows")

    run_virtual(main())
    assert not one.part.drawn
    assert set(one.asked().values()) == {1}


@pytest.mark.parametrize("portion", [1, 2, 5])
def test_a_scheduler_that_was_killed_between_leaves_nothing_open(portion):
    """What it appended last may be asked for once more: the fold closes a window once."""
    one = Clockwork(due=200)
    one.kafka.dies_at = portion

    async def main() -> None:
        async with one.deciding(per_s=500):
            with pytest.raises(KilledError):
                await one.look("windows")
            one.start()
            await one.look("windows")

    run_virtual(main())
    assert not one.part.drawn
    assert len(one.asked()) == 200
    twice = sum(times > 1 for times in one.asked().values())
    assert twice <= one.kafka.portions[portion - 1][1]


def test_two_schedulers_at_once_leave_nothing_open_and_ask_at_most_twice():
    one = Clockwork(due=200)

    async def main() -> None:
        async with one.deciding(per_s=500):
            first = one.look("windows")
            one.start()
            await asyncio.gather(first, one.look("windows"))

    run_virtual(main())
    assert not one.part.drawn
    assert set(one.asked().values()) <= {1, 2}


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_a_scheduler_that_is_told_to_stop_does_not_finish_the_quarter_first(timer):
    one = Clockwork(due=BATCH_MAX)

    async def main() -> float:
        async with one.deciding(per_s=100):
            looking = asyncio.create_task(one.look(timer))
            await asyncio.sleep(0.5)
            one.stop.set()
            assert 0 < await looking < BATCH_MAX
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) < PATIENCE_S / 10


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_a_scheduler_that_is_stopping_begins_nothing(timer):
    one = Clockwork()
    one.stop.set()

    assert one.looks(timer) == [0]
    assert not one.kafka.portions


@pytest.mark.parametrize("timer", ["codes", "windows"])
def test_what_no_decision_ends_is_asked_for_ever_more_seldom(timer):
    """A record on which a rule fails changes nothing: not a thousand of them a day."""
    one = Clockwork(due=2)

    assert run_virtual(one.pass_by(timer, 16)) == [2, 2, 0, 2, 0, 0, 0, 2, *[0] * 7, 2]


@pytest.mark.parametrize("changes", [True, False])
def test_codes_that_no_decision_ends_hold_up_no_others_and_none_is_passed_over(changes):
    one = Clockwork()
    one.part.open = {f"A\x1fT-{n:06}": TODAY.toordinal() - 1 for n in range(BATCH_MAX + 1)}

    async def main() -> int:
        async with one.deciding(per_s=10_000, changes=changes):
            return await one.look("codes")

    assert run_virtual(main()) == BATCH_MAX + 1
    assert bool(one.part.open) is not changes
