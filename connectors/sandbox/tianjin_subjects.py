"""A stand-in of 天津市市场主体信用信息公示系统: consumes its feed, writes receipts to its topic.

It judges by its own columns: a record is shown if its status is 公示. It commits its position after
its journal; its receipts go out at least once.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from pydantic import ValidationError

from connectors.kafka_login import librdkafka_options, python_options
from connectors.sandbox import digest, ledger
from connectors.sandbox.hours import Hours
from connectors.sandbox.ledger import Answered, Item, Told
from connectors.sandbox.server import Sandbox, log
from schemas.codec import JSON, encode_json
from schemas.feed import (
    DIGEST_KEY_PREFIX,
    DISCLOSURE_RECEIPT,
    FORM_FAULT,
    Digest,
    Disclosure,
    DisclosureState,
    Receipt,
    Stage,
    delivery_key,
    feed_key,
)
from schemas.sites import TIANJIN_SUBJECTS
from schemas.topics import FEED_PREFIX, RECEIPT_PREFIX

POLL_MS = 50
RECORDS_MAX = 500
AGAIN_AFTER_S = 1.0
DELIVERY_WAIT_S = 10.0

_STATUS = {
    "公示": DisclosureState.DISCLOSED,
    "停止公示": DisclosureState.STOPPED,
    "撤回": DisclosureState.WITHDRAWN,
}
_MOCK = "mockCluster"
_MOCK_VERSION = (2, 3)
_UNREADABLE = "unreadable"


class TianjinSubjectsSandbox(Sandbox):
    """The system that helps itself."""

    site = TIANJIN_SUBJECTS

    def __init__(
        self,
        folder: Path,
        bootstrap: str,
        *,
        delay_s: float = 0.0,
        hours: Hours | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(folder, delay_s=delay_s, hours=hours, now=now)
        self._bootstrap = bootstrap
        self._ended = threading.Event()
        self._again = threading.Event()

    def works(self) -> list[Callable[[], Coroutine[None, None, None]]]:
        """Consuming, in a thread of its own."""
        return [*super().works(), self._consume]

    async def stop(self) -> None:
        """End the thread, then the rest."""
        self._ended.set()
        await asyncio.gather(*self._tasks[-1:], return_exceptions=True)
        await super().stop()

    async def fault_asked(self) -> None:
        """Read the whole feed again: what it knew by its position is forgotten."""
        if self.faults.take("forget_keys"):
            self._again.set()

    async def _consume(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._consume_for_ever, loop)

    def _consume_for_ever(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._ended.is_set():
            clients: list[Any] = []
            try:
                self._consume_with(clients, loop)
            except KafkaError as cause:
                log.warning("the feed cannot be read", cause=type(cause).__name__)
                self._ended.wait(AGAIN_AFTER_S)
            finally:
                for client in clients:
                    client.close()

    def _consume_with(self, clients: list[Any], loop: asyncio.AbstractEventLoop) -> None:
        options = client_options(self._bootstrap)
        consumer = KafkaConsumer(
            group_id=f"site.{self.site.code}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=RECORDS_MAX,
            **options,
        )
        clients.append(consumer)
        producer = KafkaProducer(acks="all", **options)
        clients.append(producer)
        partitions = self._partitions(consumer)
        # Alone by design: no group to wait for, but positions are committed where all can see them.
        consumer.assign(partitions)
        while not self._ended.is_set():
            if self._again.is_set():
                self._again.clear()
                consumer.seek_to_beginning(*partitions)
            if self.is_working() and not self.faults.lasts("hang"):
                polled = consumer.poll(POLL_MS, max_records=RECORDS_MAX)
                records = [one for batch in polled.values() for one in batch]
                if records:
                    self.journal.run_now([partial(self._take, records=records)])
                    consumer.commit()
                    loop.call_soon_threadsafe(self.something_waits)
                self._tell(producer)
            else:
                self._ended.wait(POLL_MS / 1000)

    def _partitions(self, consumer: KafkaConsumer) -> list[TopicPartition]:
        topic = FEED_PREFIX + self.site.code
        while not self._ended.is_set():
            if known := consumer.partitions_for_topic(topic):
                return [TopicPartition(topic, number) for number in sorted(known)]
            self._ended.wait(AGAIN_AFTER_S)
        return []

    def _take(self, c: sqlite3.Connection, records: Iterable[Any]) -> None:
        at_ms = self.now_ms()
        for record in records:
            key = (record.key or b"").decode(errors="replace")
            if record.value is None:
                continue
            if key.startswith(DIGEST_KEY_PREFIX):
                self._compare(c, record.partition, record.value)
                continue
            item, errors = _understood(key, record.value)
            mode = self.faults.first_of("lost", "unknown_record", "wrong_receipt")
            if mode == "unknown_record":
                errors = (*errors, "unknown record")
            lost = mode == "lost"
            if not lost and not errors:
                place = record.partition, record.offset
                digest.note_taken(c, key, item.version, item.state, place)
            told = Answered.LOST if lost else Answered.REFUSED if errors else Answered.TAKEN
            number = ledger.note_arrival(c, item, at_ms, told)
            if not lost and item.state != _UNREADABLE:
                ledger.keep(
                    c,
                    item,
                    received_ms=at_ms,
                    due_ms=self.due_ms(),
                    receipt_id=f"ST{number:012d}",
                    errors=errors,
                    misnamed=mode == "wrong_receipt",
                )

    def _compare(self, c: sqlite3.Connection, part: int, value: bytes) -> None:
        """Compare with the hub's nightly digest; a difference is for people to look into."""
        try:
            said = Digest.model_validate_json(value)
        except ValidationError:
            log.warning("a digest that cannot be read", partition=part)
            return
        if not digest.compare(c, part, said):
            log.error(
                "what is disclosed here is not what the hub says", site=self.site.code,
                as_of=said.as_of, count=said.count,
            )  # fmt: skip

    def _tell(self, producer: KafkaProducer) -> None:
        (told,) = self.journal.run_now([lambda c: ledger.untold(c, RECORDS_MAX)])
        if not told:
            return
        sent = [
            producer.send(
                RECEIPT_PREFIX + self.site.code,
                key=one.result_id.encode(),
                value=encode_json(_receipt(one)),
                headers=_headers(one),
                partition=0,  # the one there is; the embedded broker makes more
            )
            for one in told
        ]
        for future in sent:
            future.get(DELIVERY_WAIT_S)
        self.journal.run_now([lambda c: ledger.mark_told(c, [one.n for one in told])])


