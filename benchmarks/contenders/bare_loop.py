"""What does a stage cost without Faust? The same handler on a plain aiokafka loop, with lanes.

It commits only what is durable, as the engine does, but knows no rebalance, no guard and no fence.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition

COMMIT_INTERVAL_S = 0.5
BATCH_RECORDS_MAX = 4000
FETCH_BYTES_MAX = 2 << 20
EXIT_UNEXPECTED = 70


async def drive(bootstrap: str, group: str, topics: Sequence[str], handler: Any) -> NoReturn:
    """Feed the handler for ever; end the process at the first failure."""
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=BATCH_RECORDS_MAX,
        max_partition_fetch_bytes=FETCH_BYTES_MAX,
    )
    await consumer.start()
    lanes: dict[TopicPartition, asyncio.Queue[Any]] = {}
    running = []
    durable: dict[TopicPartition, int] = {}
    committed_at = time.monotonic()
    while True:
        for tp, records in (await consumer.getmany(timeout_ms=1000)).items():
            if tp not in lanes:
                lanes[tp] = asyncio.Queue(1)
                running.append(asyncio.create_task(_lane(tp, lanes[tp], handler, durable)))
            await lanes[tp].put(records)
        if durable and time.monotonic() - committed_at > COMMIT_INTERVAL_S:
            now = dict(durable)
            durable.clear()
            await consumer.commit(now)
            committed_at = time.monotonic()


async def _lane(
    tp: TopicPartition, inbox: asyncio.Queue[Any], handler: Any, durable: dict[TopicPartition, int]
) -> None:
    try:
        await handler.open(tp, None)
        while True:
            records = await inbox.get()
            await handler.handle(tp, records)
            durable[tp] = records[-1].offset + 1
    except Exception:  # noqa: BLE001 - nothing may be acknowledged any more
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(EXIT_UNEXPECTED)
