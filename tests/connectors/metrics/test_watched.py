"""What the watch sees is given out under the names of the table, and its age with it."""

from __future__ import annotations

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families as plain_text

from connectors.metrics.meter import Meter
from connectors.metrics.watched import WatchedFigures
from connectors.watch.store import Pictures
from schemas.alerts import ALERTS
from schemas.metric_shape import Kind
from schemas.metrics import BY_NAME
from schemas.metrics_watch import WATCH_TABLE
from schemas.watch import (
    CanaryView,
    Departments,
    DepartmentView,
    PartitionView,
    QualityNote,
    SiteView,
    Snapshot,
    Stage,
    StageView,
    Verdict,
)

NOW_S = 1_800_000_000.0
AT_MS = int(NOW_S * 1000) - 4000
SNAPSHOT = Snapshot(
    at_ms=AT_MS,
    every_s=5,
    broker="kafka:19092",
    verdict=Verdict.DOOMED,
    stages=(
        StageView(stage=Stage.DECIDE, verdict=Verdict.STALL, lag=7, oldest_ms=AT_MS - 6000,
                  expires_ms=AT_MS + 5000, lost=2),
        StageView(
            stage=Stage.DELIVER, site="GSXT-TJ", verdict=Verdict.DOOMED, lag=40, drain_per_s=0.5,
            need_per_s=2.0, headroom=0.25, will_miss=12, overdue=3, next_due_ms=AT_MS + 9000,
            latest_ms=AT_MS + 1000,
        ),
    ),
    partitions=(
        PartitionView(
            stage=Stage.DECIDE, group="insp-decide", topic="insp.journal", partition=3,
            committed=10, end=17, lag=7, verdict=Verdict.STALL, oldest_ms=AT_MS - 6000,
        ),
    ),
    sites=(
        SiteView(site="GSXT-TJ", lanes={"stop": 4}, breaker="OPEN", behind=2),
        SiteView(site="CREDIT-TJ", paused_why="maintenance"),
    ),
    canary=CanaryView(
        verdict=Verdict.OK, task_id="C-1", sent_ms=AT_MS, intake_ms=20, total_ms=90, failed=1
    ),
    dead_letters={"intake": 5},
    faults=("Redis does not answer",),
)  # fmt: skip
DEPARTMENTS = Departments(
    at_ms=AT_MS,
    departments=(
        DepartmentView(
            dept="WJW-120116", verdict=Verdict.SILENT, notes=(QualityNote.SILENT,), last_ms=AT_MS,
            events=30, refused=3, quota_peak=40, quota_at_once=50, quota_used=0.8, turned_away=6,
            credentials_until="2027-01-15", certificate_until="2027-01-16",
        ),
    ),
)  # fmt: skip


