"""What does one event of the decide stage cost, step by step, with nothing around it?

The journal is read once; then everything happens in memory, batch by batch as in the stage.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.contenders.parts import mint_of, policies_of, records_of
from benchmarks.job import Job, read_job, run
from benchmarks.meter import tell
from schemas.topics import JOURNAL
from streams.answer import answer, encode_decided
from streams.changes import Changes
from streams.decide import read_event
from streams.rules.state import EMPTY, SubjectState

BATCH_RECORDS = 4000
REST = "answers, views and states to bytes"


class Steps:
    """Seconds of processor spent, step by step."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = defaultdict(float)

    def timed(self, name: str, work: Callable[..., Any], *args: Any) -> Any:
        """Do it and note how long it took."""
        began = time.process_time()
        value = work(*args)
        self.spent_s[name] += time.process_time() - began
        return value

    def us(self, events: int) -> dict[str, float]:
        """Microseconds an event."""
        return {name: spent / events * 1e6 for name, spent in self.spent_s.items()}


class TimedMint:
    """Makes codes as the mint does and notes how long each part took."""

    def __init__(self, mint: Any) -> None:
        self._mint = mint
        self.code_s = self.qr_s = 0.0
        self.codes = 0

    def code(self, *about: Any) -> str:
        """A code."""
        began = time.perf_counter()
        made: str = self._mint.code(*about)
        self.code_s += time.perf_counter() - began
        self.codes += 1
        return made

    def qr_text(self, *about: Any) -> str:
        """The text of a QR picture."""
        began = time.perf_counter()
        made: str = self._mint.qr_text(*about)
        self.qr_s += time.perf_counter() - began
        return made


async def main(job: Job) -> None:
    policies = await policies_of(job)
    mint = TimedMint(mint_of(job))
    records = await records_of(job.bootstrap, JOURNAL)
    for version in {read_event(record).record.policy_version for record in records}:
        await policies.get(version)
    steps = Steps()
    states: dict[str, SubjectState] = {}
    for first in range(0, len(records), BATCH_RECORDS):
        batch = records[first : first + BATCH_RECORDS]
        events = steps.timed("decode", _decode, batch)
        answers = steps.timed("fold", _fold, events, states, policies, mint)
        steps.timed("facts to bytes", _encode, answers)
        steps.timed(REST, _gather, answers)
    steps.spent_s["fold"] -= mint.code_s + mint.qr_s
    steps.spent_s[REST] -= steps.spent_s["facts to bytes"]
    steps.spent_s["code (HMAC)"] = mint.code_s
    steps.spent_s["QR signature (Ed25519)"] = mint.qr_s
    tell({"events": len(records), "codes": mint.codes, "us": steps.us(len(records))})


def _decode(records: Sequence[Any]) -> list[Any]:
    return [read_event(record) for record in records]


def _encode(answers: Sequence[Any]) -> list[bytes]:
    return [encode_decided(decided) for decided, _ in answers]


def _fold(events: Sequence[Any], states: dict[str, SubjectState], policies: Any, mint: Any) -> Any:
    answers = []
    for event in events:
        policy = policies.known(event.record.policy_version)
        after, decided = answer(states.get(event.key, EMPTY), event, policy, mint)
        states[event.key] = after
        answers.append((decided, after))
    return answers


def _gather(answers: Sequence[Any]) -> None:
    changes = Changes(0)
    for decided, after in answers:
        changes.decide(decided, after)
    outbox = changes.publications(dict.fromkeys(changes.missing(), b"{}"))
    changes.view_batch(0, 0, outbox, 0)


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB), JOB)
