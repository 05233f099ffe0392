"""`hub draw`: committed to, revealed, submitted, and checked by whoever wants to."""

import json
import shutil
import stat
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import redis
from confluent_kafka.admin import AdminClient
from console_fakes import read_all, write

from connectors.console import oversight
from connectors.console.context import Exit
from connectors.draws.folder import Begun, folder_of
from connectors.draws.frame import last_day
from connectors.draws.told import commitment, document_of
from connectors.generate.subjects import credit_code
from connectors.partitioner import partition_of
from connectors.redis_view import key as view_key
from schemas.policy import PolicyDocument
from schemas.topics import CTL_POLICY, CTL_REGISTRY, JOURNAL, in_topic
from streams import oversight as rules
from streams.rules.state import ClassState, SubjectState, WhitelistState, encode_state

DEPT, AT = "WJW-120116", datetime(2026, 10, 1, 1, tzinfo=UTC)
SCRIPT = Path(__file__).parents[3] / "examples" / "recompute_draw.py"
CODES = [credit_code("91", "120116", number) for number in range(40)]
WHITELISTED, GONE, UNRATED = CODES[0], CODES[1], CODES[2]
SCHEME = {
    "id": "CREDIT_EVALUATION", "source": "a test",
    "class": [
        {"class": "A", "percent": 0}, {"class": "D", "percent": 50},
        {"class": "UNRATED", "percent": 100},
    ],
}  # fmt: skip
PLAN = f"""
draw_id = "D-1"
dept = "{DEPT}"
quarter = "2026Q4"
plan_code = "P-1"
items = ["1101-001"]
layer = "INDUSTRY"
"""


def class_of(number):
    return "A" if number % 2 else "D"


def a_subject(number, code):
    return {
        "uscc": code, "name": f"企业{number}", "object_type": "91", "region": "120116",
        "industry": "5110" if number % 4 < 2 else "6210",
        "status": "DEREGISTERED" if code == GONE else "ACTIVE",
    }  # fmt: skip


def an_officer(number, until="2030-12-31", dept=DEPT, status="VALID"):
    return {
        "cert_no": f"TJ{number}", "name": f"人员{number}", "dept": dept, "status": status,
        "valid_from": "2020-01-01", "valid_to": until,
    }  # fmt: skip


OFFICERS = [
    *(an_officer(number) for number in range(5)),
    an_officer(7, until="2026-12-01"),
    an_officer(8, dept="XFJ-120116"),
    an_officer(9, status="SUSPENDED"),
]


@pytest.fixture
def hub(console, broker, redis_url, intake, tmp_path):
    console.set(HUB_REDIS_URL=redis_url)
    oversight.register(console.app, rules)
    console("topics", "apply", "--dept", DEPT)
    intake()
    lay_down(broker, redis_url)
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "objects.csv").write_text("uscc\n" + "\n".join(CODES), encoding="utf-8")
    return console


def lay_down(broker, redis_url):
    """Registries and policy on their topics, classes and the whitelist in the view."""
    policy = PolicyDocument.model_validate_json(
        json.dumps({"policy": {"version": "draws"}, "scheme": [SCHEME]})
    )
    write(broker, CTL_POLICY, [{"value": policy.canonical(), "key": policy.full_version}])
    entries = [
        *((f"registry.subject:{c}", a_subject(n, c)) for n, c in enumerate(CODES)),
        *((f"registry.officer:{one['cert_no']}", one) for one in OFFICERS),
    ]
    records = [
        {"key": key, "value": json.dumps(entry).encode(), "partition": 0} for key, entry in entries
    ]
    write(broker, CTL_REGISTRY, records)
    topics = AdminClient({"bootstrap.servers": broker}).list_topics(timeout=20).topics
    count = len(topics[JOURNAL].partitions)
    with redis.Redis.from_url(redis_url) as client:
        for number, code in enumerate(CODES):
            classes = {"CREDIT_EVALUATION": ClassState(class_of(number), 739000)}
            state = SubjectState(classes={} if code == UNRATED else classes)
            if code == WHITELISTED:
                listed = WhitelistState(True, date(2020, 1, 1).toordinal())
                state = SubjectState(classes=classes, whitelist=listed)
            client.hset(view_key(partition_of(code, count), "state"), code, encode_state(state))


def commit(hub, *more):
    return hub("draw", "commit", "plan.toml", "objects.csv", *more)


