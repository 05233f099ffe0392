"""Topics are created from one plan, drift is named, and positions are read; on both brokers."""

import threading
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from connectors.broker import EMBEDDED_PARTITIONS
from connectors.child import free_port
from connectors.kafka_admin import AdminRefused, BrokerUnreachable, KafkaAdmin
from schemas.topics import DECIDED, JOURNAL, Sizing, Topic, in_topic, plan

DEPT = "WJW-120116"
WHOLE_JOURNAL = [(JOURNAL, number) for number in range(4)]


def topics(**sizing: int) -> list[Topic]:
    return plan([DEPT], ["GSXT"], Sizing(**{"legal_retention_days": 3650, **sizing}))


def create(bootstrap: str, name: str, partitions: int, **configs: str) -> None:
    """Create a topic behind the hub's back."""
    settings = {key.replace("_", "."): value for key, value in configs.items()}
    new = NewTopic(name, num_partitions=partitions, replication_factor=1, config=settings)
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    client.create_topics([new])[name].result(20)
    deadline = time.monotonic() + 20
    while name not in client.list_topics(timeout=20).topics:
        assert time.monotonic() < deadline, f"{name} does not appear"
        time.sleep(0.02)


@pytest.fixture(params=["embedded", pytest.param("local", marks=pytest.mark.kafka)])
def bootstrap(request: pytest.FixtureRequest) -> str:
    """Each test below runs on both brokers, empty."""
    name = {"embedded": "fresh_broker", "local": "clean_kafka"}[request.param]
    return str(request.getfixturevalue(name).bootstrap)


@pytest.fixture
def admin(bootstrap: str) -> Iterator[KafkaAdmin]:
    with KafkaAdmin(bootstrap) as admin:
        yield admin


def test_an_empty_broker_gets_every_topic_once(admin):
    wanted = [topic.name for topic in topics()]
    assert [topic.name for topic in admin.plan(topics())] == wanted

    first = admin.apply(topics())
    second = admin.apply(topics())

    assert first.created == tuple(wanted)
    assert second.created == ()
    for report in (first, second, admin.check(topics())):
        assert report.ok
        assert report.as_planned == len(wanted)
        assert report.missing == report.drift == report.unplanned == ()
    assert admin.plan(topics()) == ()


def test_checking_and_planning_create_nothing(admin):
    admin.plan(topics())

    report = admin.check(topics())

    assert not report.ok
    assert report.missing == tuple(topic.name for topic in topics())
    assert admin.partition_counts() == {}


def test_only_what_is_missing_is_created(admin):
    admin.apply(topics()[1:])

    assert admin.apply(topics()).created == (topics()[0].name,)


def test_inbound_topics_are_found_on_the_broker(admin):
    admin.apply(topics())

    assert admin.list_in_topics() == ("insp.in.REGISTRY", "insp.in.WJW-120116")


def test_a_topic_of_the_hub_that_nobody_planned_is_named(admin):
    admin.apply(topics())
    without = [topic for topic in topics() if topic.name != in_topic(DEPT)]

    report = admin.check(without)

    assert report.unplanned == (in_topic(DEPT),)
    assert report.ok


def test_another_journal_partition_count_is_refused_and_nothing_is_created(admin):
    admin.apply([topic for topic in topics() if topic.name in {JOURNAL, DECIDED}])

    with pytest.raises(AdminRefused, match=r"insp\.journal: partitions is 4, planned 8"):
        admin.apply(topics(journal_partitions=8))

    assert set(admin.partition_counts()) == {JOURNAL, DECIDED}
    fatal = [drift for drift in admin.check(topics(journal_partitions=8)).drift if drift.fatal]
    assert {drift.topic for drift in fatal} == {JOURNAL, DECIDED}


def test_positions_are_read(admin, bootstrap):
    admin.apply(topics())
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for _ in range(3):
        producer.produce(JOURNAL, b"x", partition=2)
    assert producer.flush(20) == 0

    assert admin.beginning_offsets(WHOLE_JOURNAL) == dict.fromkeys(WHOLE_JOURNAL, 0)
    assert admin.end_offsets(WHOLE_JOURNAL) == {**dict.fromkeys(WHOLE_JOURNAL, 0), (JOURNAL, 2): 3}
    assert admin.end_offsets([]) == {}


