"""How does a stage run on Faust so that no event is lost?

Batches in, durable effects, then the commit.

    fetch -> one Faust event per partition batch -> lane: contiguous? -> handler (durable) ->
    watermark -> commit

Anything unexpected ends the process at once (exit status 70): a graceful stop would acknowledge the
failing event. The supervisor starts it again and the batch is read again.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import faust
import structlog

from streams.faust_consumer import BatchConsumer, BatchSchema, BatchTransport
from streams.lanes import BatchHandler, Lanes, Partition
from streams.ports import AtPoint, passed

log = structlog.get_logger()

EXIT_UNEXPECTED = 70
WATCH_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How a stage is tied to Kafka. Times in seconds.

    `login`: `security_protocol` and what goes with it, as aiokafka has them; empty: none is needed.
    """

    bootstrap: str
    group: str
    session_timeout_s: float = 15.0
    heartbeat_s: float = 3.0
    commit_interval_s: float = 0.5
    batch_records_max: int = 4000
    fetch_bytes_max: int = 2 << 20
    instance_id: str | None = None
    login: Mapping[str, Any] = field(default_factory=dict)


def die(cause: BaseException) -> None:
    """End the process now: nothing may be acknowledged any more."""
    log.critical(
        "unexpected failure, the process ends and its batch will be read again", error=repr(cause)
    )
    traceback.print_exception(cause)
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(EXIT_UNEXPECTED)


class Engine:
    """One stage of the hub on Faust."""

    def __init__(
        self,
        settings: EngineSettings,
        topics: Sequence[str],
        handler: BatchHandler,
        on_failure: Callable[[BaseException], None] = die,
        at_point: AtPoint = passed,
    ) -> None:
        self.settings = settings
        self.lanes = Lanes(handler, on_failure)
        self.app = _app(settings, self.lanes, at_point)
        self._on_failure = on_failure
        topic = self.app.topic(*topics, schema=BatchSchema(value_type=bytes, key_type=bytes))
        self.app.agent(topic, name=f"{settings.group}-batches", concurrency=1)(self._distribute)

    async def subscribe(self, topics: Sequence[str]) -> None:
        """Take in these topics from now on; the group rebalances once."""
        # With the new subscription the old assignment is gone, and with it the right to commit:
        # what is durable by then would be read again.
        await self.lanes.close(self.lanes.names())
        await self.app.consumer.commit()
        conductor: Any = self.app.topics
        for channel in conductor:
            channel.topics = list(topics)
        # Faust's own way to tell the conductor waits 45 s for further changes.
        await self.app.consumer.subscribe(await conductor._update_indices())  # noqa: SLF001

    async def _distribute(self, stream: Any) -> None:
        try:
            async for event in stream.events():
                consumer: Any = self.app.consumer
                tp = Partition(*event.message.tp)
                if not consumer.accepts(event.message):
                    log.info("batch of an older generation dropped", tp=tp)
                else:
                    self.lanes.open(tp, consumer).offer(event.value)
        except asyncio.CancelledError:
            raise
        except BaseException as cause:  # noqa: BLE001 - Faust would acknowledge and lose the batch
            self._on_failure(cause)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is in work, commit and leave the group."""
        watch = asyncio.create_task(self._watch(), name="watch the group")
        try:
            await self.app.start()
            log.info("stage is up", group=self.settings.group)
            await _either(stop.wait(), self.app.wait_until_stopped())
            if not stop.is_set():
                self._on_failure(RuntimeError("Faust stopped by itself"))
        finally:
            watch.cancel()
            await self._leave()

    async def _watch(self) -> None:
        """Hear of it when the group is lost for good: aiokafka tells only whoever asks.

        Without this a worker whose joining failed would stand there for ever, and look well.
        """
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            try:
                consumer: Any = self.app.consumer
                consumer.check_group()
            except Exception as cause:  # noqa: BLE001 - whatever it is, the group goes on without us
                self._on_failure(cause)

    async def _leave(self) -> None:
        await self.lanes.close(self.lanes.names())
        await self.app.consumer.commit()
        await self.app.stop()


class _App(faust.App):
    """Faust, leaving no folders wherever it is started: nothing of ours lies in them."""

    def _create_directories(self) -> None:
        return


def _app(settings: EngineSettings, lanes: Lanes, at_point: AtPoint) -> faust.App:
    app = _App(
        settings.group,
        broker=f"kafka://{settings.bootstrap.replace(',', ';')}",
        broker_credentials=_credentials(settings.login),
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        processing_guarantee="at_least_once",
        broker_commit_interval=settings.commit_interval_s,
        broker_session_timeout=settings.session_timeout_s,
        # Faust wants it to be longer than the session.
        broker_request_timeout=max(90.0, settings.session_timeout_s + 10.0),
        broker_heartbeat_interval=settings.heartbeat_s,
        broker_max_poll_interval=300.0,
        broker_max_poll_records=settings.batch_records_max,
        consumer_max_fetch_size=settings.fetch_bytes_max,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance_id,
        stream_buffer_maxsize=64,
        stream_wait_empty=True,
        worker_redirect_stdouts=False,
    )
    consumer = type(
        "Consumer", (BatchConsumer,), {"lanes": lanes, "at_point": staticmethod(at_point)}
    )
    transport = type("Transport", (BatchTransport,), {"Consumer": consumer})
    app.transport = transport(app.conf.broker_consumer, app)
    return app


def _credentials(login: Mapping[str, Any]) -> faust.SASLCredentials | faust.SSLCredentials | None:
    context = login.get("ssl_context")
    if "sasl_mechanism" in login:
        return faust.SASLCredentials(
            username=login["sasl_plain_username"],
            password=login["sasl_plain_password"],
            mechanism=login["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None


async def _either(*awaitables: Any) -> None:
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
