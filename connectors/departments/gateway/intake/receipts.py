"""Which events were taken in over HTTP, and with which receipt? Idempotent over restarts.

One string a (source, id) in Redis, written before the event is produced and marked after it:

    insp:gateway:{DEPT}:event:RECEIPT    the claim: digest, when, type, key, task, is it stored

A crash between the two leaves a claim that is not marked: the same event sent again is produced
again under the same receipt, and the fold knows the repeat. The receipt is a function of source and
id, so even a wiped Redis gives the same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import redis.asyncio as aioredis

from connectors.departments.gateway.intake.scripts import Scripts
from schemas.desk import Admitted

RECEIPT_LENGTH = 32
_LUA = Path(__file__).parents[3] / "lua"
_CLAIM = (_LUA / "gateway_claim.lua").read_text(encoding="utf-8")
_MARK = (_LUA / "gateway_mark.lua").read_text(encoding="utf-8")


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
_replace = msgspec.structs.replace


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


Claimed = tuple[str, Claim]
"""A receipt, and the claim on its event."""


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
        self._scripts = Scripts(client)

    async def claim(self, dept: str, some: Sequence[Claimed]) -> list[Claim]:
        """Claim events; gives the first claim on each, which is this one or an earlier one."""
        found = await self._run(_CLAIM, dept, some)
        # What the script did not find was written by it: this very claim.
        return [
            claim if known is None else _decode(known)
            for (_, claim), known in zip(some, found, strict=True)
        ]

    async def mark_stored(self, dept: str, some: Sequence[Claimed]) -> None:
        """Remember that the broker has these events."""
        stored = [(receipt, _replace(claim, stored=True)) for receipt, claim in some]
        await self._run(_MARK, dept, stored)

    async def find(self, dept: str, receipt: str) -> Claim | None:
        """What is remembered under a department's receipt; another department's is not found."""
        found = await self._redis.get(_key(dept, receipt))
        return None if found is None else _decode(found)

    def _run(self, script: str, dept: str, some: Sequence[Claimed]) -> asyncio.Future[Any]:
        keys = [_key(dept, receipt) for receipt, _ in some]
        return self._scripts.run(
            script, keys, [*(_encode(claim) for _, claim in some), self._kept_s]
        )


def _key(dept: str, receipt: str) -> str:
    return f"insp:gateway:{{{dept}}}:event:{receipt}"
