"""How far every stage is, counted against what lies in its topics."""

from confluent_kafka import Consumer, TopicPartition
from console_fakes import write

from connectors.console.context import Exit
from connectors.console.groups import DECIDE_GROUP
from schemas.topics import JOURNAL, in_topic


def commit(bootstrap: str, topic: str, partition: int, offset: int) -> None:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": DECIDE_GROUP})
    place = TopicPartition(topic, partition, offset)
    consumer.commit(offsets=[place], asynchronous=False)
    consumer.close()


def test_lag_is_what_lies_there_and_was_not_committed(console, broker):
    console("topics", "apply", "--dept", "WJW-120116")
    write(broker, JOURNAL, [{"value": b"x", "partition": 2}] * 5)
    write(broker, in_topic("WJW-120116"), [{"value": b"x", "partition": 0}] * 3)
    write(broker, "insp.dlq.intake", [{"value": b"x"}])
    commit(broker, JOURNAL, 2, 4)

    told = console("status", "--json").json

    assert told["lag"] == {"intake": 3, "decide": 1}
    assert told["dead_letters"]["intake"] == 1
    behind = [one for one in told["partitions"] if one["lag"]]
    assert {(one["topic"], one["partition"], one["committed"], one["end"]) for one in behind} == {
        (JOURNAL, 2, 4, 5),
        (in_topic("WJW-120116"), 0, None, 3),
    }


def test_the_tables_fit_and_name_what_is_behind(console, broker):
    console("topics", "apply", "--dept", "WJW-120116")
    write(broker, in_topic("WJW-120116"), [{"value": b"x", "partition": 0}])

    answer, everything = console("status"), console("status", "--all")

    assert answer.status == Exit.DONE
    assert answer.fits(80)
    assert in_topic("WJW-120116") in answer.out
    assert in_topic("REGISTRY") not in answer.out
    assert in_topic("REGISTRY") in everything.out


def test_an_empty_broker_says_what_to_do(console, broker):
    assert "hub topics apply" in console("status").said
