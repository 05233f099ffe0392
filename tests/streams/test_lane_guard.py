"""A lane takes only what follows on.

Nothing twice, nothing skipped, nothing of an older generation.
"""

from lane_parts import TP, FakeConsumer, Handler, batch, never, settle

from streams.lanes import Lane


async def test_a_batch_that_starts_too_late_is_dropped_and_read_again():
    handler, consumer = Handler(), FakeConsumer(committed=5)
    lane = Lane(TP, handler, consumer, never)

    lane.offer(batch(9, 12))
    await settle(lambda: consumer.seeks == [5])
    lane.offer(batch(5, 12))
    await settle(lambda: handler.seen == list(range(5, 13)))

    assert consumer.durable_at[TP] == 13
    await lane.close(1)


async def test_the_same_answer_after_a_seek_is_a_true_hole_and_is_passed():
    handler, consumer = Handler(), FakeConsumer(committed=5)
    lane = Lane(TP, handler, consumer, never)

    lane.offer(batch(9, 10))
    await settle(lambda: consumer.seeks == [5])
    lane.offer(batch(9, 10))
    await settle(lambda: handler.seen == [9, 10])

    await lane.close(1)


async def test_what_waits_for_the_batch_in_work_is_taken_as_one():
    handler, consumer = Handler(), FakeConsumer(committed=0)
    handler.gate.clear()
    lane = Lane(TP, handler, consumer, never)
    lane.offer(batch(0, 1))
    await settle(lambda: len(consumer.handed_over) == 1)
    for first in (2, 4, 6):
        lane.offer(batch(first, first + 1))

    handler.gate.set()
    await settle(lambda: consumer.durable_at.get(TP) == 8)

    assert consumer.handed_over == [[0, 1], [2, 3, 4, 5, 6, 7]]
    await lane.close(1)


async def test_batches_that_do_not_follow_on_are_not_joined():
    handler, consumer = Handler(), FakeConsumer(committed=0)
    handler.gate.clear()
    lane = Lane(TP, handler, consumer, never)
    lane.offer(batch(0, 1))
    await settle(lambda: len(consumer.handed_over) == 1)
    lane.offer(batch(2, 3))
    lane.offer(batch(6, 7))

    handler.gate.set()
    await settle(lambda: consumer.seeks == [4])

    assert handler.seen == [0, 1, 2, 3]
    await lane.close(1)


async def test_several_stale_batches_in_a_row_do_not_hide_a_true_hole():
    handler, consumer = Handler(), FakeConsumer(committed=5)
    lane = Lane(TP, handler, consumer, never)

    for first in (9, 20):
        lane.offer(batch(first, first + 1))
    await settle(lambda: consumer.seeks == [5, 5])
    lane.offer(batch(9, 10))
    await settle(lambda: handler.seen == [9, 10])

    await lane.close(1)


async def test_several_stale_batches_in_a_row_do_not_hide_what_the_log_has():
    handler, consumer = Handler(), FakeConsumer(committed=5)
    lane = Lane(TP, handler, consumer, never)

    for first in (9, 20):
        lane.offer(batch(first, first + 1))
    await settle(lambda: consumer.seeks == [5, 5])
    lane.offer(batch(5, 10))
    await settle(lambda: handler.seen == list(range(5, 11)))

    await lane.close(1)


async def test_records_already_done_are_trimmed():
    handler, consumer = Handler(start=8), FakeConsumer(committed=5)
    lane = Lane(TP, handler, consumer, never)

    lane.offer(batch(5, 9))
    await settle(lambda: consumer.durable_at.get(TP) == 10)

    assert handler.seen == [8, 9]
    await lane.close(1)
