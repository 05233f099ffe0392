"""How every stage is: what the watch found, and where nobody watches what lies in the topics."""

import pytest
import redis
from confluent_kafka import Consumer, TopicPartition
from console_fakes import write

from connectors.console.context import Exit
from connectors.watch.store import DEPARTMENTS, SNAPSHOT
from schemas.access import DECIDE_GROUP
from schemas.topics import JOURNAL, in_topic
from schemas.watch import (
    CanaryView,
    Departments,
    DepartmentView,
    QualityNote,
    Snapshot,
    Stage,
    StageView,
    Verdict,
    encode_departments,
    encode_snapshot,
    level,
)

NOW = 1_773_104_400_000


def commit(bootstrap: str, topic: str, partition: int, offset: int) -> None:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": DECIDE_GROUP})
    place = TopicPartition(topic, partition, offset)
    consumer.commit(offsets=[place], asynchronous=False)
    consumer.close()


def test_where_nobody_watches_lag_is_what_lies_there_and_nothing_is_judged(console, broker):
    console("topics", "apply", "--dept", "WJW-120116")
    write(broker, JOURNAL, [{"value": b"x", "partition": 2}] * 5)
    write(broker, in_topic("WJW-120116"), [{"value": b"x", "partition": 0}] * 3)
    write(broker, "insp.dlq.intake", [{"value": b"x"}])
    commit(broker, JOURNAL, 2, 4)

    answer = console("status", "--json")

    told = answer.json
    assert told["lag"] == {"intake": 3, "decide": 1}
    assert told["dead_letters"]["intake"] == 1
    assert {
        (one["topic"], one["partition"], one["committed"], one["end"]) for one in told["partitions"]
    } == {(JOURNAL, 2, 4, 5), (in_topic("WJW-120116"), 0, None, 3)}
    assert (told["verdict"], told["level"], answer.status) == ("NO_DATA", 2, 2)


def test_the_tables_fit_and_name_what_is_behind(console, broker):
    console("topics", "apply", "--dept", "WJW-120116")
    write(broker, in_topic("WJW-120116"), [{"value": b"x", "partition": 0}])

    answer, everything = console("status"), console("status", "--all")

    assert answer.fits(80)
    assert "hub watch" in answer.said
    assert in_topic("WJW-120116") in answer.out
    assert in_topic("REGISTRY") not in answer.out
    assert in_topic("REGISTRY") in everything.out


def test_an_empty_broker_says_what_to_do(console, broker):
    assert "hub topics apply" in console("status").said


def test_a_broker_that_does_not_answer_is_a_status_of_its_own(console):
    console.set(HUB_BROKER="127.0.0.1:1")

    assert console("status").status == Exit.UNREACHABLE


def a_picture(verdict, **fields):
    rows = (
        StageView(stage=Stage.INTAKE, verdict=Verdict.OK, partitions=4),
        StageView(stage=Stage.DECIDE, verdict=Verdict.OK, lag=1_234, oldest_ms=NOW - 61_000),
        StageView(
            stage=Stage.DELIVER, site="CREDIT-TJ", verdict=verdict, lag=6_100, overdue=3,
            will_miss=2_692, drain_per_s=0.02, need_per_s=0.042, headroom=0.48, next_due_ms=NOW,
            detail="3 overdue",
        ),
        StageView(stage=Stage.PROVE, site="CREDIT-TJ", verdict=Verdict.OK),
    )  # fmt: skip
    return Snapshot(
        at_ms=NOW, every_s=15, broker="b:9092", verdict=verdict, stages=rows,
        canary=CanaryView(
            verdict=Verdict.OK, task_id="CANARY-2026-03-10", sent_ms=NOW - 60_000, intake_ms=21,
            decide_ms=33, answer_ms=4, total_ms=58, decision="ISSUED",
        ),
        **fields,
    )  # fmt: skip


@pytest.fixture
def kept(console, redis_url, monkeypatch):
    """Keeps a picture, as the watch does; it is looked at a moment later."""
    console.set(HUB_BROKER="127.0.0.1:1", HUB_REDIS_URL=redis_url)
    monkeypatch.setattr("connectors.console.due.status.now_ms", lambda: NOW + 1_000)

    def keep(picture, *departments):
        with redis.Redis.from_url(redis_url) as client:
            client.set(SNAPSHOT, encode_snapshot(picture))
            told = Departments(at_ms=NOW, departments=departments)
            client.set(DEPARTMENTS, encode_departments(told))

    return keep


@pytest.mark.parametrize("verdict", list(Verdict))
def test_it_ends_with_the_level_of_the_worst_verdict(console, kept, verdict):
    kept(a_picture(verdict))

    assert console("status").status == level(verdict)
    assert console("status", "--json").json["verdict"] == verdict


def test_a_silent_department_alone_is_to_be_looked_at_today(console, kept):
    silent = DepartmentView(
        dept="WJW-120116", verdict=Verdict.SILENT, notes=(QualityNote.SILENT,), last_ms=NOW - 9_000
    )
    sound = DepartmentView(dept="SW-120116", verdict=Verdict.OK)
    kept(a_picture(Verdict.OK), silent, sound)

    answer = console("status")

    assert answer.status == 1
    assert "WJW-120116" in answer.out
    assert "SW-120116" not in answer.out
    assert "SW-120116" in console("status", "--all").out


def test_what_a_note_is_about_stands_beside_it(console, kept):
    notes = (QualityNote.QUOTA, QualityNote.CREDENTIALS, QualityNote.CERTIFICATE)
    dept = DepartmentView(
        dept="WJW-120116", verdict=Verdict.WARN, notes=notes, quota_peak=4_120, quota_at_once=5_000,
        turned_away=12, credentials_until="2026-12-01", certificate_until="2026-12-20",
    )  # fmt: skip
    kept(a_picture(Verdict.OK), dept)

    answer = console("status")

    assert answer.fits(80)
    said = " ".join(answer.out.split())
    for words in ("QUOTA 4,120", "5,000", "12 turned", "2026-12-01", "2026-12-20"):
        assert words in said
    assert console("status", "--json").json["departments"][0]["certificate_until"] == "2026-12-20"


def test_the_screen_fits_and_shows_what_is_measured(console, kept):
    kept(a_picture(Verdict.DOOMED, dead_letters={"intake": 7}, calendar_ends="2026-12-31"))

    answer = console("status")

    assert answer.fits(80)
    for word in ("DOOMED", "1,234", "1 min", "0.5x", "2,692", "58 ms", "3 overdue", "intake 7"):
        assert word in answer.said
    assert "2026-12-31" in answer.said


def test_a_picture_that_another_version_wrote_is_no_picture(console, kept, redis_url):
    kept(a_picture(Verdict.OK))
    with redis.Redis.from_url(redis_url) as client:
        client.set(SNAPSHOT, b'{"verdict": "SPLENDID"}')

    assert console("status").status == Exit.UNREACHABLE
