"""What the watch sees is given out under the names of the table, and its age with it."""

from __future__ import annotations

import pytest
import redis
from msgspec import structs
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from connectors.metrics.meter import Meter
from connectors.metrics.watched import WatchedFigures
from connectors.watch.store import Kept, Pictures
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
    encode_departments,
    encode_snapshot,
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
        SiteView(site="GSXT-TJ", lanes={"stop": 4}, breaker="OPEN", behind=2,
                 compared_ms=AT_MS - 9000, differing=3),
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


def kept(pictures: Pictures) -> Kept:
    """As the watch keeps them."""
    snapshot, departments = pictures
    return snapshot and encode_snapshot(snapshot), departments and encode_departments(departments)


def shown(pictures: Pictures) -> Meter:
    meter = Meter()
    meter.show(WatchedFigures(lambda: kept(pictures)).page)
    return meter


def families(meter: Meter) -> dict[str, Metric]:
    """The page, as somebody else's parser reads it."""
    return {family.name: family for family in plain_text(meter.page("")[0].decode())}


def sample(meter: Meter, name: str, labels: dict[str, str]) -> float | None:
    """What one series stands at; None: it is not on the page."""
    found = [one.value for one in families(meter)[name].samples if one.labels == labels]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("kafka_consumergroup_group_lag",
         {"group": "insp-decide", "topic": "insp.journal", "partition": "3"}, 7),
        ("kafka_consumergroup_group_lag_seconds",
         {"group": "insp-decide", "topic": "insp.journal", "partition": "3"}, 6),
        ("kafka_consumergroup_group_sum_lag", {"group": "insp-decide"}, 7),
        ("kafka_consumergroup_group_sum_lag", {"group": "insp-deliver-GSXT-TJ"}, 2),
        ("kafka_consumergroup_group_max_lag_seconds", {"group": "insp-decide"}, 6),
        ("hub_watch_picture_timestamp_seconds", {}, AT_MS / 1000),
        ("hub_watch_faults", {}, 1),
        ("hub_verdict", {"stage": "decide", "site": "", "verdict": "STALL"}, 1),
        ("hub_verdict", {"stage": "decide", "site": "", "verdict": "OK"}, 0),
        ("hub_verdict", {"stage": "deliver", "site": "GSXT-TJ", "verdict": "DOOMED"}, 1),
        ("hub_stage_lag", {"stage": "deliver", "site": "GSXT-TJ"}, 40),
        ("hub_stage_oldest_seconds", {"stage": "decide", "site": ""}, 6),
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
        ("hub_site_compared_timestamp_seconds", {"site": "GSXT-TJ"}, AT_MS / 1000 - 9),
        ("hub_site_compared_timestamp_seconds", {"site": "CREDIT-TJ"}, 0),
        ("hub_site_differing", {"site": "GSXT-TJ"}, 3),
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
    assert sample(shown((SNAPSHOT, DEPARTMENTS)), name, labels) == pytest.approx(value)


def test_every_row_of_the_watch_is_given_out():
    found = families(shown((SNAPSHOT, DEPARTMENTS)))

    for row in WATCH_TABLE:
        assert found[row.name].type == row.kind.value == Kind.GAUGE
        assert found[row.name].documentation == row.help
        assert all(set(one.labels) == set(row.labels) for one in found[row.name].samples)


def test_what_is_not_known_is_left_out_and_is_not_0():
    meter = shown((SNAPSHOT, DEPARTMENTS))

    assert sample(meter, "hub_canary_seconds", {"step": "decide"}) is None
    assert sample(meter, "hub_site_differing", {"site": "CREDIT-TJ"}) is None, "never compared"
    labels = {"stage": "decide", "site": ""}
    for name in ("headroom", "will_miss", "drain_per_second", "next_due_timestamp_seconds"):
        assert sample(meter, f"hub_stage_{name}", labels) is None


def test_where_nobody_watched_there_is_nothing_and_the_page_can_be_read():
    def away() -> Kept:
        raise redis.ConnectionError("no Redis")

    meter = Meter()
    meter.show(WatchedFigures(away).page)
    for one in (meter, shown((None, None))):
        page, _ = one.page("")
        assert b"hub_verdict" not in page
        assert b"process_" in page


def test_a_picture_is_written_down_once_and_another_one_at_once():
    newest = [kept((SNAPSHOT, DEPARTMENTS))]
    figures = WatchedFigures(lambda: newest[0])
    before = figures.page()

    again = figures.page()
    newest[0] = kept((SNAPSHOT, structs.replace(DEPARTMENTS, departments=())))
    without_departments = figures.page()
    newest[0] = kept((structs.replace(SNAPSHOT, faults=()), None))
    without_faults = figures.page()

    assert again is before
    assert b"hub_watch_faults 1.0" in without_departments
    assert b'dept="WJW-120116"' in before
    assert b"dept=" not in without_departments
    assert b"hub_watch_faults 0.0" in without_faults


def test_the_lines_are_in_both_forms_of_the_page_before_its_end():
    meter = shown((SNAPSHOT, DEPARTMENTS))
    meter.seen("hub_batch_seconds", 0.02, "4bf92f3577b34da6a3ce929d0e0e4736", stage="decide")
    page, content_type = meter.page("application/openmetrics-text; version=1.0.0")
    read = {family.name: family for family in open_metrics(page.decode())}

    assert content_type.startswith("application/openmetrics-text")
    assert page.count(b"# EOF") == 1
    assert page.endswith(b"# EOF\n")
    assert any(one.exemplar for one in read["hub_batch_seconds"].samples)
    plain = families(meter)
    for row in WATCH_TABLE:
        assert read[row.name].samples == plain[row.name].samples


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
