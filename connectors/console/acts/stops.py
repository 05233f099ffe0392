"""How do results reach the public, and how do they come off again? The demo's second act.

Results of the day are disclosed; then departments approve repairs while one system is down, and at
last it comes back and catches up.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
import redis

from connectors.audit.dump import Dump
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import progress, row, table
from connectors.stand_ins import StandIns
from schemas.feed import DISCLOSURE, DISCLOSURE_RECEIPT, Disclosure, DisclosureState, Receipt, Stage
from schemas.sites import CREDIT_TIANJIN, SITES
from schemas.topics import FEED_PREFIX, RECEIPT_PREFIX, feed_topic, receipt_topic

DOWN = CREDIT_TIANJIN.code
"""The system that is down when the stops come."""

_LATER = ("repair.", "disclosure.", "inspection.result.corrected")
_LANES_OPEN = ("stop", "disclose", "prove")
_LOOK_EVERY_S = 0.2
_PUBLIC = "insp:{{{}}}:public"


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """What one system was brought to. Times in seconds and hours; None if nothing was stopped.

    A stop whose due day was over when the hub heard of it (the department told its approval late)
    is counted apart: the hours left are those of the stops that could be in time.
    """

    site: str
    title: str
    disclosed: int
    stopped: int
    stops_observed: int
    slowest_stop_s: float | None
    came_late: int
    hours_left_least: float | None


class Acts:
    """Follows deliveries until they have come to rest."""

    def __init__(self, hub: Context, systems: StandIns, patience_s: float) -> None:
        """Watch the hub of this context; give up when nothing moves for `patience_s` seconds."""
        self._hub = hub
        self._systems = systems
        self._patience_s = patience_s

    def take_down(self) -> None:
        """One system answers nobody any more."""
        self._systems.fault(DOWN, "out")

    def bring_back(self) -> None:
        """It answers again."""
        self._systems.fault(DOWN, "clear")

    def settle(self, what: str, but: Sequence[str] = ()) -> None:
        """Return when everything on the feeds is seen done at all systems, except at `but`.

        Raises:
            CommandError: nothing moves any more.
        """
        sites = [site for site in SITES if site not in but]
        with self._hub.redis() as client, progress(self._hub.err, what, None) as bar:
            moved, left = time.monotonic(), -1
            while True:
                ends = self._ends(sites)
                now = sum(deliveries_left(client, site, ends[site]) for site in sites)
                if now == 0:
                    return
                if now != left:
                    moved, left = time.monotonic(), now
                    bar.at(0, what=f"{what}: {now} to go")
                if time.monotonic() - moved > self._patience_s:
                    raise CommandError(
                        f"{what}: {now} deliveries do not get on; see `hub sites` and the logs in "
                        f"{self._hub.settings.data_dir / 'logs'}",
                        Exit.UNREACHABLE,
                    )
                time.sleep(_LOOK_EVERY_S)

    def listed(self) -> int:
        """How many results the hub's own public list shows."""
        with self._hub.redis() as client:
            return sum(
                int(client.hlen(_PUBLIC.format(number)))
                for number in range(self._hub.settings.journal_partitions)
            )

    def owed(self) -> dict[str, int]:
        """How many deliveries each system has not confirmed."""
        with self._hub.redis() as client:
            ends = self._ends(SITES)
            return {site: deliveries_left(client, site, ends[site]) for site in SITES}

    def _ends(self, sites: Iterable[str]) -> dict[str, tuple[int, int]]:
        sites = tuple(sites)
        with self._hub.admin() as admin:
            there = [(name(site), 0) for site in sites for name in (feed_topic, receipt_topic)]
            ends = admin.end_offsets(there)
        return {site: (ends[feed_topic(site), 0], ends[receipt_topic(site), 0]) for site in sites}


