"""The table of topics says what the contract says, and names are safe to build and to read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import (
    BROKER_BYTES_MAX,
    CTL_POLICY,
    CTL_REGISTRY,
    DAY_MS,
    DECIDED,
    JOURNAL,
    REGISTRY,
    STAGES,
    TABLE,
    Cleanup,
    Sizing,
    Topic,
    dept_of_in_topic,
    dlq_topic,
    feed_topic,
    in_topic,
    out_topic,
    plan,
    receipt_topic,
)

DEPT, SITE = "WJW-120116", "GSXT"


def planned(**sizing: int) -> dict[str, Topic]:
    size = Sizing(**{"legal_retention_days": 3650, **sizing})
    return {topic.name: topic for topic in plan([DEPT], [SITE], size)}


# name, partitions with (journal 6, in 3), cleanup, retention in days
CONTRACT = [
    ("insp.in.WJW-120116", 3, "delete", 30),
    ("insp.in.REGISTRY", 3, "delete", 30),
    ("insp.journal", 6, "delete", 3650),
    ("insp.decided", 6, "delete", 3650),
    ("insp.out.WJW-120116", 1, "delete", 30),
    ("insp.out.REGISTRY", 1, "delete", 30),
    ("insp.feed.GSXT", 1, "compact", None),
    ("insp.receipt.GSXT", 1, "delete", 3650),
    ("insp.ctl.policy", 1, "compact", None),
    ("insp.ctl.registry", 1, "compact", None),
    ("insp.dlq.intake", 1, "delete", 90),
    ("insp.dlq.decide", 1, "delete", 90),
    ("insp.dlq.deliver", 1, "delete", 90),
    ("insp.operator", 1, "delete", 3650),
    ("insp.replays", 1, "compact", None),
    ("insp.generations", 1, "compact", None),
]


@pytest.mark.parametrize(("name", "partitions", "cleanup", "days"), CONTRACT)
def test_a_topic_is_as_the_contract_says(name, partitions, cleanup, days):
    topic = planned(journal_partitions=6, in_partitions=3)[name]

    assert topic.partitions == partitions
    assert topic.configs["cleanup.policy"] == cleanup
    assert topic.configs["retention.ms"] == ("-1" if days is None else str(days * DAY_MS))


def test_the_contract_names_every_topic():
    assert {row[0] for row in CONTRACT} == set(planned())
    assert {topic.spec.family for topic in planned().values()} == {spec.family for spec in TABLE}


def test_the_constants_are_topics_of_the_plan():
    assert {JOURNAL, DECIDED, CTL_POLICY, CTL_REGISTRY} <= set(planned())
    assert {dlq_topic(stage) for stage in STAGES} <= set(planned())
    assert {in_topic(DEPT), out_topic(DEPT), feed_topic(SITE), receipt_topic(SITE)} <= set(
        planned()
    )


def test_journal_and_decided_are_alike_and_fixed():
    topics = planned(journal_partitions=12)

    assert topics[JOURNAL].partitions == topics[DECIDED].partitions == 12
    fixed = {name for name, topic in topics.items() if topic.spec.partitions_are_fixed}
    assert fixed == {JOURNAL, DECIDED}


def test_retention_never_counts_from_the_senders_clock():
    kinds = {topic.configs["message.timestamp.type"] for topic in planned().values()}

    assert kinds == {"LogAppendTime"}


def test_a_site_that_was_away_for_a_month_still_sees_what_was_deleted():
    compacted = [t for t in planned().values() if t.spec.cleanup is Cleanup.COMPACT]

    assert len(compacted) == 5
    for topic in compacted:
        assert int(topic.configs["delete.retention.ms"]) >= 30 * DAY_MS
        lag_min = int(topic.configs["min.compaction.lag.ms"])
        assert 0 < lag_min < int(topic.configs["max.compaction.lag.ms"])
        assert int(topic.configs["segment.ms"]) < 7 * DAY_MS


def test_what_one_topic_accepts_fits_where_it_goes_next():
    limit = {n: int(topic.configs["max.message.bytes"]) for n, topic in planned().items()}
    in_base64 = 4 / 3

    assert limit[in_topic(DEPT)] < limit[JOURNAL] < limit[DECIDED]
    assert limit[in_topic(DEPT)] * in_base64 < limit[dlq_topic("intake")]
    assert limit[JOURNAL] * in_base64 < limit[dlq_topic("decide")]
    assert max(limit.values()) <= BROKER_BYTES_MAX


def test_copies_come_from_the_sizing():
    topics = planned(replication_factor=3, min_insync_replicas=2).values()

    assert {topic.replication_factor for topic in topics} == {3}
    assert {topic.configs["min.insync.replicas"] for topic in topics} == {"2"}
    assert {topic.configs["unclean.leader.election.enable"] for topic in topics} == {"false"}


def test_the_plan_does_not_depend_on_order_or_repetition():
    size = Sizing(legal_retention_days=1)

    assert plan(["B", "A", "B"], ["Y", "X"], size) == plan(["A", "B"], ["X", "Y", "X"], size)
    assert in_topic(REGISTRY) in {topic.name for topic in plan([], [], size)}


def test_every_family_says_who_writes_and_who_reads():
    for spec in TABLE:
        assert all((spec.key_meaning, spec.writers, spec.readers)), spec.family


@given(st.from_regex(r"[A-Za-z0-9_-]{1,100}", fullmatch=True))
def test_the_owner_is_read_back_from_the_name(dept):
    assert dept_of_in_topic(in_topic(dept)) == dept
    assert dept_of_in_topic(out_topic(dept)) is None


@pytest.mark.parametrize(
    "topic", [JOURNAL, "insp.in.", "insp.in.A.B", "insp.in.A\n", "xinsp.in.A", "insp.inA", "A", ""]
)
def test_other_topics_have_no_owner(topic):
    assert dept_of_in_topic(topic) is None


@pytest.mark.parametrize("code", ["", "A.B", "A B", "卫健委", "A/B", "A\n", "x" * 101])
def test_a_code_that_cannot_name_a_topic_is_refused_by_its_name(code):
    with pytest.raises(ValueError, match="cannot name a topic") as refused:
        plan([code], [], Sizing(legal_retention_days=1))
    assert repr(code) in str(refused.value)
    for name in (in_topic, out_topic, feed_topic, receipt_topic):
        with pytest.raises(ValueError, match="cannot name a topic"):
            name(code)


def test_an_unknown_stage_has_no_dead_letters():
    with pytest.raises(ValueError, match="'watch'"):
        dlq_topic("watch")


def test_all_that_is_wrong_with_a_sizing_is_said_at_once():
    with pytest.raises(ValueError) as wrong:
        Sizing(legal_retention_days=0, journal_partitions=-1, min_insync_replicas=2)

    for name in ("legal_retention_days", "journal_partitions", "min_insync_replicas"):
        assert name in str(wrong.value)
