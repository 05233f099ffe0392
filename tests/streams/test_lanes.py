"""How do lanes open, work side by side, and close?"""

import asyncio

from lane_parts import TP, FakeConsumer, Handler, batch, never, settle

from streams.lanes import Lane, Lanes, Partition


async def test_a_batch_that_follows_on_is_handled_and_becomes_durable():
    handler, consumer = Handler(), FakeConsumer(committed=5)
    lane = Lane(TP, handler, consumer, never)

    lane.offer(batch(5, 7))
    await settle(lambda: consumer.durable_at.get(TP) == 8)

    assert handler.seen == [5, 6, 7]
    await lane.close(1)


async def test_a_new_group_begins_with_the_first_record_the_broker_has():
    handler, consumer = Handler(), FakeConsumer(committed=None, beginning=3)
    lane = Lane(TP, handler, consumer, never)

    lane.offer(batch(3, 4))
    await settle(lambda: handler.seen == [3, 4])

    await lane.close(1)


async def test_a_position_ahead_of_the_commit_is_durable_at_once():
    handler, consumer = Handler(start=8), FakeConsumer(committed=5)
    lane = Lane(TP, handler, consumer, never)

    await settle(lambda: consumer.durable_at.get(TP) == 8)

    await lane.close(1)


async def test_a_failure_ends_the_process_and_nothing_is_durable():
    died: list[BaseException] = []
    handler, consumer = Handler(), FakeConsumer(committed=0)
    handler.fail = True
    lane = Lane(TP, handler, consumer, died.append)

    lane.offer(batch(0, 1))
    await settle(lambda: bool(died))

    assert str(died[0]) == "the disk is on fire"
    assert not consumer.durable_at
    await lane.close(1)


async def test_closing_finishes_the_batch_in_work_and_drops_what_has_not_begun():
    handler, consumer = Handler(), FakeConsumer(committed=0)
    handler.gate.clear()
    lane = Lane(TP, handler, consumer, never)
    lane.offer(batch(0, 1))
    await settle(lambda: len(consumer.handed_over) == 1)
    lane.offer(batch(2, 3))

    closing = asyncio.ensure_future(lane.close(5))
    await asyncio.sleep(0)
    handler.gate.set()
    await closing

    assert handler.seen == [0, 1]
    assert consumer.durable_at == {TP: 2}
    assert handler.closed == [TP]


async def test_closing_does_not_wait_longer_than_it_may():
    handler, consumer = Handler(), FakeConsumer(committed=0)
    handler.gate.clear()
    lane = Lane(TP, handler, consumer, never)
    lane.offer(batch(0, 1))
    await settle(lambda: len(consumer.handed_over) == 1)

    await lane.close(0.01)

    assert not consumer.durable_at
    assert handler.closed == [TP]


async def test_a_slow_lane_does_not_hold_up_the_others():
    handler, consumer = Handler(), FakeConsumer(committed=0)
    handler.gate.clear()
    quick, quick_tp = Handler(), Partition("t", 1)
    slow = Lane(TP, handler, consumer, never)
    other = Lane(quick_tp, quick, consumer, never)
    slow.offer(batch(0, 1))
    await settle(lambda: len(consumer.handed_over) == 1)
    slow.offer(batch(2, 3))

    other.offer(batch(0, 9))
    await settle(lambda: consumer.durable_at.get(quick_tp) == 10)

    handler.gate.set()
    await slow.close(1)
    await other.close(1)


async def test_a_position_ahead_of_a_group_that_never_committed_is_durable_at_once():
    handler, consumer = Handler(start=8), FakeConsumer(committed=None)
    lane = Lane(TP, handler, consumer, never)

    await settle(lambda: consumer.durable_at.get(TP) == 8)

    await lane.close(1)


async def test_an_idle_lane_looks_again_and_again_whether_all_is_well():
    class Quick(Lane):
        idle_s = 0.001

    handler, consumer = Handler(), FakeConsumer(committed=5)
    lane = Quick(TP, handler, consumer, never)
    await settle(lambda: handler.looked > 2)

    lane.offer(batch(5, 7))
    await settle(lambda: consumer.durable_at.get(TP) == 8)

    await lane.close(1)


async def test_lanes_close_side_by_side():
    handler, consumer = Handler(), FakeConsumer(committed=0)
    lanes = Lanes(handler, never)
    tps = {Partition("t", n) for n in range(3)}
    for tp in tps:
        lanes.open(tp, consumer)

    await lanes.close(tps)

    assert set(handler.closed) == tps
    assert not lanes.names()
