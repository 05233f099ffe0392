"""Where does deciding go on after an assignment? The table of streams/recovery.py, row by row."""

from collections import Counter
from collections.abc import Sequence

import pytest
from decide_oracle import source_offset, wrong_with
from decide_world import World
from fakes import FakeView
from journal_events import ENTERPRISES
from odd_parts import Died, OtherMint, Silent, Torn, crash_at

from schemas import messages
from schemas.topics import DECIDED, JOURNAL, dlq_topic
from streams.changes import unpack
from streams.lanes import Partition
from streams.ports import Fenced, Outgoing
from streams.recovery import Recovery

EVENTS = 60
TP = Partition(JOURNAL, 0)


async def level(world: World) -> None:
    """Bring the world to its end and check all promises."""
    await world.work()
    assert await wrong_with(world) == []
    twin = world.twin()
    await twin.work()
    assert world.view.content() == twin.view.content(), "an uninterrupted run ends otherwise"


def once(world: World) -> bool:
    """Whether every answer stands in `insp.decided` just once."""
    offsets = Counter(source_offset(record.value) for record in world.decided())
    return set(offsets.values()) == {1} and len(offsets) == len(world.kafka.logs[JOURNAL, 0])


async def test_a_new_installation_begins_with_the_first_record(world: World):
    _, at = await world.open(publisher=Silent())

    assert at == 0
    await level(world)
    assert once(world)


async def test_an_empty_journal_is_no_fault():
    _, at = await World().open(publisher=Silent())

    assert at == 0


@pytest.mark.parametrize("done", [1, 7, 8, 30, EVENTS])
async def test_a_wiped_view_is_made_again_from_the_facts(world: World, done: int):
    await world.work(until=done)
    world.view.parts.clear()

    _, at = await world.open(publisher=Silent(), mint=OtherMint())

    assert at == done
    await level(world)
    assert once(world)


@pytest.mark.parametrize("old", [5, 25, 55])
async def test_a_view_rolled_back_is_brought_forward_again(world: World, old: int):
    await world.work(until=old)
    copy = world.view.snapshot()
    await world.work()
    world.view.restore(copy)

    _, at = await world.open(publisher=Silent(), mint=OtherMint())

    assert at == EVENTS
    assert once(world)
    await level(world)


async def test_an_old_copy_comes_back_while_the_worker_goes_on(world: World):
    handler = await world.work(until=20)
    copy = world.view.snapshot()
    for first in (20, 25):
        await handler.handle(TP, world.kafka.logs[JOURNAL, 0][first : first + 5])
    world.view.restore(copy)

    with pytest.raises(Fenced):
        await handler.handle(TP, world.kafka.logs[JOURNAL, 0][30:35])
    await level(world)


async def test_an_old_copy_that_gives_a_frozen_worker_its_fence_back_does_no_harm(world: World):
    frozen = await world.work(until=20)
    copy = world.view.snapshot()
    await world.work(until=40)
    world.view.restore(copy)

    with pytest.raises(Fenced, match="decided up to 39 by another worker"):
        await frozen.handle(TP, world.kafka.logs[JOURNAL, 0][20:25])
    await level(world)


async def test_what_a_frozen_worker_publishes_late_is_passed_over(world: World):
    class Late:
        held: Sequence[Outgoing] = ()

        async def publish(self, records):
            self.held = records
            raise Died("frozen, to go on later")

    late = Late()
    with pytest.raises(Died):
        await world.work(until=20, publisher=late)
    handler, at = await world.open()
    await world.kafka.publish(late.held)
    for first in range(at, 40, 5):
        await handler.handle(TP, world.kafka.logs[JOURNAL, 0][first : first + 5])
    world.committed[0] = 40

    _, at = await world.open(publisher=Silent(), mint=OtherMint())

    assert at == 40
    await level(world)


async def test_died_before_the_script_decides_to_the_same_bytes(world: World):
    with pytest.raises(Died):
        await world.work(at_point=crash_at("before script", 3))

    await level(world)
    assert once(world)


async def test_died_after_the_script_publishes_the_outbox_byte_for_byte(world: World):
    with pytest.raises(Died):
        await world.work(at_point=crash_at("before publish", 3))
    outbox = unpack(world.view.parts[0].outbox)
    published = len(world.decided())
    assert outbox

    _, at = await world.open(mint=OtherMint())

    fresh = world.decided()[published:]
    assert [r.value for r in fresh] == [o.value for o in outbox if o.topic == DECIDED]
    assert at == 15
    await level(world)


async def test_died_after_the_publication_publishes_again_and_changes_nothing(world: World):
    with pytest.raises(Died):
        await world.work(at_point=crash_at("after publish", 3))

    await level(world)
    assert not once(world), "nothing was published again: the row is not what it says"


