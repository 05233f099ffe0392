"""The client: `publish(event)` keeps and sends, `decisions()` gives what the hub answers.

Both ends are at least once. An event is on disk before it is sent, and is sent until the hub has
it. An answer comes again until the caller has handled it and asked for the next; with `once` an
answer that was handled is not given a second time.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors.departments.sdk.backoff import Backoff
from connectors.departments.sdk.events import Event
from connectors.departments.sdk.outbox import REFUSED, SENT, Entry, Outbox
from connectors.departments.sdk.transport import (
    Answer,
    EventRefused,
    NotNow,
    Receipt,
    Refused,
    Transport,
)

SEND_AT_ONCE = 500
ASK_AT_ONCE = 50
_IDLE_S = 0.5
_DEFAULT_BACKOFF = Backoff()


class HubClient:
    """One department's client; usable with `with`."""

    def __init__(
        self,
        transport: Transport,
        outbox: Path | Outbox,
        *,
        backoff: Backoff = _DEFAULT_BACKOFF,
        clock: Callable[[], float] = time.time,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Prepare.

        Args:
            transport: How the hub is reached.
            outbox: The file in which events wait, or an outbox with limits of your own.
            backoff: How long to wait between two tries.
            clock: What time it is, in seconds.
            draw: A number from 0 to 1, by chance.

        Raises:
            OutboxInUse: another process uses the file.
        """
        self._transport = transport
        self._outbox = outbox if isinstance(outbox, Outbox) else Outbox(outbox, transport.source)
        self._backoff, self._clock, self._draw = backoff, clock, draw
        self._sending = threading.Lock()
        self._over = threading.Event()
        self._more = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def publish(self, event: Event) -> Receipt | None:
        """Keep an event, and send it if it can be sent now.

        Returns:
            The receipt if the hub has it; None if it is kept and will be sent: by `flush`, by
            `decisions`, by the next `publish`, or by the thread that `start` began.

        Raises:
            OutboxFull: too many wait. Nothing was kept.
            OtherContent: its id was used for another event.
            EventRefused: the hub will never take it as it is.
        """
        entry = self._outbox.put(event, self._clock())
        if self._thread is not None:
            self._more.set()
            return _receipt(entry)
        if entry.state not in (SENT, REFUSED):
            self.pump()
            entry = self._outbox.find(event.id) or entry
        if entry.state == REFUSED:
            raise EventRefused(event.id, entry.code or "", entry.error or "")
        return _receipt(entry)

    def pump(self) -> int:
        """Send what is due, once; returns how many events the hub took or refused."""
        done = 0
        with self._sending:
            while entries := self._outbox.due(self._clock(), SEND_AT_ONCE):
                settled = self._send(entries)
                done += settled
                if settled < len(entries):
                    break
        return done

    def flush(self, timeout_s: float) -> bool:
        """Send until nothing waits or time is up; True if nothing waits."""
        deadline = time.monotonic() + timeout_s
        while self._outbox.waiting():
            self.pump()
            due = self._outbox.next_at()
            left = deadline - time.monotonic()
            if due is None or left <= 0:
                break
            self._over.wait(min(left, max(0.0, due - self._clock())))
        return self._outbox.waiting() == 0

    def start(self) -> None:
        """Send in a thread of its own from now on; `publish` then only keeps."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hub outbox", daemon=True)
            self._thread.start()

    def waiting(self) -> int:
        """How many events the hub has not confirmed."""
        return self._outbox.waiting()

    def refused(self) -> list[EventRefused]:
        """What the hub refused; call `forget` for each that was put right."""
        return [
            EventRefused(entry.event.id, entry.code or "", entry.error or "")
            for entry in self._outbox.refused()
        ]

    def forget(self, event_id: str) -> None:
        """A refused event was looked at."""
        self._outbox.forget(event_id)

    def decisions(
        self,
        *,
        once: bool = True,
        wait_s: float = 1.0,
        over: Callable[[], bool] = lambda: False,
    ) -> Iterator[Answer]:
        """What the hub answers, for ever; an answer counts as handled when the next is asked for.

        Args:
            once: Leave out what was handled before, as when the hub repeats a decision, or when
                the program died before its position was kept.
            wait_s: How long to wait for the next at a time.
            over: Asked in between; True ends it.
        """
        while not over():
            if self._thread is None:
                self.pump()
            answers = self._transport.poll(self._undecided(), wait_s)
            if not answers and self._transport.asks_by_receipt:
                self._over.wait(wait_s)
            yield from self._handed_out(answers, once=once)

    def close(self) -> None:
        """Stop sending and end all connections; what waits stays on disk."""
        self._over.set()
        self._more.set()
        if self._thread is not None:
            self._thread.join()
        self._transport.close()
        self._outbox.close()

    def _send(self, entries: list[Entry]) -> int:
        outcomes = self._transport.send([entry.event for entry in entries])
        settled = 0
        with self._outbox.together():
            for entry, outcome in zip(entries, outcomes, strict=True):
                now = self._clock()
                if isinstance(outcome, NotNow):
                    wait_s = self._backoff.wait_s(entry.attempts + 1, self._draw(), outcome.after_s)
                    self._outbox.later(entry, outcome.message, now + wait_s)
                    continue
                settled += 1
                if isinstance(outcome, Refused):
                    self._outbox.refuse(entry, outcome.code, outcome.message, now)
                else:
                    awaits = self._transport.asks_by_receipt
                    self._outbox.sent(entry, outcome.id, now, awaits_decision=awaits)
        return settled

    def _handed_out(self, answers: Sequence[Answer], *, once: bool) -> Iterator[Answer]:
        done: list[Answer] = []
        try:
            for answer in answers:
                if not (once and self._outbox.was_handled(answer.name)):
                    yield answer
                self._outbox.handled(answer.name, answer.task_id)
                done.append(answer)
        finally:
            # Also when the caller leaves in the middle: the one in hand was not handled.
            if done:
                self._transport.handled(done)

    def _undecided(self) -> list[str]:
        if not self._transport.asks_by_receipt:
            return []
        return self._outbox.undecided(ASK_AT_ONCE, self._clock())

    def _run(self) -> None:
        while not self._over.is_set():
            self._more.clear()
            self.pump()
            due = self._outbox.next_at()
            idle = _IDLE_S if due is None else min(_IDLE_S, max(0.0, due - self._clock()))
            self._more.wait(idle)


def _receipt(entry: Entry) -> Receipt | None:
    return Receipt(entry.receipt) if entry.state == SENT and entry.receipt else None