def deliveries_left(client: redis.Redis, site: str, ends: tuple[int, int]) -> int:
    """Deliveries of one site that are not at rest, and records not yet in its ledger."""
    at: Any = client.hmget(f"insp:{{site:{site}}}:position", ["feed", "receipt"])
    behind = sum(end - int(found or 0) for found, end in zip(at, ends, strict=True))
    waiting = sum(int(client.zcard(f"insp:{{site:{site}}}:{lane}")) for lane in _LANES_OPEN)
    return behind + waiting


def site_figures(dump: Dump) -> list[SiteFigures]:
    """What each system was brought to, from feeds and receipts alone."""
    return [_figures(site, _newest(dump, site), _seen_at(dump, site)) for site in SITES]


def _figures(
    site: str, newest: dict[str, tuple[Disclosure, int]], seen: dict[tuple[str, int], int]
) -> SiteFigures:
    stops = [
        (feed, at, seen.get((result, feed.version)))
        for result, (feed, at) in newest.items()
        if feed.state is not DisclosureState.DISCLOSED
    ]
    took_s = [(done - at) / 1000 for _, at, done in stops if done is not None]
    in_time = [(feed, done) for feed, at, done in stops if _hours_left(feed, at) >= 0]
    left_h = [_hours_left(feed, done) for feed, done in in_time if done is not None]
    return SiteFigures(
        site=site,
        title=SITES[site].title,
        disclosed=len(newest) - len(stops),
        stopped=len(stops),
        stops_observed=len(took_s),
        slowest_stop_s=round(max(took_s), 1) if took_s else None,
        came_late=len(stops) - len(in_time),
        hours_left_least=round(min(left_h), 1) if left_h else None,
    )


def _newest(dump: Dump, site: str) -> dict[str, tuple[Disclosure, int]]:
    """By enterprise and result: its newest version, and when that came on the feed."""
    found: dict[str, tuple[Disclosure, int]] = {}
    for topic, _, records in dump.walk(FEED_PREFIX):
        for record in records:
            if topic != feed_topic(site) or record.header("ce_type") != DISCLOSURE:
                continue
            one = Disclosure.model_validate_json(record.value or b"")
            name = f"{one.uscc} {one.result_id}"
            if name not in found or found[name][0].version < one.version:
                found[name] = one, record.timestamp_ms
    return found


def _seen_at(dump: Dump, site: str) -> dict[tuple[str, int], int]:
    """By enterprise and result, and version: when it was first seen at the system."""
    found: dict[tuple[str, int], int] = {}
    for topic, _, records in dump.walk(RECEIPT_PREFIX):
        for record in records:
            if topic != receipt_topic(site) or record.header("ce_type") != DISCLOSURE_RECEIPT:
                continue
            one = Receipt.model_validate_json(record.value or b"")
            if one.stage is Stage.OBSERVED:
                found.setdefault((f"{one.uscc} {one.result_id}", one.version), record.timestamp_ms)
    return found


def _hours_left(feed: Disclosure, done_ms: int) -> float:
    due = datetime.fromisoformat(feed.due_at or "")
    return due.timestamp() / 3600 - done_ms / 3_600_000


def sites_table(figures: Sequence[SiteFigures]) -> Any:  # noqa: ANN401 - a rich table
    """The figures for people."""
    made = table(
        "publicity system", "#disclosed", "#stopped", "#seen stopped", "#slowest s",
        "#told too late", "#others: least h left",
    )  # fmt: skip
    for one in figures:
        row(
            made, f"{one.title} {one.site}", one.disclosed, one.stopped, one.stops_observed,
            one.slowest_stop_s, one.came_late, one.hours_left_least,
        )  # fmt: skip
    return made


def as_json(figures: Sequence[SiteFigures]) -> list[dict[str, Any]]:
    """The figures for scripts."""
    return [asdict(one) for one in figures]


def split(lines: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The day's lines, and those about what was published: repairs, orders, corrections."""
    day: list[bytes] = []
    later: list[bytes] = []
    for line in lines:
        (later if _type(line).startswith(_LATER) else day).append(line)
    return day, later


def _type(line: bytes) -> str:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return ""
    return str(event.get("type", "")) if isinstance(event, dict) else ""