@pytest.mark.parametrize("published", range(9))
async def test_died_in_the_middle_of_a_publication(world: World, published: int):
    await world.work(until=20)
    with pytest.raises(Died):
        await world.work(until=25, publisher=Torn(world.kafka, published))

    await level(world)


@pytest.mark.parametrize("published", range(9))
async def test_the_view_is_wiped_beside_a_publication_cut_short(world: World, published: int):
    await world.work(until=20)
    with pytest.raises(Died):
        await world.work(until=25, publisher=Torn(world.kafka, published))
    world.view.parts.clear()

    _, at = await world.open()

    assert at == 20 + min(published, 5)
    await level(world)


async def test_a_broken_rules_dead_letter_is_not_lost_with_the_view(world: World):
    fault = EVENTS - 2
    await world.work(until=fault)
    with pytest.raises(Died):
        await world.work(until=EVENTS, publisher=Torn(world.kafka, 2))
    assert not world.kafka.all(dlq_topic("decide"))
    world.view.parts.clear()

    await level(world)

    (letter,) = world.kafka.all(dlq_topic("decide"))
    assert letter.value == world.kafka.logs[JOURNAL, 0][fault].value
    assert dict(letter.headers)["kafka_dlt-original-offset"] == str(fault).encode()


@pytest.mark.parametrize("passings", [1, 2, 3])
async def test_died_in_recovery_goes_on_from_there(world: World, passings: int):
    await world.work()
    world.view.parts.clear()
    for _ in range(passings):
        with pytest.raises(Died):
            await world.open(at_point=crash_at("in recovery", 2))

    _, at = await world.open(publisher=Silent(), mint=OtherMint())

    assert at == EVENTS
    await level(world)


async def test_another_worker_takes_over_in_the_middle_of_a_recovery(world: World):
    await world.work()
    world.view.parts.clear()
    thief = Recovery(world.view, world.kafka, world.kafka)

    class Slow(type(world.view)):  # type: ignore[misc]  # the fake, with a thief in the middle
        async def apply(self, partition, fence, expect, batch):
            if expect == 14:
                await thief.open(0, "thief", EVENTS)
            await world.view.apply(partition, fence, expect, batch)

    slow = Slow()
    slow.parts = world.view.parts
    with pytest.raises(Fenced):
        await world.open(view=slow)
    await level(world)


async def test_nobody_is_told_what_was_read_of_a_view_that_had_moved_on():
    """Found by the simulation: told what came of record 3 as the answer to record 2."""
    world, entry = World(), {"task_id": "T-1", "how": "SCANNED", "at": "2026-03-16T10:00:00+08:00"}
    world.submit("T-1")
    world.write(messages.ENTRY_RECORDED, entry, uscc=ENTERPRISES[0])
    await world.work()
    copy = world.view.snapshot()
    world.write(messages.ENTRY_RECORDED, entry, uscc=ENTERPRISES[0])
    await world.work()
    result = {"task_id": "T-1", "result_id": "R-1", "inspected_on": "2026-03-16"}
    flags = {"outcomes": ["1"], "found_problem": False, "negative": False, "publish": True}
    world.write(messages.RESULT_RECORDED, {**result, **flags}, uscc=ENTERPRISES[0])
    world.view.restore(copy)
    world.committed[0] = 0

    class Moving(FakeView):
        async def states(self, partition, keys):
            await world.work()
            return await super().states(partition, keys)

    moving = Moving()
    moving.parts = world.view.parts
    with pytest.raises(Fenced):
        await world.open(view=moving)
    assert await wrong_with(world) == []


async def test_the_past_is_not_judged_by_a_later_policy(world: World):
    await world.work(until=40)
    before = [record.value for record in world.decided()]
    world.registry.policies.clear()
    world.view.parts.clear()

    _, at = await world.open(publisher=Silent())

    assert at == 40
    assert [record.value for record in world.decided()] == before


async def test_rebuild_never_decides_and_is_told_how_far_it_is():
    world = World(partitions=3)
    world.write_year(120)
    await world.work_all()
    before, facts = world.view.content(), len(world.kafka.all(DECIDED))
    seen: list[tuple[int, int]] = []
    recovery = Recovery(world.view, world.kafka, Silent())

    applied = await recovery.rebuild(
        world.committed, lambda done, total: seen.append((done, total))
    )

    assert world.view.content() == before
    assert applied == facts == seen[-1][0] == seen[-1][1]
    assert await wrong_with(world) == []


async def test_a_worker_that_ran_while_the_view_was_rebuilt_has_lost_it(world: World):
    handler = await world.work(until=20)
    recovery = Recovery(world.view, world.kafka, world.kafka)

    await recovery.rebuild({0: 20}, lambda done, total: None)

    with pytest.raises(Fenced):
        await handler.handle(TP, world.kafka.logs[JOURNAL, 0][20:25])
    await level(world)
