"""An enterprise's history, folded by the real rules, as it would lie on the broker and in Redis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis
from builders import DEPT, Hub, a_cap, a_policy
from console_fakes import write

from connectors.keys import create_demo_keys, open_key_ring
from connectors.partitioner import partition_of
from connectors.redis_view import key as view_key
from schemas.codec import AVRO, encode_journal
from schemas.enums import Standing
from schemas.facts import ConflictFact, DecidedFact
from schemas.identity import check_character
from schemas.topics import DECIDED, JOURNAL
from streams.answer import encode_decided
from streams.mint import KeyMint

PARTITIONS = 4
FIRST_OFFSET = 100
"""Where the builder begins to count."""
POLICY = a_policy(a_cap(2, id="TJ-TEST"))


def a_code_in(partition: int) -> str:
    """A valid credit code whose log is this partition."""
    for number in range(1000):
        first = f"91120116MA{number:07}"
        code = first + check_character(first)
        if partition_of(code, PARTITIONS) == partition:
            return code
    raise AssertionError(f"no code for partition {partition}")


USCC = a_code_in(0)


def a_history(keys: Path) -> Hub:
    """Two codes issued, one of them used and one cancelled; a third task; class and whitelist."""
    create_demo_keys(keys, years=[2026])
    ring = open_key_ring(keys)
    hub = Hub(
        policy=POLICY, uscc=USCC, mint=KeyMint(ring.year_key, ring.signer(), "https://h.example")
    )
    hub.submit("T-1")
    hub.submit("T-2", planned_on="2026-03-17")
    hub.submit("T-3", planned_on="2026-03-18")
    hub.enter("T-1")
    hub.complete("T-1")
    hub.cancel("T-2")
    hub.classify("A")
    hub.whitelist(until="2026-12-31")
    hub.submit("T-4", findings={"dept_standing": Standing.NOT_LISTED}, officers=[])
    hub.choose("CONTINUE", "T-3")
    return hub


@dataclass
class World:
    """Where the history lies."""

    hub: Hub
    keys: Path
    bootstrap: str
    redis_url: str

    def code_of(self, task_id: str) -> str:
        return next(
            fact.decision.code
            for facts in self.hub.answers
            for fact in facts
            if isinstance(fact, DecidedFact) and fact.decision.task_id == task_id
        )


def lay_down(world: World, *, alter: Callable[[list[dict]], None] = lambda _: None) -> World:
    """Write the history to journal, decided log and Redis, among others' records."""
    hub = world.hub
    other = {"key": b"91110000600037341L-x", "value": b"\x00other", "partition": 0}
    own = {"key": USCC.encode(), "partition": 0}
    headers = [("content-type", AVRO.encode())]
    journal = [
        {**own, "value": encode_journal(event.record), "headers": headers} for event in hub.events
    ]
    decided = [{**own, "value": encode_decided(hub.decided(n))} for n in range(len(hub.events))]
    alter(decided)
    write(world.bootstrap, JOURNAL, [other] * FIRST_OFFSET + journal)
    write(world.bootstrap, DECIDED, [other, *decided])
    with redis.Redis.from_url(world.redis_url) as client:
        for facts in hub.answers:
            for fact in facts:
                if isinstance(fact, DecidedFact) and not isinstance(fact, ConflictFact):
                    _show(client, fact.decision)
    return world


def _show(client: redis.Redis, made) -> None:
    name = f"{made.uscc}\x1f{made.task_id}"
    client.hset(view_key(0, "task"), name, made.__pydantic_serializer__.to_json(made))
    if made.code:
        client.hset(view_key(0, "code"), made.code, name)


__all__ = ["DEPT", "FIRST_OFFSET", "POLICY", "USCC", "World", "a_history", "lay_down"]
