"""What does the watch see? Values that it measures, and that every screen shows.

`hub watch` makes them, `hub status` and the dashboard read them. Instants are Unix milliseconds, 0
for never; rates are per second. What a verdict means: docs/watching.md.
"""

from __future__ import annotations

import msgspec

from schemas.verdicts import CRITICAL as CRITICAL  # whoever shows a picture finds all of it here
from schemas.verdicts import Stage as Stage
from schemas.verdicts import Verdict as Verdict
from schemas.verdicts import level as level
from schemas.verdicts import worst as worst
from schemas.watch_departments import Departments as Departments
from schemas.watch_departments import DepartmentView as DepartmentView
from schemas.watch_departments import QualityNote as QualityNote
from schemas.watch_departments import decode_departments as decode_departments
from schemas.watch_departments import encode_departments as encode_departments

LISTED_MAX = 200
"""So many partitions are listed in a picture, the worst first."""


class PartitionView(msgspec.Struct, frozen=True, kw_only=True):
    """How far one group is in one partition.

    Attributes:
        site: of deliver, whose feed it is; else empty.
        committed: None: the group never committed there, and its lag counts from the oldest record.
        oldest_ms: when the oldest record that was not processed was appended; 0: there is none.
        members: whether a running process owns it; None: the broker cannot say.
        expires_ms: from when on that record may be deleted unread; 0: never, or not known.
        lost: records that were deleted before the group came to them.
    """

    stage: Stage
    site: str = ""
    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int
    verdict: Verdict
    oldest_ms: int = 0
    members: bool | None = None
    expires_ms: int = 0
    lost: int = 0


class StageView(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the wall screen.

    Attributes:
        site: of deliver and prove, at which publicity system; else empty.
        lag: records, of deliver and prove deliveries, that are not processed yet.
        partitions: how many are read; `behind` of them have lag.
        oldest_ms: since when the oldest of them waits; 0: nothing waits.
        drain_per_s: how many are worked off a second while something waits; None: not known.
        need_per_s: the lowest rate that meets every deadline; None: no deadline, or no rate does.
        headroom: how many times the needed rate there is.
        will_miss: how many deadlines will be missed at this rate; None: not known.
        overdue: how many are missed already.
        next_due_ms: the first deadline among them.
        latest_ms: the last moment to begin at without a miss.
        expires_ms: from when on some record that waits may be deleted unread, if something has
            waited for longer than a look; 0: never, or not known.
        lost: records that were deleted unread, until the reader has passed the gap.
        detail: what to know beside the verdict, in a few words.
    """

    stage: Stage
    site: str = ""
    verdict: Verdict
    lag: int = 0
    partitions: int = 0
    behind: int = 0
    oldest_ms: int = 0
    drain_per_s: float | None = None
    need_per_s: float | None = None
    headroom: float | None = None
    will_miss: int | None = None
    overdue: int = 0
    next_due_ms: int = 0
    latest_ms: int = 0
    expires_ms: int = 0
    lost: int = 0
    detail: str = ""

    @property
    def weighs(self) -> Verdict:
        """As what it counts in the whole: figures that stand still are no emergency, but a fault.

        No deadline hangs on them and nothing is lost; they are made level again from the logs.
        """
        if self.stage is Stage.COUNT and level(self.verdict) > 1:
            return Verdict.WARN
        return self.verdict


class DueBucket(msgspec.Struct, frozen=True, kw_only=True):
    """So many deliveries are owed by the end of a day."""

    due_ms: int
    count: int


class SiteView(msgspec.Struct, frozen=True, kw_only=True):
    """A publicity system: what is owed there by when, and what becomes of it.

    Attributes:
        buckets: the backlog of stops as a histogram, by due moment.
        lanes: how many entries of its ledger wait for what (`stop`, `disclose`, `prove` …).
        breaker: CLOSED, OPEN or HALF_OPEN; `breaker_since_ms` since when.
        paused_why: empty: it is not paused.
        behind: records of its feed that its ledger has not taken in; None: it has no ledger.
        compared_ms: when all of its public list was last held against its ledger; 0: never.
        differing: how many results it shows otherwise than its ledger says, as far as is known.
    """

    site: str
    buckets: tuple[DueBucket, ...] = ()
    lanes: dict[str, int] = {}
    breaker: str = "CLOSED"
    breaker_since_ms: int = 0
    paused_why: str = ""
    paused_by: str = ""
    paused_since_ms: int = 0
    behind: int | None = None
    compared_ms: int = 0
    differing: int = 0


class CanaryView(msgspec.Struct, frozen=True, kw_only=True):
    """How the last probe went.

    Attributes:
        sent_ms: when it was sent.
        intake_ms: from sent to the journal, in milliseconds; None: it never came there.
        decide_ms: from the journal to `insp.decided`.
        answer_ms: from there to the answer on the department's topic.
        total_ms: all of it; None: no answer came.
        decision: what was answered.
        fault: why it failed; empty: it did not.
        failed: how many failed in a row.
        clock_ms: how far the broker's clock is ahead of the watch's, the way there included.
    """

    verdict: Verdict
    task_id: str
    sent_ms: int
    intake_ms: int | None = None
    decide_ms: int | None = None
    answer_ms: int | None = None
    total_ms: int | None = None
    decision: str = ""
    fault: str = ""
    failed: int = 0
    clock_ms: int | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that the watch knew at a moment.

    Attributes:
        every_s: how often it looks; three times that without a new picture, and nobody watches.
        faults: what could not be measured, and why.
        partitions: those that have lag or are not OK, the worst first, at most `LISTED_MAX`.
        calendar_ends: the last day that a calendar covers, if that is soon.
    """

    at_ms: int
    every_s: float
    broker: str
    verdict: Verdict
    stages: tuple[StageView, ...] = ()
    partitions: tuple[PartitionView, ...] = ()
    sites: tuple[SiteView, ...] = ()
    canary: CanaryView | None = None
    dead_letters: dict[str, int] = {}
    calendar_ends: str | None = None
    faults: tuple[str, ...] = ()

    def stale(self, now_ms: int) -> bool:
        """Whether it is too old to be believed: the watch itself has stopped."""
        return now_ms - self.at_ms > STALE_AFTER * self.every_s * 1000


STALE_AFTER = 3


encode_snapshot = msgspec.json.Encoder().encode
decode_snapshot = msgspec.json.Decoder(Snapshot).decode
