"""`hub draw`: committed to, revealed, submitted, and checked by whoever wants to."""

import json
import stat
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from console_fakes import read_all
from draw_world import CODES, DEPT, PLAN, UNRATED, commit, laid_out

from connectors.console import oversight
from connectors.console.context import Exit
from connectors.draws.frame import last_day
from schemas.topics import in_topic
from streams.desks import oversight as rules

SCRIPT = Path(__file__).parents[3] / "examples" / "recompute_draw.py"


@pytest.fixture
def hub(console, broker, redis_url, intake, tmp_path):
    return laid_out(console, broker, redis_url, intake, tmp_path)


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
