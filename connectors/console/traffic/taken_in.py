"""Has intake taken in what was sent? Its committed position tells: it covers what is durable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from connectors.console.context import CommandError, Exit
from connectors.kafka_admin import KafkaAdmin, Position
from schemas.access import DECIDE_GROUP, INTAKE_GROUP
from schemas.topics import JOURNAL, in_topic

POLL_S = 0.1

Heard = Callable[[int], None]


class Intake:
    """Waits for the hub's stages to get to where the logs end now."""

    def __init__(self, admin: KafkaAdmin, *, patience_s: float) -> None:
        """Watch with an open connection; give up when nothing moved for `patience_s` seconds."""
        self._admin = admin
        self._patience_s = patience_s

    def wait(self, depts: Iterable[str], heard: Heard = lambda _: None) -> None:
        """Return when everything on these departments' topics was taken in.

        Args:
            depts: Registry codes; `REGISTRY` for the administrators.
            heard: Hears how many records are still to be taken in.

        Raises:
            CommandError: intake does not get on.
        """
        self._wait(INTAKE_GROUP, [in_topic(dept) for dept in depts], heard)

    def wait_decided(self) -> None:
        """Return when everything in the journal was decided.

        Raises:
            CommandError: decide does not get on.
        """
        self._wait(DECIDE_GROUP, [JOURNAL], lambda _: None)

    def _wait(self, group: str, topics: Iterable[str], heard: Heard) -> None:
        counts = self._admin.partition_counts()
        there: list[Position] = [
            (name, number) for name in topics for number in range(counts.get(name, 0))
        ]
        ends = {at: end for at, end in self._admin.end_offsets(there).items() if end}
        behind, deadline = -1, 0.0
        while True:
            committed = self._admin.committed(group)
            left = sum(max(0, end - committed.get(at, 0)) for at, end in ends.items())
            if not left:
                return
            heard(left)
            if left != behind:
                behind, deadline = left, time.monotonic() + self._patience_s
            if time.monotonic() >= deadline:
                raise self._stuck(group, left, not any(at in committed for at in ends))
            time.sleep(POLL_S)

    def _stuck(self, group: str, left: int, never_committed: bool) -> CommandError:  # noqa: FBT001 - one private call
        stage = "intake" if group == INTAKE_GROUP else "decide"
        seems = (
            f"{stage} does not seem to run"
            if never_committed
            else f"{stage} has stopped getting on"
        )
        return CommandError(
            f"{seems}: the group {group} left {left:,} records untouched for "
            f"{self._patience_s:g} s. Start it with `hub up` or `hub worker {stage}`, then do this "
            "again: what is there already is recognised (--wait-s gives it more time)",
            Exit.UNREACHABLE,
        )
