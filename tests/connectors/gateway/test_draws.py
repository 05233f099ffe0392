"""A department without a platform draws over HTTP; anybody reads the draw, and draws it again."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from draw_requests import OBJECTS, commit, reveal, send
from gateway_registry import OTHER_USCC
from gateway_world import DEPT, OTHER, USCC, World

from connectors.redis_view import key as view_key
from schemas.messages import REGISTRY_OFFICER, REGISTRY_SPECIAL
from schemas.registry import RegistryOfficer, RegistrySpecial
from schemas.special_words import SpecialStatus
from schemas.topics import CTL_REGISTRY, JOURNAL
from streams.rules.state import decode_state

SCRIPT = Path(__file__).parents[3] / "examples" / "recompute_draw.py"


def types_sent(world: World, dept: str = DEPT) -> list[str]:
    return [dict(one.headers)["ce_type"].decode() for one in world.produced(dept)]


def kept(world: World, dept: str = DEPT) -> list[Path]:
    folder = world.settings.draws / dept
    return sorted(folder.iterdir()) if folder.exists() else []


async def test_a_draw_is_committed_to_revealed_submitted_and_read_by_anybody(
    drawing: World, tmp_path: Path
):
    committed = await commit(drawing)
    before = await drawing.ask("GET", "/draws/D-1")
    revealed = await reveal(drawing)
    after = await drawing.ask("GET", "/draws/D-1")
    document = await drawing.ask("GET", "/draws/D-1/document")

    assert [one.status for one in (committed, before, revealed, after, document)] == [
        202, 200, 202, 200, 200,
    ]  # fmt: skip
    assert (committed.json["objects"], committed.json["take"]) == (2, 1)
    assert before.json == {"committed": committed.json["committed"], "revealed": None}
    assert after.json["revealed"]["seed"] == document.json["seed"]
    assert document.json == revealed.json["document"]
    (chosen,) = document.json["chosen"]
    assert chosen["officers"] in (["TJ0001", "TJ0002"], ["TJ0002", "TJ0001"])
    (tmp_path / "draw.json").write_bytes(document.body)
    stranger = (sys.executable, SCRIPT, tmp_path / "draw.json")
    assert (await asyncio.to_thread(subprocess.run, stranger, check=False)).returncode == 0
    assert types_sent(drawing) == ["draw.committed", "draw.revealed", "draw.submitted"]
    # The drawn enterprise's own log knows of it.
    states = drawing.redis.hashes[view_key(0, "state")]
    assert [*states] == [chosen["uscc"]]
    (drawn,) = decode_state(states[chosen["uscc"]]).draws["2026Q2"].draws
    assert (drawn.dept, drawn.draw_id) == (DEPT, "D-1")


async def test_the_seed_is_nowhere_to_be_read_before_it_is_revealed(
    drawing: World, capsys: pytest.CaptureFixture[str]
):
    answers = [await commit(drawing, "?dry_run=true"), await commit(drawing)]
    file = drawing.settings.draws / DEPT / "D-1" / "seed"
    seed = file.read_text()
    answers += [
        await commit(drawing), await drawing.ask("GET", "/draws/D-1"),
        await drawing.ask("GET", "/v1/draws/D-1", dept=DEPT),
        await drawing.ask("GET", "/draws/D-1/document"),
        await commit(drawing, items=["1101-002"]), await reveal(drawing, public_value="3204"),
    ]  # fmt: skip

    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert [one.status for one in answers] == [200, 202, 200, 200, 200, 404, 409, 422]
    assert all(seed not in one.text + str(one.headers) for one in answers)
    records = [one for log in drawing.kafka.logs.values() for one in log]
    assert records
    assert all(seed.encode() not in (one.value or b"") for one in records)
    assert all(seed.encode() not in one for one in drawing.redis.strings.values())
    out = capsys.readouterr()
    assert seed not in out.out + out.err


async def test_a_draw_that_could_not_be_published_is_not_told(drawing: World):
    await commit(drawing)
    drawing.broker_gone = True
    failed = await reveal(drawing)
    document = await drawing.ask("GET", "/draws/D-1/document")
    own = await drawing.ask("GET", "/v1/draws/D-1", dept=DEPT)
    drawing.broker_gone = False
    again = await reveal(drawing)

    assert (failed.status, document.status, own.json["revealed"]) == (503, 404, None)
    assert again.status == 202
    assert (await drawing.ask("GET", "/draws/D-1/document")).json == again.json["document"]


async def test_everything_may_be_sent_twice_and_nothing_changes(drawing: World):
    first = await commit(drawing)
    drawing.clock += timedelta(hours=1)
    officer = {
        "cert_no": "TJ0003", "name": "某人", "dept": DEPT, "valid_from": "2020-01-01",
        "valid_to": "2199-01-01", "status": "VALID",
    }  # fmt: skip
    drawing.registry.put(REGISTRY_OFFICER, RegistryOfficer.model_validate_json(json.dumps(officer)))
    again = await commit(drawing)
    drawn = await reveal(drawing)
    drawing.clock += timedelta(hours=1)
    drawn_again = await reveal(drawing)

    assert (first.status, again.status) == (202, 200)
    assert again.json == {**first.json, "duplicate": True}
    assert (drawn.status, drawn_again.status) == (202, 200)
    assert drawn_again.json["document"] == drawn.json["document"]
    assert types_sent(drawing) == ["draw.committed", "draw.revealed", "draw.submitted"]


async def test_what_was_committed_to_is_not_drawn_otherwise(drawing: World):
    await commit(drawing, public_source="上证综指收盘")
    other = await commit(drawing, public_source="上证综指收盘", objects=OBJECTS[:1])
    without = await reveal(drawing)
    drawn = await reveal(drawing, public_value="3204.56")
    otherwise = await reveal(drawing, public_value="3204.57")

    assert (other.status, other.json["reason"]) == (409, "DRAW_BEGUN")
    assert (without.status, without.json["field"]) == (422, "public_value")
    assert "上证综指收盘" in without.json["detail"]
    assert drawn.status == 202
    assert (otherwise.status, otherwise.json["reason"]) == (409, "DRAW_BEGUN")


async def test_of_two_who_begin_a_draw_at_once_one_does(drawing: World):
    same = await asyncio.gather(commit(drawing), commit(drawing))
    two = await asyncio.gather(
        commit(drawing, draw_id="D-2"), commit(drawing, draw_id="D-2", objects=OBJECTS[:1])
    )

    assert {one.status for one in same} <= {200, 202}
    assert same[0].json["committed"] == same[1].json["committed"]
    assert sorted(one.status for one in two) == [202, 409]
    assert types_sent(drawing).count("draw.committed") == 2


async def test_what_could_not_be_stored_is_committed_to_as_it_was_begun(drawing: World):
    drawing.broker_gone = True
    failed = await commit(drawing)
    seed = (drawing.settings.draws / DEPT / "D-1" / "seed").read_text()
    drawing.broker_gone = False
    drawing.clock += timedelta(minutes=5)
    drawing.start()
    stored = await commit(drawing)
    drawn = await reveal(drawing)

    assert (failed.status, failed.json["reason"]) == (503, "BROKER_AWAY")
    assert (stored.status, drawn.json["document"]["seed"]) == (202, seed)


async def test_another_department_finds_none_of_ones_draws(drawing: World):
    foreign = await commit(drawing, who=OTHER)
    await commit(drawing)
    own = await drawing.ask("GET", "/v1/draws/D-1", dept=OTHER)
    nothing = await drawing.ask("GET", "/v1/draws/D-9", dept=OTHER)
    revealed = await reveal(drawing, who=OTHER)
    taken = await commit(drawing, who=OTHER, dept=OTHER, objects=OBJECTS[:1], officers_each=1)

    assert (foreign.status, foreign.json["field"]) == (403, "plan.dept")
    assert (own.status, revealed.status) == (404, 404)
    assert own.body == nothing.body
    assert (taken.status, taken.json["reason"]) == (422, "DRAW_TAKEN")
    assert kept(drawing, OTHER) == []
    assert types_sent(drawing, OTHER) == []


async def test_who_shows_no_credentials_draws_nothing(drawing: World):
    body: dict[str, Any] = {"plan": {}, "objects": []}
    assert (await send(drawing, "/v1/draws", body, dept=None)).status == 401
    assert (await send(drawing, "/v1/draws/D-1/reveal", {}, dept=None)).status == 401
    assert (await drawing.ask("GET", "/v1/draws/D-1")).status == 401


async def test_a_dry_run_says_what_would_be_drawn_from_and_keeps_nothing(drawing: World):
    tried = await commit(drawing, "?dry_run=true")

    assert (tried.status, tried.json["dry_run"], tried.json["committed"]) == (200, True, None)
    assert kept(drawing) == []
    assert types_sent(drawing) == []
    committed = await commit(drawing)
    assert committed.json["frame_sha256"] == tried.json["frame_sha256"]


@pytest.mark.parametrize(
    ("plan", "objects", "status", "said"),
    [
        ({}, [{"uscc": "91110000600037341L"}], 422, "not in the object list"),
        ({}, [*OBJECTS, OBJECTS[0]], 422, "objects[2].uscc"),
        ({}, [{"uscc": "XX"}], 422, "is no credit code"),
        ({}, [], 422, "objects"),
        ({}, [{"uscc": USCC, "avoid": ["TJ0001"]}], 422, "1 officers may go, 2 must"),
        ({"percent": {"A": 10}}, OBJECTS, 422, "no ratio for class UNRATED"),
        ({"percent": None}, OBJECTS, 422, "suggests no ratios"),
        ({"quarter": "2026Q5"}, OBJECTS, 422, "plan.quarter"),
        ({"quarter": "0000Q1"}, OBJECTS, 422, "plan.quarter"),
        ({"draw_id": "../../etc"}, OBJECTS, 422, "draw_id"),
        ({"draw_id": ".."}, OBJECTS, 422, "draw_id"),
        ({"draw_id": "抽" * 100}, OBJECTS, 422, "draw_id"),
        ({"seed": "5e" * 32}, OBJECTS, 422, "plan.seed"),
        ({}, [{"uscc": USCC}] * 20_001, 422, "objects"),
    ],
)
async def test_what_cannot_be_drawn_is_told_and_nothing_is_committed_to(
    drawing: World, plan: dict[str, Any], objects: Any, status: int, said: str
):
    answer = await commit(drawing, objects=objects, **plan)

    assert answer.status == status
    assert said in answer.json["detail"] + answer.json["field"]
    assert kept(drawing) == []
    assert types_sent(drawing) == []


async def test_nothing_is_revealed_before_the_commitment_stands_for_all_to_see(drawing: World):
    drawing.deciding = False
    await commit(drawing)
    early = await reveal(drawing)
    drawing.decide()
    late = await reveal(drawing)

    assert (early.status, early.json["reason"]) == (503, "DRAW_NOT_PUBLISHED")
    assert early.headers["retry-after"] == "1"
    assert late.status == 202


async def test_the_officers_who_went_last_are_not_sent_again(drawing: World):
    plan: dict[str, Any] = {"officers_each": 1, "percent": {"UNRATED": 100}}
    await commit(drawing, objects=OBJECTS[:1], **plan)
    first = (await reveal(drawing)).json["document"]["chosen"]
    await commit(drawing, objects=OBJECTS[:1], draw_id="D-2", **plan)
    second = (await reveal(drawing, draw="D-2")).json["document"]["chosen"]

    assert [one["uscc"] for one in (*first, *second)] == [USCC, USCC]
    assert not set(first[0]["officers"]) & set(second[0]["officers"])


async def test_what_a_draw_changes_is_what_its_events_change(drawing: World):
    await commit(drawing, percent={"UNRATED": 100}, officers_each=1)
    await reveal(drawing)

    drawn = {(one.key or b"").decode() for one in drawing.kafka.logs[JOURNAL, 0]}
    assert drawn == {USCC, OTHER_USCC}
    keys = [(one.key or b"").decode() for one in drawing.kafka.all(CTL_REGISTRY)]
    assert keys == ["draw.committed:D-1", "draw.revealed:D-1"]


async def test_a_draw_for_a_special_inspection_names_it_and_needs_one_that_stands(
    drawing: World, tmp_path: Path
):
    unknown = await commit(drawing, special_id="ZX-1")
    assert (unknown.status, unknown.json["reason"]) == (422, "DRAW_SPECIAL")
    assert kept(drawing) == []
    entry = RegistrySpecial(
        special_id="ZX-1", version=1, status=SpecialStatus.FILED, planners=(DEPT,)
    )
    drawing.registry.put(REGISTRY_SPECIAL, entry)

    committed = await commit(drawing, special_id="ZX-1")
    drawn = (await reveal(drawing)).json["document"]

    assert committed.json["committed"]["special_id"] == drawn["frame"]["special_id"] == "ZX-1"
    (tmp_path / "draw.json").write_bytes((await drawing.ask("GET", "/draws/D-1/document")).body)
    stranger = (sys.executable, SCRIPT, tmp_path / "draw.json")
    assert (await asyncio.to_thread(subprocess.run, stranger, check=False)).returncode == 0
    sent = json.loads(drawing.produced()[-1].value or b"")
    assert (sent["special_id"], sent["objects"]) == ("ZX-1", [drawn["chosen"][0]["uscc"]])
