"""When is deciding not taken up? When view and logs contradict each other."""

from __future__ import annotations

import pytest
from decide_oracle import wrong_with
from decide_world import World
from odd_parts import Silent

from schemas.topics import DECIDED, JOURNAL
from streams.lanes import Partition
from streams.ports import Fenced
from streams.recovery import RefusedStartError

TP = Partition(JOURNAL, 0)
EVENTS = 60


async def test_a_position_beyond_the_journals_end_is_refused(world: World):
    await world.work()
    world.kafka.logs[JOURNAL, 0].clear()

    with pytest.raises(RefusedStartError, match="ends at 0, but records up to 60 were decided"):
        await world.open()


async def test_facts_of_a_journal_recreated_with_an_empty_view_are_refused(world: World):
    await world.work()
    world.kafka.logs[JOURNAL, 0].clear()
    world.view.parts.clear()

    with pytest.raises(RefusedStartError, match="recreated"):
        await world.open()


async def test_commits_beyond_the_facts_are_refused(world: World):
    await world.work()
    del world.kafka.logs[DECIDED, 0][50:]
    world.view.parts.clear()

    with pytest.raises(RefusedStartError, match=r"up to 60 are committed .* end at 50"):
        await world.open()


async def test_a_lost_tail_of_the_facts_is_refused_even_if_the_view_has_it(world: World):
    await world.work()
    del world.kafka.logs[DECIDED, 0][50:]

    with pytest.raises(RefusedStartError, match="ends at 50, but the view has facts up to 55"):
        await world.open()


async def test_a_journal_cut_behind_what_is_decided_is_no_fault(world: World):
    await world.work(until=40)
    world.kafka.cut_head(JOURNAL, 0, 40)

    _, at = await world.open(publisher=Silent())

    assert at == 40


async def test_a_journal_cut_before_it_was_decided_is_refused(world: World):
    await world.work(until=40)
    world.kafka.cut_head(JOURNAL, 0, 41)

    with pytest.raises(RefusedStartError, match="begins at 41, but deciding stopped at 40"):
        await world.open()


async def test_a_hole_in_the_facts_is_refused(world: World):
    await world.work()
    del world.kafka.logs[DECIDED, 0][33]
    world.view.parts.clear()

    with pytest.raises(RefusedStartError, match=r"lacks the answer to insp\.journal offset 33"):
        await world.open()


async def test_a_hole_that_the_journal_has_too_is_none(world: World):
    await world.work()
    for topic in (DECIDED, JOURNAL):
        del world.kafka.logs[topic, 0][33]
    world.view.parts.clear()

    _, at = await world.open(publisher=Silent())

    assert at == EVENTS


async def test_facts_cut_at_their_head_are_refused_when_the_view_is_empty(world: World):
    await world.work()
    world.kafka.cut_head(DECIDED, 0, 10)
    world.view.parts.clear()

    with pytest.raises(RefusedStartError, match="begins at 10 and the view is empty"):
        await world.open()


async def test_facts_cut_at_their_head_are_no_fault_when_the_view_has_them(world: World):
    await world.work()
    world.kafka.cut_head(DECIDED, 0, 10)

    _, at = await world.open()

    assert at == EVENTS


async def test_facts_cut_beyond_an_old_view_are_refused(world: World):
    await world.work(until=5)
    copy = world.view.snapshot()
    await world.work()
    world.view.restore(copy)
    world.kafka.cut_head(DECIDED, 0, 10)

    with pytest.raises(RefusedStartError):
        await world.open()


async def test_a_wipe_under_a_running_worker_ends_it_before_it_writes():
    world = World()
    for number in range(25):
        world.submit(f"T-{number}")
    handler = await world.work(until=20)
    world.view.parts.clear()

    with pytest.raises(Fenced):
        await handler.handle(TP, world.kafka.logs[JOURNAL, 0][20:25])
    assert not world.view.parts[0].states
    await world.work()
    assert await wrong_with(world) == []
