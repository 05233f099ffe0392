"""Which figures does the watch give out? The part of the table that `hub watch` measures.

The names of lag are those of the field (kafka-lag-exporter's), so that dashboards made for them
work; what is ours begins with `hub_`.
"""

from __future__ import annotations

from schemas.metric_shape import Kind, Metric

_GAUGE = Kind.GAUGE
_PLACE = ("stage", "site")

WATCH_TABLE: tuple[Metric, ...] = (
    Metric(
        "kafka_consumergroup_group_lag", _GAUGE, "records",
        ("group", "topic", "partition"),
        "Records that a group has not committed; partitions without lag are left out.",
    ),
    Metric(
        "kafka_consumergroup_group_lag_seconds", _GAUGE, "seconds",
        ("group", "topic", "partition"),
        "How long the oldest record that a group has not committed has waited, read from that "
        "record.",
    ),
    Metric(
        "kafka_consumergroup_group_sum_lag", _GAUGE, "records",
        ("group",),
        "Records that a group has not committed, of all its partitions.",
    ),
    Metric(
        "kafka_consumergroup_group_max_lag_seconds", _GAUGE, "seconds",
        ("group",),
        "How long the oldest of them has waited.",
    ),
    Metric(
        "hub_watch_picture_timestamp_seconds", _GAUGE, "seconds",
        (),
        "When the watch looked last, in Unix seconds; what it saw is as old as that.",
    ),
    Metric(
        "hub_watch_faults", _GAUGE, "faults",
        (),
        "How many things the watch could not measure when it looked last.",
    ),
    Metric(
        "hub_verdict", _GAUGE, "",
        ("stage", "site", "verdict"),
        "1 for the verdict on a stage, 0 for all others; docs/watching.md says what each means.",
    ),
    Metric(
        "hub_stage_lag", _GAUGE, "records",
        _PLACE,
        "Records that a stage has not processed; of deliver and prove: deliveries.",
    ),
    Metric(
        "hub_stage_oldest_seconds", _GAUGE, "seconds",
        _PLACE,
        "How long the oldest of them has waited; 0: nothing waits.",
    ),
    Metric(
        "hub_stage_drain_per_second", _GAUGE, "records per second",
        _PLACE,
        "How many are worked off a second while something waits.",
    ),
    Metric(
        "hub_stage_need_per_second", _GAUGE, "records per second",
        _PLACE,
        "The lowest rate that meets every deadline.",
    ),
    Metric(
        "hub_stage_headroom", _GAUGE, "ratio",
        _PLACE,
        "How many times the needed rate there is; below 1 deadlines will be missed.",
    ),
    Metric(
        "hub_stage_will_miss", _GAUGE, "deadlines",
        _PLACE,
        "Deadlines that will be missed at this rate.",
    ),
    Metric(
        "hub_stage_overdue", _GAUGE, "deadlines",
        _PLACE,
        "Deadlines that are missed already and still owed.",
    ),
    Metric(
        "hub_stage_next_due_timestamp_seconds", _GAUGE, "seconds",
        _PLACE,
        "The first deadline among what waits, in Unix seconds.",
    ),
    Metric(
        "hub_stage_latest_timestamp_seconds", _GAUGE, "seconds",
        _PLACE,
        "The last moment to begin at without a miss, in Unix seconds.",
    ),
    Metric(
        "hub_stage_expires_timestamp_seconds", _GAUGE, "seconds",
        _PLACE,
        "From when on a record that waits may be deleted by its topic's retention, in Unix "
        "seconds; only where something has waited for longer than a look.",
    ),
    Metric(
        "hub_stage_lost", _GAUGE, "records",
        _PLACE,
        "Records that were deleted before their reader came to them, until it has passed the gap.",
    ),
    Metric(
        "hub_site_entries", _GAUGE, "deliveries",
        ("site", "lane"),
        "Entries of a publicity system's ledger by what they wait for.",
    ),
    Metric(
        "hub_site_breaker_open", _GAUGE, "",
        ("site",),
        "1 while nothing is sent to a system because it failed too often.",
    ),
    Metric(
        "hub_site_paused", _GAUGE, "",
        ("site",),
        "1 while an operator has paused a system.",
    ),
    Metric(
        "hub_site_compared_timestamp_seconds", _GAUGE, "seconds",
        ("site",),
        "When all of a system's public list was last held against its ledger, in Unix seconds; "
        "0: never.",
    ),
    Metric(
        "hub_site_differing", _GAUGE, "results",
        ("site",),
        "Results that a system shows otherwise than its ledger says, by the newest comparison that "
        "read them.",
    ),
    Metric(
        "hub_dead_letters_kept", _GAUGE, "records",
        ("stage",),
        "Dead letters that lie on a stage's topic.",
    ),
    Metric(
        "hub_canary_seconds", _GAUGE, "seconds",
        ("step",),
        "How long the last probe took: to the journal (intake), from there to its decision "
        "(decide), from there to the answer (answer), and in all (total).",
    ),
    Metric(
        "hub_canary_failed", _GAUGE, "probes",
        (),
        "How many probes failed in a row.",
    ),
    Metric(
        "hub_department_last_event_timestamp_seconds", _GAUGE, "seconds",
        ("dept",),
        "When a department's last event came, in Unix seconds.",
    ),
    Metric(
        "hub_department_events", _GAUGE, "events",
        ("dept",),
        "A department's events of the last seven days.",
    ),
    Metric(
        "hub_department_refused", _GAUGE, "events",
        ("dept",),
        "Those of them that were refused.",
    ),
    Metric(
        "hub_department_quota_used_ratio", _GAUGE, "ratio",
        ("dept",),
        "Most of what a department may send at once that was gone at a gateway today.",
    ),
    Metric(
        "hub_department_turned_away", _GAUGE, "events",
        ("dept",),
        "A department's events of today that a gateway told to come again later.",
    ),
    Metric(
        "hub_department_credentials_end_timestamp_seconds", _GAUGE, "seconds",
        ("dept", "way"),
        "When a department's last bearer token (token), or the last client certificate that it "
        "was seen with (certificate), ends, in Unix seconds.",
    ),
    Metric(
        "hub_department_note", _GAUGE, "",
        ("dept", "note"),
        "1 for each thing that is wrong with what a department publishes.",
    ),
)  # fmt: skip
