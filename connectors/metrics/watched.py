"""What has the watch found, as figures? Read from its newest pictures whenever somebody asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import redis
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connectors.watch.store import Pictures, read_pictures_now
from schemas.access import DECIDE_GROUP, INTAKE_GROUP, deliver_group
from schemas.metrics import BY_NAME
from schemas.watch import CanaryView, Departments, Snapshot, Stage, StageView, Verdict

_GROUPS = {Stage.INTAKE: INTAKE_GROUP, Stage.DECIDE: DECIDE_GROUP}
_OPEN = "OPEN"
WAIT_S = 3.0
DAY_S = 86_400
_STEPS = ("intake", "decide", "answer", "total")
Value = tuple[tuple[str, ...], float | None]


class WatchedFigures(Collector):
    """Figures of the watch's newest pictures; none where it never looked.

    A picture that is old is given out with its time: nobody watching is an alert of its own.
    """

    def __init__(
        self,
        read: Callable[[], Pictures],
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._read, self._now_s = read, now_s

    def describe(self) -> list[Any]:
        """Nothing is asked while the registry is made."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each row of the table."""
        try:
            snapshot, departments = self._read()
        except redis.RedisError:
            # Then there are none: that nobody knows how it stands is an alert of its own.
            return
        found: dict[str, list[Value]] = {}
        if snapshot is not None:
            found |= _of_watch(snapshot) | _of_stages(snapshot, self._now_s())
            found |= _of_lag(snapshot, self._now_s()) | _of_sites(snapshot)
            if snapshot.canary is not None:
                found |= _of_canary(snapshot.canary)
        if departments is not None:
            found |= _of_departments(departments)
        for name, values in found.items():
            row = BY_NAME[name]
            family = GaugeMetricFamily(name, row.help, labels=row.labels)
            for labels, value in values:
                if value is not None:
                    family.add_metric(labels, value)
            yield family


def watched_figures(redis_url: str) -> WatchedFigures:
    """The figures of the watch's pictures in this Redis."""
    client = redis.Redis.from_url(redis_url, socket_timeout=WAIT_S, socket_connect_timeout=WAIT_S)
    return WatchedFigures(lambda: read_pictures_now(client))


def _of_watch(seen: Snapshot) -> dict[str, list[Value]]:
    return {
        "hub_watch_picture_timestamp_seconds": [((), seen.at_ms / 1000)],
        "hub_watch_faults": [((), len(seen.faults))],
        "hub_dead_letters_kept": [((stage,), kept) for stage, kept in seen.dead_letters.items()],
    }


def _of_stages(seen: Snapshot, now_s: float) -> dict[str, list[Value]]:
    def each(figure: Callable[[StageView], float | None]) -> list[Value]:
        return [((one.stage.value, one.site), figure(one)) for one in seen.stages]

    return {
        "hub_verdict": [
            ((one.stage.value, one.site, verdict.value), float(one.verdict is verdict))
            for one in seen.stages
            for verdict in Verdict
        ],
        "hub_stage_lag": each(lambda one: one.lag),
        "hub_stage_oldest_seconds": each(lambda one: _age(one.oldest_ms, now_s)),
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


def _of_lag(seen: Snapshot, now_s: float) -> dict[str, list[Value]]:
    listed = [
        ((one.group, one.topic, str(one.partition)), one.lag, _age(one.oldest_ms, now_s))
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
            ((group,), _age(one.oldest_ms, now_s)) for group, one in whole
        ],
    }


def _of_sites(seen: Snapshot) -> dict[str, list[Value]]:
    return {
        "hub_site_entries": [
            ((one.site, lane), count) for one in seen.sites for lane, count in one.lanes.items()
        ],
        "hub_site_breaker_open": [((one.site,), float(one.breaker == _OPEN)) for one in seen.sites],
        "hub_site_paused": [((one.site,), float(bool(one.paused_why))) for one in seen.sites],
    }


def _of_canary(seen: CanaryView) -> Mapping[str, list[Value]]:
    took = {step: getattr(seen, f"{step}_ms") for step in _STEPS}
    return {
        "hub_canary_seconds": [((step,), ms / 1000) for step, ms in took.items() if ms is not None],
        "hub_canary_failed": [((), seen.failed)],
    }


def _of_departments(seen: Departments) -> Mapping[str, list[Value]]:
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


def _age(since_ms: int, now_s: float) -> float:
    return max(0.0, now_s - since_ms / 1000) if since_ms else 0.0


def _instant(at_ms: int) -> float | None:
    return at_ms / 1000 if at_ms else None
