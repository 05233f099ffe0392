"""The engine on brokers that really run: what is committed, and what a failure leaves behind."""

from __future__ import annotations

import uuid

import pytest
from aiokafka.errors import GroupAuthorizationFailedError
from engine_parts import Remembering, committed, committed_comes_to, running, settings, write
from waiting import until_async

from streams.engine import Engine
from streams.lanes import Partition

REAL = pytest.param("real", marks=pytest.mark.kafka)
"""The embedded broker loses a group with two members now and then."""


@pytest.fixture
def group() -> str:
    """A consumer group nobody has used."""
    return f"g-{uuid.uuid4().hex[:12]}"


async def test_everything_is_handled_once_in_order_and_committed(
    bootstrap, new_topic, group, tmp_path, monkeypatch
):
    topic, handler = new_topic(), Remembering()
    write(bootstrap, topic, 1000)

    monkeypatch.chdir(tmp_path)
    async with running(Engine(settings(bootstrap, group), [topic], handler)):
        await until_async(lambda: handler.count == 1000, "all records")
        await committed_comes_to(bootstrap, group, topic, dict.fromkeys(range(4), 250))
        write(bootstrap, topic, 40)
        await until_async(lambda: handler.count == 1040, "the later ones")

    assert all(handler.seen[Partition(topic, n)] == list(range(260)) for n in range(4))
    assert committed(bootstrap, group, topic) == dict.fromkeys(range(4), 260)
    assert not list(tmp_path.iterdir()), "Faust left a folder where it was started"


async def test_what_is_not_durable_is_not_committed(bootstrap, new_topic, group):
    topic, handler = new_topic(), Remembering()
    write(bootstrap, topic, 40)
    async with running(Engine(settings(bootstrap, group), [topic], handler)):
        await committed_comes_to(bootstrap, group, topic, dict.fromkeys(range(4), 10))
        handler.gate.clear()
        write(bootstrap, topic, 40)
        await until_async(lambda: sum(map(len, handler.taken.values())) == 80, "all is in work")
        # Several rounds of committing: a record of another partition comes through meanwhile.
        await committed_comes_to(bootstrap, group, topic, dict.fromkeys(range(4), 10))

        handler.gate.set()
        await committed_comes_to(bootstrap, group, topic, dict.fromkeys(range(4), 20))


async def test_a_full_lane_does_not_hold_up_the_others(bootstrap, new_topic, group):
    topic = new_topic()

    class OneSlow(Remembering):
        async def handle(self, tp, records):
            if tp.partition == 0:
                await super().handle(tp, records)
            else:
                self.seen[tp] += [record.offset for record in records]

    handler = OneSlow()
    handler.gate.clear()
    async with running(Engine(settings(bootstrap, group, batch_records_max=5), [topic], handler)):
        for _ in range(5):
            seen = handler.count
            write(bootstrap, topic, 40)
            await until_async(lambda seen=seen: handler.count == seen + 30, "the other three")
        assert not handler.seen[Partition(topic, 0)]
        handler.gate.set()
        await until_async(lambda: handler.count == 200, "the slow one")

    assert handler.seen[Partition(topic, 0)] == list(range(50))


async def test_a_position_ahead_of_the_commit_is_trusted_and_committed(bootstrap, new_topic, group):
    topic, handler = new_topic(), Remembering(eager=True)
    handler.start_at = {0: 7, 1: 10, 2: 0, 3: 0}
    write(bootstrap, topic, 40)

    async with running(Engine(settings(bootstrap, group), [topic], handler)):
        await committed_comes_to(bootstrap, group, topic, dict.fromkeys(range(4), 10))

    assert handler.seen[Partition(topic, 0)] == [7, 8, 9]
    assert not handler.seen[Partition(topic, 1)]


async def test_a_failure_is_reported_and_its_batch_is_read_again_by_the_next(
    bootstrap, new_topic, group
):
    topic, handler, died = new_topic(), Remembering(), list[BaseException]()
    write(bootstrap, topic, 100, partition=1)
    handler.fail_at = (1, 60)
    few = settings(bootstrap, group, batch_records_max=25)
    async with running(Engine(few, [topic], handler, died.append)):
        await until_async(lambda: died, "the failure")
    assert str(died[0]) == "the handler broke"
    done = handler.count
    assert done <= 60
    assert committed(bootstrap, group, topic).get(1, 0) <= done

    following = Remembering()
    async with running(Engine(few, [topic], following)):
        await committed_comes_to(bootstrap, group, topic, {1: 100})

    seen = handler.seen[Partition(topic, 1)] + following.seen[Partition(topic, 1)]
    assert set(seen) == set(range(100))


async def test_topics_that_come_later_are_taken_in(bootstrap, new_topic, group):
    first, second = new_topic(), new_topic()
    handler = Remembering()
    write(bootstrap, first, 40)
    engine = Engine(settings(bootstrap, group), [first], handler)
    async with running(engine):
        await until_async(lambda: handler.count == 40, "the first topic")

        write(bootstrap, second, 40)
        await engine.subscribe([first, second])
        await until_async(lambda: handler.count == 80, "the second topic")
        write(bootstrap, first, 40)
        write(bootstrap, second, 40)
        await until_async(lambda: handler.count == 160, "both")

    for topic in (first, second):
        assert committed(bootstrap, group, topic) == dict.fromkeys(range(4), 20)
        assert all(handler.seen[Partition(topic, n)] == list(range(20)) for n in range(4))


async def test_a_group_that_is_lost_for_good_is_reported(bootstrap, new_topic, group):
    topic, handler, died = new_topic(), Remembering(), list[BaseException]()
    write(bootstrap, topic, 4)
    engine = Engine(settings(bootstrap, group), [topic], handler, died.append)
    async with running(engine):
        await until_async(lambda: handler.count == 4, "the engine is at work")

        coordinator = engine.app.consumer._kafka()._coordinator
        coordinator._pending_exception = GroupAuthorizationFailedError()
        await until_async(lambda: died, "the failure")

    assert isinstance(died[0], GroupAuthorizationFailedError)


@pytest.mark.parametrize("bootstrap", [REAL], indirect=True)
async def test_two_engines_share_the_partitions_and_hand_them_over(bootstrap, new_topic, group):
    topic, one, two = new_topic(), Remembering(eager=True), Remembering(eager=True)
    write(bootstrap, topic, 400)
    async with running(Engine(settings(bootstrap, group), [topic], one)):
        await until_async(lambda: one.count == 400, "the first alone")
        async with running(Engine(settings(bootstrap, group), [topic], two)):
            await until_async(lambda: two.opened, "the second has partitions")
            write(bootstrap, topic, 400)
            await until_async(lambda: one.count + two.count == 800, "both")
        write(bootstrap, topic, 400)
        await until_async(lambda: one.count + two.count == 1200, "the first alone again")

    assert two.count > 0
    for number in range(4):
        tp = Partition(topic, number)
        assert sorted(one.seen[tp] + two.seen[tp]) == list(range(300)), "twice or never"
    assert committed(bootstrap, group, topic) == dict.fromkeys(range(4), 300)
