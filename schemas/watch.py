"""What does the watch see? Values that it measures, and that every screen shows.

`hub watch` makes them, `hub status` and the dashboard read them. Instants are Unix milliseconds, 0
for never; rates are per second. What a verdict means: docs/watching.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

LISTED_MAX = 200
"""So many partitions are listed in a picture, the worst first."""


class Verdict(StrEnum):
    """How a stage, a partition or a department is; the worst first, so order is meaning."""

    NO_DATA = "NO_DATA"
    DOOMED = "DOOMED"
    STOP = "STOP"
    REWIND = "REWIND"
    STALL = "STALL"
    PAUSED_BY_BREAKER = "PAUSED_BY_BREAKER"
    PAUSED_BY_OPERATOR = "PAUSED_BY_OPERATOR"
    AT_RISK = "AT_RISK"
    WARN = "WARN"
    SILENT = "SILENT"
    OK = "OK"


CRITICAL = frozenset(
    {
        Verdict.NO_DATA,
        Verdict.DOOMED,
        Verdict.STOP,
        Verdict.REWIND,
        Verdict.STALL,
        Verdict.PAUSED_BY_BREAKER,
    }
)
"""Somebody must act now."""
_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some; OK of none."""
    return min(verdicts, key=_RANK.__getitem__, default=Verdict.OK)


def level(verdict: Verdict) -> int:
    """0: all is well, 1: look at it today, 2: act now. What `hub status` ends with."""
    if verdict is Verdict.OK:
        return 0
    return 2 if verdict in CRITICAL else 1


class Stage(StrEnum):
    """The parts of the journey that are watched, in its order."""

    INTAKE = "intake"
    DECIDE = "decide"
    DELIVER = "deliver"
    PROVE = "prove"


class PartitionView(msgspec.Struct, frozen=True, kw_only=True):
    """How far one group is in one partition.

    Attributes:
        site: of deliver, whose feed it is; else empty.
        committed: None: the group never committed there, and its lag counts from the oldest record.
        oldest_ms: when the oldest record that was not processed was appended; 0: there is none.
        members: whether a running process owns it; None: the broker cannot say.
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
    detail: str = ""


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


class DepartmentView(msgspec.Struct, frozen=True, kw_only=True):
    """What one department publishes, and how well. Counts are of the last seven days.

    Attributes:
        notes: what is wrong, in words of `QualityNote`.
        last_ms: when its last event came.
        expected_by_ms: by when the next one must come, by its own rhythm; 0: it has none yet.
        usual_per_day: events a working day, as usual; None: not known.
        top_reason: why most of what was refused was.
        answered: how many answers were looked at; `duplicates` of them said the same again.
        skew_ms: how far its clock is ahead of the broker's (behind: below 0), at its last event.
        schema: the schema version of its last Avro event, as `type v1`; empty: it sends JSON.
        quota_used: the busiest poll of today as a share of the events a second it may send.
        credentials_until: the day on which its last way in expires; None: not known.
    """

    dept: str
    verdict: Verdict
    notes: tuple[str, ...] = ()
    last_ms: int = 0
    expected_by_ms: int = 0
    today: int = 0
    usual_per_day: float | None = None
    events: int = 0
    refused: int = 0
    top_reason: str = ""
    answered: int = 0
    duplicates: int = 0
    skew_ms: int | None = None
    schema: str = ""
    schema_behind: bool = False
    quota_used: float = 0.0
    credentials_until: str | None = None


class QualityNote(StrEnum):
    """What is wrong with what a department publishes."""

    SILENT = "SILENT"
    REFUSED = "REFUSED"
    DUPLICATES = "DUPLICATES"
    CLOCK = "CLOCK"
    SCHEMA_BEHIND = "SCHEMA_BEHIND"
    QUOTA = "QUOTA"
    CREDENTIALS = "CREDENTIALS"


class Departments(msgspec.Struct, frozen=True, kw_only=True):
    """All departments at a moment; looked at less often than the stages."""

    at_ms: int
    departments: tuple[DepartmentView, ...] = ()


encode_snapshot = msgspec.json.Encoder().encode
decode_snapshot = msgspec.json.Decoder(Snapshot).decode
encode_departments = msgspec.json.Encoder().encode
decode_departments = msgspec.json.Decoder(Departments).decode
