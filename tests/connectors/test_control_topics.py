"""The control topics are followed whole, in order, and nothing old comes back."""

import asyncio
from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from fakes import FakeRecord

from connectors.control_topics import LEVEL_AGAIN_S, ORIGIN_HEADER, ControlFollower

WAIT_S = 20.0
REGISTRY, POLICY = "insp.ctl.registry", "insp.ctl.policy"


def entry(topic: str, offset: int, key: str, origin: int | None) -> FakeRecord:
    headers: Sequence[tuple[str, bytes]] = ()
    if origin is not None:
        headers = ((ORIGIN_HEADER, f"insp.in.REGISTRY/0/{origin}".encode()),)
    return FakeRecord(topic, 0, offset, 0, key.encode(), b"{}", headers)


async def taken(*records: FakeRecord) -> list[str]:
    """Keys that a follower handed on."""
    keys: list[str] = []
    follower = ControlFollower(
        "127.0.0.1:1", [REGISTRY, POLICY], lambda key, _: keys.append(key.decode())
    )
    for record in records:
        follower._take_all([record])
    return keys


async def test_entries_are_handed_on_in_order():
    assert await taken(entry(REGISTRY, 0, "a", 5), entry(REGISTRY, 1, "b", 6)) == ["a", "b"]


async def test_what_a_frozen_worker_publishes_again_is_ignored():
    late = entry(REGISTRY, 2, "officer", 5)

    assert await taken(
        entry(REGISTRY, 0, "officer", 5), entry(REGISTRY, 1, "officer", 9), late
    ) == ["officer", "officer"]


async def test_one_topic_read_first_does_not_make_the_other_late():
    records = [entry(POLICY, 0, "policy", 900), entry(REGISTRY, 0, "dept", 1)]

    assert await taken(*records) == ["policy", "dept"]


async def test_an_entry_an_operator_put_there_by_hand_is_taken():
    assert await taken(entry(REGISTRY, 0, "a", 7), entry(REGISTRY, 1, "b", None)) == ["a", "b"]


async def test_an_entry_that_cannot_be_read_stops_nobody():
    keys: list[str] = []

    def take(key: bytes, value: bytes):
        if key == b"bad":
            raise ValueError("no such thing")
        keys.append(key.decode())

    follower = ControlFollower("127.0.0.1:1", [REGISTRY], take)
    follower._take_all([entry(REGISTRY, 0, "bad", 1), entry(REGISTRY, 1, "good", 2)])

    assert keys == ["good"]


class Ends:
    """Tells where the logs end when it is let; counts who asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_tell = asyncio.Event()
        self.may_tell.set()
        self.fails = False

    async def end_offsets(self, there: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        self.asked += 1
        await self.may_tell.wait()
        if self.fails:
            raise KafkaConnectionError("the broker is gone")
        return dict.fromkeys(there, 0)


async def asking() -> tuple[ControlFollower, Ends]:
    """A follower that has read everything, and whom it asks."""
    follower, ends = ControlFollower("127.0.0.1:1", [REGISTRY], lambda *_: None), Ends()
    follower._ends = ends
    follower._there = [TopicPartition(REGISTRY, 0)]
    return follower, ends


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_the_broker_is_asked_once_for_all_who_wait():
    follower, ends = await asking()

    await asyncio.gather(*(follower.level() for _ in range(50)))

    assert ends.asked == 1


async def test_who_must_know_now_waits_for_a_look_that_began_after_asking():
    follower, ends = await asking()
    ends.may_tell.clear()
    early = asyncio.create_task(follower.level())
    await turns()
    late = asyncio.create_task(follower.level(now=True))
    await turns()
    ends.may_tell.set()
    await asyncio.gather(early, late)

    assert ends.asked == 2


async def test_while_many_ask_the_broker_is_asked_ahead_of_them():
    follower, ends = await asking()
    await follower.level()
    follower._level_at -= LEVEL_AGAIN_S * 0.6
    ends.may_tell.clear()

    async with asyncio.timeout(WAIT_S):
        await follower.level()
    await turns()

    assert ends.asked == 2
    ends.may_tell.set()
    await follower._looking()


async def test_what_is_older_than_promised_is_waited_for():
    follower, ends = await asking()
    await follower.level()
    follower._level_at -= LEVEL_AGAIN_S * 1.1
    ends.may_tell.clear()
    asks = asyncio.create_task(follower.level())
    await turns()

    assert not asks.done()
    ends.may_tell.set()
    await asks


async def test_a_look_that_fails_is_heard_of_by_all_who_wait_and_made_again():
    follower, ends = await asking()
    ends.fails = True

    heard = await asyncio.gather(follower.level(), follower.level(), return_exceptions=True)
    assert [type(one) for one in heard] == [KafkaConnectionError] * 2

    ends.fails = False
    await follower.level()
    assert ends.asked == 2


async def test_who_gives_up_waiting_does_not_end_the_look_of_others():
    follower, ends = await asking()
    ends.may_tell.clear()
    impatient, patient = (asyncio.create_task(follower.level()) for _ in range(2))
    await turns()
    impatient.cancel()
    await turns()
    ends.may_tell.set()
    await patient

    assert ends.asked == 1