def test_a_draw_is_committed_to_revealed_submitted_and_recomputed(hub, broker, tmp_path):
    committed = commit(hub, "--json")
    drawn = hub("draw", "reveal", "D-1", "--json")
    verified = hub("draw", "verify", drawn.json["file"])

    assert [one.status for one in (committed, drawn, verified)] == [Exit.DONE] * 3
    assert committed.json["excluded"] == {"WHITELISTED": 1, "SUBJECT_DEREGISTERED": 1}
    # Class D by halves, rounded up, UNRATED whole, A not at all; officers valid to the end.
    assert (committed.json["objects"], committed.json["take"]) == (38, 10)
    assert committed.json["officers"] == 5
    chosen = drawn.json["chosen"]
    assert UNRATED in {one["uscc"] for one in chosen}
    assert not {one["uscc"] for one in chosen} & set(CODES[1::2])
    load = Counter(officer for one in chosen for officer in one["officers"])
    assert set(load) == {f"TJ{number}" for number in range(5)}
    assert max(load.values()) - min(load.values()) <= 1
    done = subprocess.run([sys.executable, SCRIPT, drawn.json["file"]], check=False)
    assert done.returncode == 0

    records = read_all(broker, in_topic(DEPT))
    kinds = [dict(one.headers())["ce_type"].decode() for one in records]
    assert sorted(kinds) == ["draw.committed", "draw.revealed", "draw.submitted"]
    (submitted,) = [r for r, kind in zip(records, kinds, strict=True) if kind == "draw.submitted"]
    data = json.loads(submitted.value())
    assert data["objects"] == sorted(one["uscc"] for one in chosen)
    assert (data["draw_id"], data["quarter"], data["plan_code"]) == ("D-1", "2026Q4", "P-1")


def test_the_seed_is_kept_secret_until_it_is_revealed(hub, broker, tmp_path):
    answer = commit(hub)
    kept = tmp_path / "run" / "draws" / DEPT / "D-1" / "seed"

    seed = kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert seed not in answer.out + answer.err
    assert all(
        seed.encode() not in (one.value() or b"") for one in read_all(broker, in_topic(DEPT))
    )
    assert "No public_source" in answer.said
    assert answer.fits(80)


def test_everything_may_be_done_twice_and_nothing_changes(hub, broker):
    first = commit(hub, "--json")
    second = commit(hub, "--json")
    drawn = hub("draw", "reveal", "D-1", "--json")
    again = hub("draw", "reveal", "D-1", "--json")

    assert first.json == second.json
    assert drawn.json == again.json
    kinds = Counter(
        dict(one.headers())["ce_type"].decode() for one in read_all(broker, in_topic(DEPT))
    )
    assert (kinds["draw.committed"], kinds["draw.revealed"]) == (1, 1)
    ids = {
        dict(one.headers())["ce_id"] for one in read_all(broker, in_topic(DEPT))
        if dict(one.headers())["ce_type"] == b"draw.submitted"
    }  # fmt: skip
    assert len(ids) == 1


def test_what_was_committed_to_cannot_be_drawn_otherwise(hub, tmp_path):
    commit(hub)
    (tmp_path / "objects.csv").write_text("uscc\n" + "\n".join(CODES[:20]), encoding="utf-8")

    answer = commit(hub)

    assert answer.status == Exit.FOUND
    assert "never changes" in answer.said


def test_the_officers_who_went_last_are_not_sent_again(hub, tmp_path):
    plan, objects = tmp_path / "plan.toml", tmp_path / "objects.csv"
    objects.write_text(f"uscc,avoid\n{UNRATED},TJ4\n", encoding="utf-8")
    commit(hub)
    first = hub("draw", "reveal", "D-1", "--json").json["chosen"][0]
    plan.write_text(PLAN.replace("D-1", "D-2"), encoding="utf-8")
    objects.write_text(f"uscc\n{UNRATED}\n", encoding="utf-8")
    commit(hub)
    second = hub("draw", "reveal", "D-2", "--json").json["chosen"][0]

    assert first["uscc"] == second["uscc"] == UNRATED
    assert "TJ4" not in first["officers"]
    assert not set(first["officers"]) & set(second["officers"])


def test_a_public_value_is_asked_for_if_it_was_announced(hub, tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN + 'public_source = "上证综指收盘"\n', encoding="utf-8")
    commit(hub)

    without = hub("draw", "reveal", "D-1")
    given = hub("draw", "reveal", "D-1", "--public-value", "3204.56", "--json")
    other = hub("draw", "reveal", "D-1", "--public-value", "3204.57")

    assert (without.status, other.status) == (Exit.USAGE, Exit.FOUND)
    assert "上证综指收盘" in without.said
    assert "with another public value, 3204.56" in other.said
    assert given.json["public_value"] == "3204.56"


def test_a_draw_whose_document_is_lost_is_made_again_as_it_was_published_or_not_at_all(
    hub, broker, tmp_path
):
    (tmp_path / "plan.toml").write_text(PLAN + 'public_source = "上证综指收盘"\n', encoding="utf-8")
    commit(hub)
    drawn = hub("draw", "reveal", "D-1", "--public-value", "3204.56", "--json")
    document = Path(drawn.json["file"])
    before, sent = document.read_bytes(), len(read_all(broker, in_topic(DEPT)))
    document.unlink()

    other = hub("draw", "reveal", "D-1", "--public-value", "3204.57")
    assert other.status == Exit.FOUND
    assert "3204.56" in other.said
    assert not document.exists()
    assert len(read_all(broker, in_topic(DEPT))) == sent

    again = hub("draw", "reveal", "D-1", "--public-value", "3204.56", "--json")
    assert again.json == drawn.json
    assert document.read_bytes() == before


