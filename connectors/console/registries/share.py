"""How does a bulk update leave room for decisions? It waits while too much lies before them.

What is decided waits behind what was sent before it on the same partition, so the backlog that a
bulk update may build is what it adds to a decision's time. Its own speed follows from that.
"""

from __future__ import annotations

import time

from connectors.console.context import CommandError, Exit
from connectors.console.traffic.event_lines import Posting
from connectors.console.traffic.sender import Sender
from connectors.kafka_admin import KafkaAdmin, Position
from schemas.access import DECIDE_GROUP, INTAKE_GROUP
from schemas.topics import JOURNAL, in_topic

_LOOK_EVERY_S = 0.02
_BEHIND_FIRST, _BEHIND_LEAST = 250, 50
_BACKLOG_S = 2.0
"""What may wait is what the hub works off in so long. Two stages commit each half second, so with
less of a backlog the sender would only wait for their commits."""
_LEARN_EVERY_S = 3.0


class SharingSender(Sender):
    """A sender that lets at most so many records lie before intake and decide together.

    And fewer where the hub is slow: 2,000 records are a second of one machine, five of another.
    """

    def __init__(
        self,
        bootstrap: str,
        admin: KafkaAdmin,
        dept: str,
        *,
        behind_max: int,
        patience_s: float,
        rate_per_s: float | None = None,
    ) -> None:
        """Send for one department.

        Args:
            bootstrap: The broker's address.
            admin: An open connection for looking at positions.
            dept: On whose topic the records are put.
            behind_max: At most so many records not decided yet, whoever sent them. Begins with
                few, and learns how many the hub works off in two seconds.
            patience_s: Give up when nothing moves for so long.
            rate_per_s: At most so many records a second; None: as fast as the hub follows.
        """
        super().__init__(bootstrap, rate_per_s=rate_per_s)
        self._admin, self._dept = admin, dept
        self._behind_max = behind_max
        self._patience_s = patience_s
        self._room = 0
        self._bound = min(behind_max, _BEHIND_FIRST)
        self._worked_off, self._learned_s = 0, time.monotonic()

    def send(self, posting: Posting) -> None:
        """Hand one record over, once there is room for it.

        Raises:
            LineFault: it is larger than the topic takes.
            CommandError: earlier ones could not be delivered, or the hub stands still.
        """
        if not self._room:
            self._room = self._wait_for_room()
        super().send(posting)
        self._room -= 1

    def _wait_for_room(self) -> int:
        """How many may be sent before the next look."""
        if self.sent:
            self.flush()
        behind, deadline = -1, 0.0
        while True:
            now_behind = self._behind()
            if now_behind <= self._bound // 2:
                self._learn(now_behind)
                return max(1, self._bound - now_behind)
            if now_behind != behind:
                behind, deadline = now_behind, time.monotonic() + self._patience_s
            if time.monotonic() >= deadline:
                raise CommandError(
                    f"{behind:,} records wait to be taken in and decided, and nothing has moved "
                    f"for {self._patience_s:g} s. Start the hub (`hub up`), then import the file "
                    "again: what is there already changes nothing",
                    Exit.UNREACHABLE,
                )
            time.sleep(_LOOK_EVERY_S)

    def _learn(self, behind: int) -> None:
        """Set how many may wait by how fast the hub worked off what was sent."""
        worked_off, now_s = self.sent - behind, time.monotonic()
        if now_s - self._learned_s >= _LEARN_EVERY_S:
            rate = (worked_off - self._worked_off) / (now_s - self._learned_s)
            fits = min(max(int(rate * _BACKLOG_S), _BEHIND_LEAST), 2 * self._bound)
            self._bound = min(fits, self._behind_max)
            self._worked_off, self._learned_s = worked_off, now_s

    def _behind(self) -> int:
        return self._lag(INTAKE_GROUP, in_topic(self._dept)) + self._lag(DECIDE_GROUP, JOURNAL)

    def _lag(self, group: str, topic: str) -> int:
        count = self._admin.partition_counts().get(topic, 0)
        there: list[Position] = [(topic, number) for number in range(count)]
        committed = self._admin.committed(group)
        ends = self._admin.end_offsets(there)
        return sum(max(0, end - committed.get(at, 0)) for at, end in ends.items())