def shown(pictures: Pictures) -> Meter:
    meter = Meter()
    meter.show(WatchedFigures(lambda: pictures, lambda: NOW_S))
    return meter


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("kafka_consumergroup_group_lag",
         {"group": "insp-decide", "topic": "insp.journal", "partition": "3"}, 7),
        ("kafka_consumergroup_group_lag_seconds",
         {"group": "insp-decide", "topic": "insp.journal", "partition": "3"}, 10),
        ("kafka_consumergroup_group_sum_lag", {"group": "insp-decide"}, 7),
        ("kafka_consumergroup_group_sum_lag", {"group": "insp-deliver-GSXT-TJ"}, 2),
        ("kafka_consumergroup_group_max_lag_seconds", {"group": "insp-decide"}, 10),
        ("hub_watch_picture_timestamp_seconds", {}, AT_MS / 1000),
        ("hub_watch_faults", {}, 1),
        ("hub_verdict", {"stage": "decide", "site": "", "verdict": "STALL"}, 1),
        ("hub_verdict", {"stage": "decide", "site": "", "verdict": "OK"}, 0),
        ("hub_verdict", {"stage": "deliver", "site": "GSXT-TJ", "verdict": "DOOMED"}, 1),
        ("hub_stage_lag", {"stage": "deliver", "site": "GSXT-TJ"}, 40),
        ("hub_stage_oldest_seconds", {"stage": "decide", "site": ""}, 10),
        ("hub_stage_oldest_seconds", {"stage": "deliver", "site": "GSXT-TJ"}, 0),
        ("hub_stage_drain_per_second", {"stage": "deliver", "site": "GSXT-TJ"}, 0.5),
        ("hub_stage_need_per_second", {"stage": "deliver", "site": "GSXT-TJ"}, 2),
        ("hub_stage_headroom", {"stage": "deliver", "site": "GSXT-TJ"}, 0.25),
        ("hub_stage_will_miss", {"stage": "deliver", "site": "GSXT-TJ"}, 12),
        ("hub_stage_overdue", {"stage": "deliver", "site": "GSXT-TJ"}, 3),
        ("hub_stage_next_due_timestamp_seconds", {"stage": "deliver", "site": "GSXT-TJ"},
         AT_MS / 1000 + 9),
        ("hub_stage_latest_timestamp_seconds", {"stage": "deliver", "site": "GSXT-TJ"},
         AT_MS / 1000 + 1),
        ("hub_stage_expires_timestamp_seconds", {"stage": "decide", "site": ""}, AT_MS / 1000 + 5),
        ("hub_stage_lost", {"stage": "decide", "site": ""}, 2),
        ("hub_site_entries", {"site": "GSXT-TJ", "lane": "stop"}, 4),
        ("hub_site_breaker_open", {"site": "GSXT-TJ"}, 1),
        ("hub_site_breaker_open", {"site": "CREDIT-TJ"}, 0),
        ("hub_site_paused", {"site": "CREDIT-TJ"}, 1),
        ("hub_dead_letters_kept", {"stage": "intake"}, 5),
        ("hub_canary_seconds", {"step": "total"}, 0.09),
        ("hub_canary_failed", {}, 1),
        ("hub_department_last_event_timestamp_seconds", {"dept": "WJW-120116"}, AT_MS / 1000),
        ("hub_department_events", {"dept": "WJW-120116"}, 30),
        ("hub_department_refused", {"dept": "WJW-120116"}, 3),
        ("hub_department_quota_used_ratio", {"dept": "WJW-120116"}, 0.8),
        ("hub_department_turned_away", {"dept": "WJW-120116"}, 6),
        ("hub_department_credentials_end_timestamp_seconds",
         {"dept": "WJW-120116", "way": "token"}, 1_800_028_800),
        ("hub_department_credentials_end_timestamp_seconds",
         {"dept": "WJW-120116", "way": "certificate"}, 1_800_115_200),
        ("hub_department_note", {"dept": "WJW-120116", "note": "SILENT"}, 1),
    ],
)  # fmt: skip
def test_a_figure_is_what_the_watch_saw(name: str, labels: dict[str, str], value: float):
    found = shown((SNAPSHOT, DEPARTMENTS)).registry.get_sample_value(name, labels)

    assert found == pytest.approx(value)


def test_every_row_of_the_watch_is_given_out():
    page, _ = shown((SNAPSHOT, DEPARTMENTS)).page("")
    families = {family.name: family for family in plain_text(page.decode())}

    for row in WATCH_TABLE:
        assert families[row.name].type == row.kind.value == Kind.GAUGE
        assert families[row.name].documentation == row.help
        assert all(set(one.labels) == set(row.labels) for one in families[row.name].samples)


def test_what_is_not_known_is_left_out_and_is_not_0():
    registry = shown((SNAPSHOT, DEPARTMENTS)).registry

    assert registry.get_sample_value("hub_canary_seconds", {"step": "decide"}) is None
    labels = {"stage": "decide", "site": ""}
    for name in ("headroom", "will_miss", "drain_per_second", "next_due_timestamp_seconds"):
        assert registry.get_sample_value(f"hub_stage_{name}", labels) is None


def test_where_nobody_watched_there_is_nothing_and_the_page_can_be_read():
    def away() -> Pictures:
        raise redis.ConnectionError("no Redis")

    meter = Meter()
    meter.show(WatchedFigures(away))
    for one in (meter, shown((None, None))):
        page, _ = one.page("")
        assert b"hub_verdict" not in page
        assert b"process_" in page


def test_every_verdict_but_ok_and_every_note_has_an_alert():
    said = " ".join(one.expr for one in ALERTS)

    for verdict in Verdict:
        of_department = verdict is Verdict.SILENT
        assert verdict is Verdict.OK or of_department or f'verdict="{verdict.value}"' in said, (
            verdict
        )
    for note in QualityNote:
        assert note.value in said, note
    assert BY_NAME["hub_verdict"].labels == ("stage", "site", "verdict")
