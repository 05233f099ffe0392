"""How is one batch brought to a system? Whoever may have it already is asked about it first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from schemas.delivery import Accepted, Delivery, Refused, Standing, Unavailable
from streams.ports import PublicitySystem
from streams.rules.delivery.attempts import Attempt
from streams.rules.delivery.ledger import Entry

log = structlog.get_logger()

CALL_S_MAX = 60.0
"""Connectors give up after 10 s; this is for one that does not."""
FORM_FAILED = "form failed"
WRONG_COUNT = Unavailable("the connector did not answer for each delivery")
NO_ANSWER = Unavailable(f"no answer within {CALL_S_MAX:g} s")

Answer = Accepted | Refused | Unavailable | Standing


@dataclass(slots=True)
class Job:
    """One entry on its way to the system.

    Attributes:
        attempt: as it was written before the call.
        fence: whose attempt it is.
        ask: whether the system must be asked before anything is sent.
        asked_ms: when it told us how the result stands there; 0 for not this time.
    """

    entry: Entry
    attempt: Attempt
    lane: str
    fence: str
    ask: bool
    delivery: Delivery
    asked_ms: int = 0

    @property
    def name(self) -> str:
        """What the entry is known by."""
        return self.entry.name


async def exchange(
    system: PublicitySystem, jobs: Sequence[Job], clock: Callable[[], int]
) -> list[tuple[Job, Answer]]:
    """Bring these to the system; one answer each. Standing: the system has it already."""
    # Without columns there is nothing to send, now or later: an operator must see to it.
    answers: list[tuple[Job, Answer]] = [
        (job, Refused(FORM_FAILED, (job.entry.fault,))) for job in jobs if job.entry.fault
    ]
    whole = [job for job in jobs if not job.entry.fault]
    todo = [job for job in whole if not job.ask]
    doubtful = [job for job in whole if job.ask]
    if doubtful:
        for job, told in zip(doubtful, await _ask(system, doubtful), strict=True):
            settled = _settled(job, told)
            if not isinstance(told, Unavailable):
                job.asked_ms = clock()
            if settled is None:
                todo.append(job)
            else:
                answers.append((job, settled))
    if todo:
        answers += zip(todo, await _send(system, todo), strict=True)
    return answers


def _settled(job: Job, told: Standing | Unavailable | None) -> Standing | Unavailable | None:
    """What is known without sending; None: it has to be sent.

    Source: docs/delivery.md (the system already stands at this version: a receipt, not a send).
    """
    if told is None or isinstance(told, Unavailable):
        return told
    if (told.version, told.state) == (job.entry.version, job.entry.state):
        return told
    if told.version < job.entry.version:
        return None
    log.error(
        "the system says it stands where we never told it to", site=job.delivery.key,
        result_id=job.entry.result_id, version=told.version, ours=job.entry.version,
    )  # fmt: skip
    return Unavailable(f"stands at version {told.version} {told.state}")


async def _ask(
    system: PublicitySystem, jobs: Sequence[Job]
) -> Sequence[Standing | Unavailable | None]:
    try:
        async with asyncio.timeout(CALL_S_MAX):
            told = await system.ask([job.delivery for job in jobs])
    except TimeoutError:
        return [NO_ANSWER] * len(jobs)
    return told if len(told) == len(jobs) else [WRONG_COUNT] * len(jobs)


async def _send(
    system: PublicitySystem, jobs: Sequence[Job]
) -> Sequence[Accepted | Refused | Unavailable]:
    try:
        async with asyncio.timeout(CALL_S_MAX):
            sent = await system.send([job.delivery for job in jobs])
    except TimeoutError:
        return [NO_ANSWER] * len(jobs)
    return sent if len(sent) == len(jobs) else [WRONG_COUNT] * len(jobs)
