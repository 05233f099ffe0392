"""The small fold as the hub runs a stage.

State and position in one Redis script, then published.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import redis.asyncio as aioredis

from benchmarks.contenders.small_fold import (
    SINK,
    SOURCE,
    State,
    answer,
    decide,
    dumps,
    loads,
    new_state,
)
from connectors.publisher import KafkaPublisher, OutRecord

STATES_CACHED_MAX = 200_000

_APPLY = """
local at = redis.call('GET', KEYS[2]) or ''
if at ~= ARGV[1] then return redis.error_reply('MOVED ' .. at .. ' expected ' .. ARGV[1]) end
for i = 3, #ARGV, 4000 do
  redis.call('HSET', KEYS[1], unpack(ARGV, i, math.min(i + 3999, #ARGV)))
end
redis.call('SET', KEYS[2], ARGV[2])
return 1
"""


class SmallHandler:
    """Durable as the hub's own stages are (fits streams.lanes.BatchHandler)."""

    eager = False

    def __init__(self, client: aioredis.Redis, publisher: KafkaPublisher, group: str) -> None:
        self._redis = client
        self._publisher = publisher
        self._group = group
        self._apply = client.register_script(_APPLY)
        self._at: dict[int, str] = {}
        self._states: dict[int, OrderedDict[str, State]] = {}

    async def open(self, tp: Any, committed: int | None) -> int | None:
        """Where Redis says."""
        found = await self._redis.get(self._keys(tp.partition)[1])
        self._at[tp.partition] = str(int(found)) if found else ""
        self._states[tp.partition] = OrderedDict()
        return int(found) if found else None

    async def close(self, tp: Any) -> None:
        """Forget the partition."""
        self._at.pop(tp.partition, None)
        self._states.pop(tp.partition, None)

    async def handle(self, tp: Any, records: Sequence[Any]) -> None:
        """Fold, write, publish; on return all of it is durable."""
        partition = tp.partition
        events = [loads(record.value) for record in records]
        states = await self._fetch(partition, {event["uscc"] for event in events})
        outs, changed = [], {}
        for record, event in zip(records, events, strict=True):
            state = states[event["uscc"]]
            before = len(state[1])
            decided = decide(state, event)
            if len(state[1]) != before:
                changed[event["uscc"]] = state
            value = dumps(answer(event, decided))
            outs.append(OutRecord(SINK, partition, record.key, value))
        following = str(records[-1].offset + 1)
        args: list[Any] = [self._at[partition], following]
        for uscc, state in changed.items():
            args += (uscc, dumps(state))
        await self._apply(keys=self._keys(partition), args=args)
        self._at[partition] = following
        await self._publisher.publish(outs)

    async def _fetch(self, partition: int, usccs: set[str]) -> OrderedDict[str, State]:
        states = self._states[partition]
        missing = [uscc for uscc in usccs if uscc not in states]
        if missing:
            found = await self._redis.hmget(self._keys(partition)[0], missing)
            for uscc, value in zip(missing, found, strict=True):
                states[uscc] = loads(value) if value else new_state()
        for uscc in usccs:
            states.move_to_end(uscc)
        while len(states) > STATES_CACHED_MAX:
            states.popitem(last=False)
        return states

    def _keys(self, partition: int) -> list[str]:
        there = f"{self._group}:{SOURCE}:{partition}"
        return [f"state:{{{there}}}", f"position:{{{there}}}"]
