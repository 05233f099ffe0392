"""What has the watch found, as figures? Read from its newest pictures whenever somebody asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import redis

from connectors.metrics.gauges import Value, gauge_lines
from connectors.watch.store import Kept, departments_of, read_kept, snapshot_of
from schemas.access import DECIDE_GROUP, INTAKE_GROUP, deliver_group
from schemas.metrics import BY_NAME
from schemas.watch import CanaryView, Departments, Snapshot, Stage, StageView, Verdict

_GROUPS = {Stage.INTAKE: INTAKE_GROUP, Stage.DECIDE: DECIDE_GROUP}
_OPEN = "OPEN"
WAIT_S = 3.0
DAY_S = 86_400
_STEPS = ("intake", "decide", "answer", "total")


class WatchedFigures:
    """Figures of the watch's newest pictures; none where it never looked.

    A picture that is old is given out with its time: nobody watching is an alert of its own. Each
    picture is written down once, however often and by however many it is asked for.
    """

    def __init__(self, read: Callable[[], Kept]) -> None:
        """Nothing is asked yet. `read`: gets the pictures as they are kept."""
        self._read = read
        self._writing = threading.Lock()
        # Departments are looked at less often than stages, and are most of the page.
        self._parts = _Part(_stages_page), _Part(_departments_page)
        self._page = b""

    def page(self) -> bytes:
        """The lines of all families that there are."""
        try:
            kept = self._read()
        except redis.RedisError:
            # Then there are none: that nobody knows how it stands is an alert of its own.
            return b""
        with self._writing:
            some = [part.take(one) for part, one in zip(self._parts, kept, strict=True)]
            if any(some):
                self._page = b"".join(part.page for part in self._parts)
            return self._page


class _Part:
    """What is made of one picture, for as long as it is the newest."""

    def __init__(self, write: Callable[[bytes | None], str]) -> None:
        self._write = write
        self._kept: bytes | None = None
        self.page = b""

    def take(self, kept: bytes | None) -> bool:
        """Write it down if it is another one; whether it was."""
        if kept == self._kept:
            return False
        self._kept, self.page = kept, self._write(kept).encode()
        return True


def watched_figures(redis_url: str) -> WatchedFigures:
    """The figures of the watch's pictures in this Redis."""
    client = redis.Redis.from_url(redis_url, socket_timeout=WAIT_S, socket_connect_timeout=WAIT_S)
    return WatchedFigures(lambda: read_kept(client))


def _stages_page(kept: bytes | None) -> str:
    seen = snapshot_of(kept)
    if seen is None:
        return ""
    found = _of_watch(seen) | _of_stages(seen) | _of_lag(seen) | _of_sites(seen)
    return _lines(found | _of_canary(seen.canary) if seen.canary is not None else found)


def _departments_page(kept: bytes | None) -> str:
    seen = departments_of(kept)
    return "" if seen is None else _lines(_of_departments(seen))


def _lines(found: Mapping[str, Iterable[Value]]) -> str:
    return "".join(gauge_lines(BY_NAME[name], values) for name, values in found.items())


def _of_watch(seen: Snapshot) -> dict[str, list[Value]]:
    return {
        "hub_watch_picture_timestamp_seconds": [((), seen.at_ms / 1000)],
        "hub_watch_faults": [((), len(seen.faults))],
        "hub_dead_letters_kept": [((stage,), kept) for stage, kept in seen.dead_letters.items()],
    }


def _of_stages(seen: Snapshot) -> dict[str, list[Value]]:
    def each(figure: Callable[[StageView], float | None]) -> list[Value]:
        return [((one.stage.value, one.site), figure(one)) for one in seen.stages]

    return {
        "hub_verdict": [
            ((one.stage.value, one.site, verdict.value), float(one.verdict is verdict))
            for one in seen.stages
            for verdict in Verdict
        ],
        "hub_stage_lag": each(lambda one: one.lag),
        "hub_stage_oldest_seconds": each(lambda one: _age(seen, one.oldest_ms)),
        "hub_stage_drain_per_second": each(lambda one: one.drain_per_s),
        "hub_stage_need_per_second": each(lambda one: one.need_per_s),
        "hub_stage_headroom": each(lambda one: one.headroom),
        "hub_stage_will_miss": each(lambda one: one.will_miss),
        "hub_stage_overdue": each(lambda one: one.overdue),
        "hub_stage_next_due_timestamp_seconds": each(lambda one: _instant(one.next_due_ms)),
        "hub_stage_latest_timestamp_seconds": each(lambda one: _instant(one.latest_ms)),
        "hub_stage_expires_timestamp_seconds": each(lambda one: _instant(one.expires_ms)),
        "hub_stage_lost": each(lambda one: one.lost),
    }


