"""The control topics are followed whole, in order, and nothing old comes back."""

from collections.abc import Sequence

from fakes import FakeRecord

from connectors.control_topics import ORIGIN_HEADER, ControlFollower

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