def test_a_draw_whose_folder_is_lost_is_neither_begun_once_more_nor_revealed(hub, broker, tmp_path):
    commit(hub)
    folder = folder_of(tmp_path / "run" / "draws", DEPT, "D-1")
    begun = folder.begun()
    shutil.rmtree(folder.path)
    sent = len(read_all(broker, in_topic(DEPT)))

    again, lost = commit(hub), hub("draw", "reveal", "D-1")
    assert (again.status, lost.status) == (Exit.FOUND, Exit.FOUND)
    assert "committed to by WJW-120116 before" in again.said
    assert "is not here" in lost.said
    assert not folder.path.exists()

    seed = "5e" * 32
    folder.keep(Begun(begun.asked, begun.frame, commitment(begun.frame, seed, AT), seed))
    other = hub("draw", "reveal", "D-1")
    assert other.status == Exit.FOUND
    assert "holds another draw D-1" in other.said
    assert begun.committed.seed_sha256 in other.said
    assert not folder.document.exists()
    assert len(read_all(broker, in_topic(DEPT))) == sent


def test_a_document_that_is_not_what_was_published_is_not_submitted(hub, broker, tmp_path):
    commit(hub)
    drawn = hub("draw", "reveal", "D-1", "--json")
    document, sent = Path(drawn.json["file"]), len(read_all(broker, in_topic(DEPT)))
    folder = folder_of(tmp_path / "run" / "draws", DEPT, "D-1")
    begun = folder.begun()
    frame = begun.frame.model_copy(update={"officers_each": 1})
    made = document_of(frame, commitment(frame, begun.seed, AT), begun.seed, "", AT)
    document.write_text(made.model_dump_json(by_alias=True), encoding="utf-8")

    other = hub("draw", "reveal", "D-1")

    assert other.status == Exit.FOUND
    assert "another frame than was published" in other.said
    assert len(read_all(broker, in_topic(DEPT))) == sent


@pytest.mark.parametrize(
    ("objects", "plan", "said"),
    [
        ("uscc\n91110000600037341L\n", PLAN, "not in the object list"),
        (f"uscc\nXX\n{CODES[4]}\n{CODES[4]}\n", PLAN, "stands there twice"),
        ("code\nXX\n", PLAN, "a column uscc expected"),
        (f"uscc,avoid\n{UNRATED},TJ0;TJ1;TJ2;TJ3\n", PLAN, "1 officers may go, 2 must"),
        (f"uscc\n{CODES[4]}\n", PLAN + "[percent]\nA = 10\n", "no ratio for class D"),
        (f"uscc\n{CODES[4]}\n", PLAN + 'scheme = "GENERAL_RISK"\n', "suggests no ratios"),
    ],
)
def test_what_cannot_be_drawn_is_told_and_nothing_is_committed_to(
    hub, broker, tmp_path, objects, plan, said
):
    (tmp_path / "objects.csv").write_text(objects, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(plan, encoding="utf-8")

    answer = commit(hub)

    assert answer.status == Exit.FOUND
    assert said in answer.said
    assert read_all(broker, in_topic(DEPT)) == []
    assert not (tmp_path / "run" / "draws").exists()


def test_a_plan_with_faults_is_told_field_by_field(console, tmp_path):
    oversight.register(console.app, rules)
    (tmp_path / "plan.toml").write_text('draw_id = "D"\nquarter = "2026"\n', encoding="utf-8")
    (tmp_path / "objects.csv").write_text("uscc\n", encoding="utf-8")

    answer = console("draw", "commit", "plan.toml", "objects.csv")

    assert answer.status == Exit.USAGE
    assert all(name in answer.said for name in ("dept", "quarter", "plan_code", "items"))


def test_a_document_that_differs_from_what_was_published_is_told(hub, tmp_path):
    commit(hub)
    drawn = hub("draw", "reveal", "D-1", "--json")
    document = json.loads(Path(drawn.json["file"]).read_text(encoding="utf-8"))
    document["chosen"].pop()
    (tmp_path / "x.json").write_text(json.dumps(document), encoding="utf-8")

    answer = hub("draw", "verify", "x.json")

    assert answer.status == Exit.FOUND
    assert "chooses others" in answer.said


def test_nothing_is_revealed_that_was_never_committed_to(hub):
    answer = hub("draw", "reveal", "D-9")

    assert answer.status == Exit.FOUND
    assert "hub draw commit" in answer.said


@pytest.mark.parametrize(
    ("quarter", "last"),
    [
        ("2026Q1", date(2026, 3, 31)), ("2026Q2", date(2026, 6, 30)),
        ("2026Q3", date(2026, 9, 30)), ("2026Q4", date(2026, 12, 31)),
    ],
)  # fmt: skip
def test_a_quarter_has_a_last_day(quarter, last):
    assert last_day(quarter) == last
