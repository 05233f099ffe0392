"""The decide stage's fold on Quix Streams, exactly-once: same rules, same answers.

State and first decisions lie in RocksDB with a changelog; the facts go to `insp.decided`, what the
departments hear to one topic. Views by code and by open day, headers and dead letters are left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

from quixstreams import message_context  # type: ignore[import-not-found] # its own environment

from benchmarks.contenders.parts import ONE_OUT_TOPIC, mint_of, recorded_policies
from benchmarks.contenders.small_quix import Counted, application
from benchmarks.job import Job, read_job
from benchmarks.meter import Meter
from schemas.codec import encode_json
from schemas.topics import DECIDED, JOURNAL
from streams.answer import answer, encode_decided
from streams.decide import read_event
from streams.rules.outward import StoredDecision, outward
from streams.rules.state import EMPTY, decode_state, encode_state
from streams.rules.views import view_ops


class Fetched(NamedTuple):
    """A record as the hub's own functions take it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: Any = ()


def main(job: Job) -> None:
    policies = asyncio.run(recorded_policies(job))
    mint = mint_of(job)
    counted = Counted(Meter(job))

    def fold(value: bytes, key: bytes, timestamp: int, _headers: Any, state: Any) -> Any:
        counted.one()
        at = message_context()
        event = read_event(Fetched(JOURNAL, at.partition, at.offset, timestamp, key, value))
        policy = policies.at_once(event.record.policy_version)
        held = state.get_bytes("state")
        before = EMPTY if held is None else decode_state(held)
        after, decided = answer(before, event, policy, mint)
        state.set_bytes("state", encode_state(after))
        for task_id, made in view_ops(decided, after).decisions:
            state.set_bytes(f"task {task_id}", made)
        return encode_decided(decided), list(_told(decided, after, state))

    app = application(job, "exactly-once")
    frame = app.dataframe(app.topic(JOURNAL, value_deserializer="bytes"))
    frame = frame.apply(fold, stateful=True, metadata=True)
    facts = app.topic(DECIDED, value_serializer="bytes")
    told = app.topic(ONE_OUT_TOPIC, value_serializer="bytes")
    frame.apply(lambda both: both[0]).to_topic(facts)
    frame.apply(lambda both: both[1], expand=True).to_topic(told)
    app.run()


def _told(decided: Any, after: Any, state: Any) -> Iterator[bytes]:
    for message in outward(decided, after):
        if isinstance(message.body, StoredDecision):
            yield state.get_bytes(f"task {message.body.task_id}")
        else:
            yield encode_json(message.body)


if __name__ == "__main__":
    main(read_job())
