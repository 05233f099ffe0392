"""How does what was found read as a row of the screen? One a stage, and one a system."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from connectors.watch.sites import SiteFound
from connectors.watch.windows import Tally
from schemas.oversight import Forecast
from schemas.watch import (
    DueBucket,
    PartitionView,
    SiteView,
    Stage,
    StageView,
    Verdict,
)

NO_TOPIC = "its topics are not there: `hub topics apply`"
NO_LEDGER = "no delivery ledger: `hub worker deliver --site {site}`"
NO_PROCESS = "no process reads it"


def flow_row(
    stage: Stage,
    verdict: Verdict,
    tally: Tally,
    parts: Sequence[PartitionView],
    rate: float | None,
) -> StageView:
    """The row of intake or decide; `parts`: those that do not stand still at the head."""
    if not tally.partitions:
        return StageView(stage=stage, verdict=Verdict.NO_DATA, detail=NO_TOPIC)
    lag = sum(one.lag for one in parts)
    return StageView(
        stage=stage,
        verdict=verdict,
        lag=lag,
        partitions=tally.partitions,
        behind=sum(1 for one in parts if one.lag),
        oldest_ms=min((one.oldest_ms for one in parts if one.oldest_ms), default=0),
        drain_per_s=rate,
        expires_ms=min((one.expires_ms for one in parts if one.expires_ms), default=0),
        lost=sum(one.lost for one in parts),
        detail=_trouble(tally, parts),
    )


def site_row(
    one: SiteFound,
    verdict: Verdict,
    told: Forecast,
    rate: float | None,
    feed: Sequence[PartitionView],
    oldest_ms: int,
    *,
    attended: bool,
) -> StageView:
    """The row of the delivery to one system."""
    unknown = rate is None and told.owed > told.overdue
    return StageView(
        stage=Stage.DELIVER,
        site=one.ledger.site,
        verdict=verdict,
        lag=one.waiting + sum(part.lag for part in feed),
        partitions=len(feed),
        behind=sum(1 for part in feed if part.lag),
        oldest_ms=oldest_ms,
        drain_per_s=rate,
        need_per_s=told.required_per_s if told.owed else None,
        headroom=None if rate is None else told.headroom,
        will_miss=None if unknown else told.will_miss,
        overdue=told.overdue,
        next_due_ms=min((due for due, _ in one.owed), default=0),
        latest_ms=0 if rate is None else told.latest_ms or 0,
        detail=_site_detail(one, told, feed, attended=attended),
    )


def proof_row(one: SiteFound, verdict: Verdict) -> StageView:
    """The row of the proof at one system: what it said is done and was not seen so far."""
    late = f"{one.unseen_overdue:,} of them are overdue" if one.unseen_overdue else ""
    known = verdict is not Verdict.NO_DATA
    return StageView(
        stage=Stage.PROVE,
        site=one.ledger.site,
        verdict=verdict,
        lag=one.unseen,
        oldest_ms=one.unseen_ms,
        detail=late if known else NO_LEDGER.format(site=one.ledger.site),
    )


def site_view(one: SiteFound) -> SiteView:
    """A system with its backlog by due moment."""
    ledger, pause = one.ledger, one.ledger.pause or {}
    return SiteView(
        site=ledger.site,
        buckets=tuple(DueBucket(due_ms=due, count=count) for due, count in one.owed),
        lanes=dict(ledger.lanes),
        breaker=ledger.breaker_state,
        breaker_since_ms=int(ledger.breaker["since_ms"]) if ledger.breaker else 0,
        paused_why=str(pause.get("reason", "")),
        paused_by=str(pause.get("who", "")),
        paused_since_ms=int(pause.get("since", 0)),
        behind=None if ledger.feed_next is None else ledger.behind,
        compared_ms=ledger.compared.whole_ms if ledger.compared else 0,
        differing=ledger.compared.known_differing if ledger.compared else 0,
    )


def _trouble(tally: Tally, parts: Sequence[PartitionView]) -> str:
    """Which partitions are not well, in a few words."""
    counts = Counter(one.verdict for one in parts if one.verdict is not Verdict.OK)
    if not counts:
        return "" if tally.attended else NO_PROCESS
    first = min(parts, key=lambda one: list(Verdict).index(one.verdict))
    words = ", ".join(f"{verdict} {count}" for verdict, count in sorted(counts.items()))
    why = f", {NO_PROCESS}" if first.members is False else ""
    lost = sum(one.lost for one in parts)
    gone = f"{lost:,} records were deleted unread, " if lost else ""
    where = f"first {first.topic}/{first.partition}"
    return f"{gone}{words} of {tally.partitions:,} partitions, {where}{why}"


def _site_detail(
    one: SiteFound, told: Forecast, feed: Sequence[PartitionView], *, attended: bool
) -> str:
    ledger, words = one.ledger, []
    if ledger.feed_next is None and ledger.feed_end:
        words.append(NO_LEDGER.format(site=ledger.site))
    if told.overdue:
        words.append(f"{told.overdue:,} overdue")
    if ledger.pause is not None:
        words.append(f"paused by {ledger.pause.get('who')}: {ledger.pause.get('reason')}")
    if ledger.breaker_state != "CLOSED":
        words.append(f"breaker {ledger.breaker_state}")
    if not attended:
        words.append("no process delivers")
    if refused := ledger.lanes.get("rejected", 0):
        words.append(f"{refused:,} refused")
    behind = sum(part.lag for part in feed)
    if behind:
        words.append(f"{behind:,} of its feed unread")
    return "; ".join(words)
