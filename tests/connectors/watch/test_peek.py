"""Records are read where they lie, of many partitions at once."""

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from connectors.watch.ages import Ages
from connectors.watch.peek import peek, stretch


@pytest.fixture(params=["fresh_broker", pytest.param("clean_kafka", marks=pytest.mark.kafka)])
def filled(request: pytest.FixtureRequest) -> str:
    """A broker with a topic of two partitions, of which each has ten records."""
    broker = request.getfixturevalue(request.param)
    if request.param == "clean_kafka":
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        for future in admin.create_topics([NewTopic("peeked", 2, 1)]).values():
            future.result(10)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    for number in range(20):
        producer.produce("peeked", b"%d" % (number // 2), partition=number % 2, timestamp=number)
        producer.flush(10)
    return str(broker.bootstrap)


async def test_one_record_of_each_place(filled):
    found = await peek(filled, {("peeked", 0): 3, ("peeked", 1): 9})

    assert {at: record.value for at, record in found.items()} == {
        ("peeked", 0): b"3",
        ("peeked", 1): b"9",
    }
    assert await peek(filled, {}) == {}


async def test_a_stretch_ends_before_its_end_and_an_empty_one_is_not_read(filled):
    found = await stretch(filled, {("peeked", 0): (2, 5), ("peeked", 1): (4, 4)})

    assert [(one.partition, one.value) for one in found] == [(0, b"2"), (0, b"3"), (0, b"4")]


async def test_several_places_of_one_partition_are_read_and_then_known(filled, monkeypatch):
    ages = Ages(filled)
    places = [(("peeked", 0), 1), (("peeked", 0), 4), (("peeked", 1), 4)]

    first = await ages.of(places)
    monkeypatch.setattr("connectors.watch.ages.peek", None)

    assert set(first) == set(places)
    assert await ages.of(places[:2]) == {place: first[place] for place in places[:2]}