def _of_lag(seen: Snapshot) -> dict[str, list[Value]]:
    listed = [
        ((one.group, one.topic, str(one.partition)), one.lag, _age(seen, one.oldest_ms))
        for one in seen.partitions
        # The statistics keep their position in their own file: to Kafka they are no group.
        if one.stage is not Stage.COUNT
    ]
    whole = [(_GROUPS[one.stage], one) for one in seen.stages if one.stage in _GROUPS]
    feeds = [(deliver_group(one.site), one.behind) for one in seen.sites]
    return {
        "kafka_consumergroup_group_lag": [(labels, lag) for labels, lag, _ in listed],
        "kafka_consumergroup_group_lag_seconds": [(labels, age) for labels, _, age in listed],
        "kafka_consumergroup_group_sum_lag": [
            *(((group,), one.lag) for group, one in whole),
            *(((group,), behind) for group, behind in feeds),
        ],
        "kafka_consumergroup_group_max_lag_seconds": [
            ((group,), _age(seen, one.oldest_ms)) for group, one in whole
        ],
    }


def _of_sites(seen: Snapshot) -> dict[str, list[Value]]:
    return {
        "hub_site_entries": [
            ((one.site, lane), count) for one in seen.sites for lane, count in one.lanes.items()
        ],
        "hub_site_breaker_open": [((one.site,), float(one.breaker == _OPEN)) for one in seen.sites],
        "hub_site_paused": [((one.site,), float(bool(one.paused_why))) for one in seen.sites],
        "hub_site_compared_timestamp_seconds": [
            ((one.site,), one.compared_ms / 1000) for one in seen.sites
        ],
        "hub_site_differing": [
            ((one.site,), one.differing if one.compared_ms or one.differing else None)
            for one in seen.sites
        ],
    }


def _of_canary(seen: CanaryView) -> dict[str, list[Value]]:
    took = {step: getattr(seen, f"{step}_ms") for step in _STEPS}
    return {
        "hub_canary_seconds": [((step,), ms / 1000) for step, ms in took.items() if ms is not None],
        "hub_canary_failed": [((), seen.failed)],
    }


def _of_departments(seen: Departments) -> dict[str, list[Value]]:
    some = seen.departments
    return {
        "hub_department_last_event_timestamp_seconds": [
            ((one.dept,), _instant(one.last_ms)) for one in some
        ],
        "hub_department_events": [((one.dept,), one.events) for one in some],
        "hub_department_refused": [((one.dept,), one.refused) for one in some],
        "hub_department_quota_used_ratio": [
            ((one.dept,), one.quota_used) for one in some if one.quota_at_once
        ],
        "hub_department_turned_away": [((one.dept,), one.turned_away) for one in some],
        "hub_department_credentials_end_timestamp_seconds": [
            ((one.dept, way), _end_of(day))
            for one in some
            for way, day in (
                ("token", one.credentials_until),
                ("certificate", one.certificate_until),
            )
            if day is not None
        ],
        "hub_department_note": [((one.dept, note), 1) for one in some for note in one.notes],
    }


def _end_of(day: str) -> float:
    """The end of a day in Asia/Shanghai, in Unix seconds."""
    return datetime.fromisoformat(f"{day}T00:00+08:00").timestamp() + DAY_S


def _age(seen: Snapshot, since_ms: int) -> float:
    """How old it was at the look: whether it still waits nobody knows until the next one."""
    return max(0.0, (seen.at_ms - since_ms) / 1000) if since_ms else 0.0


def _instant(at_ms: int) -> float | None:
    return at_ms / 1000 if at_ms else None