def client_options(bootstrap: str) -> dict[str, Any]:
    """How kafka-python connects. librdkafka's mock cluster answers only the version it is told."""
    options: dict[str, Any] = {"bootstrap_servers": bootstrap, **python_options()}
    asking = {"bootstrap.servers": bootstrap, "log_level": 0, **librdkafka_options()}
    try:
        known = AdminClient(asking).list_topics(timeout=5)
    except Exception as cause:
        raise KafkaError(f"{bootstrap} does not answer") from cause
    if (known.cluster_id or "").startswith(_MOCK):
        options["api_version"] = _MOCK_VERSION
    return options


def _understood(key: str, value: bytes) -> tuple[Item, tuple[str, ...]]:
    """What a record says, and what is wrong with it."""
    sha = hashlib.sha256(value).hexdigest()
    try:
        record = Disclosure.model_validate_json(value)
    except ValidationError:
        return Item("", "", key.partition("|")[2], 0, _UNREADABLE, sha), (_UNREADABLE,)
    columns, wrong = record.body, []
    if feed_key(record.uscc, record.result_id) != key:
        wrong.append("key: of another record")
    state = _STATUS.get(str(columns.get("status")))
    if state is None:
        wrong.append("status: unknown word")
    if columns.get("subject_code") != record.uscc or columns.get("result_no") != record.result_id:
        wrong.append("subject_code or result_no: of another record")
    page = {
        "entity": str(columns.get("subject_name") or ""),
        "authority": str(columns.get("authority") or ""),
        "day": str(columns.get("checked_on") or ""),
        "text": str(columns.get("result_text") or ""),
    }
    key = delivery_key(record.site, record.uscc, record.result_id, record.version)
    if FORM_FAULT in columns and record.state is not DisclosureState.DISCLOSED:
        # A stop needs no columns: what must no longer be shown stands in the record itself.
        state, wrong = record.state, []
    state = state or DisclosureState.STOPPED
    item = Item(key, record.uscc, record.result_id, record.version, state.value, sha, page)
    return item, tuple(wrong)


def _receipt(one: Told) -> Receipt:
    return Receipt(
        site=TIANJIN_SUBJECTS.code,
        uscc=one.uscc,
        result_id=one.result_id,
        version=one.version,
        state=DisclosureState(one.state),
        stage=Stage.REJECTED if one.errors else Stage.PROCESSED,
        by="SITE",
        key=one.key,
        body_sha256=one.body_sha256,
        status="rejected" if one.errors else "processed",
        site_receipt_id=one.receipt_id,
        errors=one.errors,
        at=one.at_ms,
    )


def _headers(one: Told) -> list[tuple[str, bytes]]:
    texts = {
        "ce_specversion": "1.0",
        "ce_id": f"{TIANJIN_SUBJECTS.code}:{one.n}",
        "ce_source": TIANJIN_SUBJECTS.code,
        "ce_type": DISCLOSURE_RECEIPT,
        "ce_subject": one.result_id,
        "ce_time": datetime.fromtimestamp(one.at_ms / 1000, UTC).isoformat(),
        "content-type": JSON,
    }
    return [(name, text.encode()) for name, text in texts.items()]
