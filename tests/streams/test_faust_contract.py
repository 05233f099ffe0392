"""We override private methods of Faust and mode.

This fails when one of them is gone or means something else.
"""

import inspect
from importlib.metadata import version

import faust
import pytest
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from faust.transport.conductor import Conductor
from faust.transport.consumer import Consumer as BaseConsumer
from faust.transport.consumer import ThreadDelegateConsumer
from faust.transport.drivers import aiokafka as driver
from mode.threads import QueueServiceThread, ServiceThread

from streams.engine import _App
from streams.faust_consumer import BatchConsumer, BatchTransport, LoopThread

PINNED = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}

# class, method, its parameters as they must be
OVERRIDDEN = [
    (driver.Consumer, "getmany", ["self", "timeout"]),
    (driver.Consumer, "on_buffer_full", ["self", "tp"]),
    (driver.Consumer, "on_buffer_drop", ["self", "tp"]),
    (driver.Consumer, "_add_gap", ["self", "tp", "offset_from", "offset_to"]),
    (faust.App, "_create_directories", ["self"]),
    (driver.Consumer, "_commit", ["self", "offsets"]),
    (driver.Consumer, "_filter_tps_with_pending_acks", ["self", "topics"]),
    (driver.Consumer, "_filter_committable_offsets", ["self", "tps"]),
    (driver.Consumer, "on_partitions_revoked", ["self", "revoked"]),
    (driver.Consumer, "on_partitions_assigned", ["self", "assigned", "generation_id"]),
    (driver.Consumer, "_new_consumer_thread", ["self"]),
    (driver.AIOKafkaConsumerThread, "start", ["self"]),
    (driver.AIOKafkaConsumerThread, "stop", ["self"]),
    (driver.AIOKafkaConsumerThread, "call_thread", ["self", "fun", "args", "kwargs"]),
]
# methods of theirs that our overrides call
CALLED = [
    (BaseConsumer, "_get_active_partitions", ["self"]),
    (Conductor, "_update_indices", ["self"]),
    (driver.Consumer, "subscribe", ["self", "topics"]),
    (BaseConsumer, "_should_commit", ["self", "tp", "offset"]),
    (BaseConsumer, "commit", ["self", "topics", "start_new_transaction"]),
    (ThreadDelegateConsumer, "_getmany", ["self", "active_partitions", "timeout"]),
    (ServiceThread, "_shutdown_thread", ["self"]),
    (ServiceThread, "_default_start", ["self"]),
    (QueueServiceThread, "on_thread_stop", ["self"]),
    (driver.AIOKafkaConsumerThread, "_ensure_consumer", ["self"]),
    (GroupCoordinator, "check_errors", ["self"]),
    (Fetcher, "fetched_records", ["self", "partitions", "timeout", "max_records"]),
]


@pytest.mark.parametrize(("name", "pinned"), PINNED.items())
def test_the_version_is_the_one_that_was_read(name: str, pinned: str):
    assert version(name) == pinned


@pytest.mark.parametrize(
    ("owner", "name", "parameters"), OVERRIDDEN + CALLED, ids=lambda v: getattr(v, "__name__", None)
)
def test_the_method_is_there_with_these_parameters(owner: type, name: str, parameters: list[str]):
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


@pytest.mark.parametrize(("owner", "name"), [row[:2] for row in OVERRIDDEN])
def test_we_do_override_it(owner: type, name: str):
    ours = {driver.AIOKafkaConsumerThread: LoopThread, faust.App: _App}.get(owner, BatchConsumer)

    assert name in vars(ours)


def test_commits_go_through_the_two_filters():
    source = inspect.getsource(BaseConsumer.force_commit) + inspect.getsource(
        BaseConsumer._commit_tps
    )

    assert "_filter_tps_with_pending_acks" in source
    assert "_filter_committable_offsets" in source


def test_the_drain_loop_asks_getmany_and_sleeps_for_no_full_buffer():
    source = inspect.getsource(BaseConsumer._drain_messages)

    assert "getmany(timeout=1.0)" in source
    assert "callback(message)" in source


def test_attributes_our_overrides_read_and_write_are_there():
    source = inspect.getsource(BaseConsumer.__init__)

    for name in ("_acked", "_acked_index", "_committed_offset", "_read_offset"):
        assert f"self.{name} = " in source
    assert BatchTransport.__mro__[1] is driver.Transport
    assert driver.Transport.Consumer is driver.Consumer
