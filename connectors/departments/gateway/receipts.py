"""Which events were taken in over HTTP, and with which receipt? Idempotent over restarts.

One string a (source, id) in Redis, written before the event is produced and marked after it:

    insp:gateway:{DEPT}:event:RECEIPT    the claim: digest, when, type, key, task, is it stored

A crash between the two leaves a claim that is not marked: the same event sent again is produced
again under the same receipt, and the fold knows the repeat. The receipt is a function of source and
id, so even a wiped Redis gives the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec
import redis.asyncio as aioredis

from connectors.departments.gateway.gather import Gatherer
from schemas.desk import Admitted

RECEIPT_LENGTH = 32


class Claim(msgspec.Struct, frozen=True, rename={"task_digest": "content"}):
    """What is remembered of an event taken in.

    Attributes:
        at_ms: when it was first taken in, Unix milliseconds.
        stored: whether the broker has it for sure.
    """

    event_id: str
    digest: str
    at_ms: int
    type: str
    key: str | None
    task_id: str | None
    task_digest: str
    stored: bool = False


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Claim).decode


def receipt_id(source: str, event_id: str) -> str:
    """The receipt of an event: the same for ever."""
    return sha256(f"{source}\x1f{event_id}".encode()).hexdigest()[:RECEIPT_LENGTH]


def claim_of(admitted: Admitted, at_ms: int) -> Claim:
    """The claim on an event that is about to be produced."""
    return Claim(
        event_id=admitted.event_id,
        digest=admitted.digest,
        at_ms=at_ms,
        type=admitted.type,
        key=admitted.key,
        task_id=admitted.task_id,
        task_digest=admitted.task_digest,
    )


class Receipts:
    """The claims of all departments. Any failure of Redis is raised as redis-py's own."""

    def __init__(self, client: aioredis.Redis, kept_s: int) -> None:
        """Prepare.

        Args:
            client: Redis.
            kept_s: For how long a repeated event is known, in seconds.
        """
        self._redis = client
        self._kept_s = kept_s
        self._claims: Gatherer[tuple[str, Claim], Claim] = Gatherer(self._carry_claims)
        self._marks: Gatherer[tuple[str, Claim], None] = Gatherer(self._carry_marks)

    async def claim(self, dept: str, receipt: str, claim: Claim) -> Claim:
        """Claim an event; returns the first claim on it, which is this one or an earlier one."""
        return await self._claims.ask((_key(dept, receipt), claim))

    async def mark_stored(self, dept: str, receipt: str, claim: Claim) -> None:
        """Remember that the broker has the event."""
        await self._marks.ask((_key(dept, receipt), msgspec.structs.replace(claim, stored=True)))

    async def find(self, dept: str, receipt: str) -> Claim | None:
        """What is remembered under a department's receipt; another department's is not found."""
        found = await self._redis.get(_key(dept, receipt))
        return None if found is None else _decode(found)

    async def _carry_claims(self, asked: Sequence[tuple[str, Claim]]) -> Sequence[Claim]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for key, claim in asked:
                pipe.set(key, _encode(claim), nx=True, ex=self._kept_s)
                pipe.get(key)
            answers = await pipe.execute()
        return [
            # It may have run out between the two commands: then the event is new.
            claim if found is None else _decode(found)
            for (_, claim), found in zip(asked, answers[1::2], strict=True)
        ]

    async def _carry_marks(self, asked: Sequence[tuple[str, Claim]]) -> Sequence[None]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for key, claim in asked:
                pipe.set(key, _encode(claim), ex=self._kept_s)
            await pipe.execute()
        return [None] * len(asked)


def _key(dept: str, receipt: str) -> str:
    return f"insp:gateway:{{{dept}}}:event:{receipt}"
