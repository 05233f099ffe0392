"""What does one event of the decide stage cost, step by step, with nothing around it?

The journal is read once; then everything happens in memory.
"""

from __future__ import annotations

import time
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

BATCH_RECORDS = 2000


class Steps:
    """Seconds of processor spent, step by step."""

    def __init__(self, events: int) -> None:
        self._events = events
        self.spent_s: dict[str, float] = {}

    def timed(self, name: str, work: Callable[[], Any]) -> Any:
        """Do it and note how long it took."""
        began = time.process_time()
        value = work()
        self.spent_s[name] = time.process_time() - began
        return value

    def us(self) -> dict[str, float]:
        """Microseconds an event."""
        return {name: spent / self._events * 1e6 for name, spent in self.spent_s.items()}


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
    steps = Steps(len(records))
    events = steps.timed("decode", lambda: [read_event(record) for record in records])
    for event in events:
        await policies.get(event.record.policy_version)
    states: dict[str, SubjectState] = {}
    answers = steps.timed("fold", lambda: _fold(events, states, policies, mint))
    steps.spent_s["fold"] -= mint.code_s + mint.qr_s
    steps.spent_s["code (HMAC)"] = mint.code_s
    steps.spent_s["QR signature (Ed25519)"] = mint.qr_s
    steps.timed("facts to bytes", lambda: [encode_decided(decided) for decided, _ in answers])
    steps.timed("answers, views and states to bytes", lambda: _gather(answers))
    steps.spent_s["answers, views and states to bytes"] -= steps.spent_s["facts to bytes"]
    tell({"events": len(records), "codes": mint.codes, "us": steps.us()})


def _fold(events: Sequence[Any], states: dict[str, SubjectState], policies: Any, mint: Any) -> Any:
    answers = []
    for event in events:
        policy = policies.known(event.record.policy_version)
        after, decided = answer(states.get(event.key, EMPTY), event, policy, mint)
        states[event.key] = after
        answers.append((decided, after))
    return answers


def _gather(answers: Sequence[Any]) -> None:
    for first in range(0, len(answers), BATCH_RECORDS):
        changes = Changes(0)
        for decided, after in answers[first : first + BATCH_RECORDS]:
            changes.decide(decided, after)
        stored = dict.fromkeys(changes.missing(), b"{}")
        outbox = changes.publications(stored)
        changes.view_batch(0, 0, outbox, 0)


if __name__ == "__main__":
    JOB = read_job()
    run(main(JOB), JOB)