def test_committed_positions_are_read_and_others_are_absent(admin, bootstrap):
    assert admin.committed("decide") == {}
    admin.apply(topics())
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "decide", "log_level": 0})
    consumer.commit(offsets=[TopicPartition(JOURNAL, 1, 7)], asynchronous=False)
    consumer.close()

    assert admin.committed("decide") == {(JOURNAL, 1): 7}
    assert admin.committed("somebody else") == {}


def test_offsets_of_a_topic_that_is_not_there_say_so(admin):
    with pytest.raises(LookupError, match=r"insp\.nothing.*create the topics first"):
        admin.end_offsets([("insp.nothing", 0)])


def test_an_address_where_nobody_answers_is_named_and_no_thread_is_left():
    before, address = threading.active_count(), f"127.0.0.1:{free_port()}"

    with pytest.raises(BrokerUnreachable, match=f"{address} does not answer.*refused"):
        KafkaAdmin(address, timeout_s=0.2)

    assert threading.active_count() == before


def test_a_broker_that_goes_away_is_named(fresh_broker):
    with KafkaAdmin(fresh_broker.bootstrap, timeout_s=0.5) as admin:
        address = fresh_broker.bootstrap
        fresh_broker.stop()

        with pytest.raises(BrokerUnreachable, match=f"{address} does not answer"):
            admin.partition_counts()


def test_one_dead_address_of_several_does_no_harm(fresh_broker):
    with KafkaAdmin(f"127.0.0.1:{free_port()},{fresh_broker.bootstrap}") as admin:
        assert admin.embedded
        assert admin.partition_counts() == {}


def test_the_embedded_broker_gives_every_topic_its_four_partitions(fresh_broker):
    with KafkaAdmin(fresh_broker.bootstrap) as admin:
        report = admin.apply(topics(in_partitions=9, legal_retention_days=1))

        assert report.ok
        assert set(admin.partition_counts().values()) == {EMBEDDED_PARTITIONS}


@pytest.mark.kafka
def test_topics_are_created_as_planned(clean_kafka):
    with KafkaAdmin(clean_kafka.bootstrap) as admin:
        admin.apply(topics(journal_partitions=3, in_partitions=2))

        counts = admin.partition_counts()

    assert not admin.embedded
    assert counts[JOURNAL] == counts[DECIDED] == 3
    assert counts[in_topic(DEPT)] == 2
    assert counts["insp.feed.GSXT"] == 1


@pytest.mark.kafka
def test_each_drifted_setting_is_named_and_left_alone(clean_kafka):
    create(clean_kafka.bootstrap, in_topic(DEPT), 2, retention_ms="60000")

    with KafkaAdmin(clean_kafka.bootstrap) as admin:
        report = admin.apply(topics())
        again = admin.check(topics())

    assert in_topic(DEPT) not in report.created
    assert len(report.created) == len(topics()) - 1
    assert not report.ok
    assert report.drift == again.drift
    told = {str(drift) for drift in report.drift}
    assert f"{in_topic(DEPT)}: partitions is 2, planned 4" in told
    assert f"{in_topic(DEPT)}: retention.ms is 60000, planned 2592000000" in told
    assert {drift.topic for drift in report.drift} == {in_topic(DEPT)}
    assert not any(drift.fatal for drift in report.drift)


@pytest.mark.kafka
def test_another_replication_factor_is_drift(clean_kafka):
    with KafkaAdmin(clean_kafka.bootstrap) as admin:
        admin.apply(topics())
        report = admin.check(topics(replication_factor=3, min_insync_replicas=2))

    settings = {drift.setting for drift in report.drift}
    assert settings == {"replication factor", "min.insync.replicas"}
    assert len(report.drift) == 2 * len(topics())
    assert report.as_planned == 0


@pytest.mark.kafka
def test_more_copies_than_brokers_are_refused_by_the_broker(clean_kafka):
    wanted = topics(replication_factor=3)
    all_of_them = rf"refused {len(wanted)} of {len(wanted)} topics.*insp\.journal"

    with (
        KafkaAdmin(clean_kafka.bootstrap) as admin,
        pytest.raises(AdminRefused, match=all_of_them),
    ):
        admin.apply(wanted)


@pytest.mark.kafka
def test_many_topics_are_created_in_several_requests(clean_kafka):
    many = plan([f"D{number}" for number in range(60)], [], Sizing(legal_retention_days=1))

    with KafkaAdmin(clean_kafka.bootstrap) as admin:
        report = admin.apply(many)

    assert len(report.created) == len(many) > 100
    assert report.ok
