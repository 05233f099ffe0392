"""A draw follows from its seed alone, and a stranger's ten lines come to the same."""

import ast
import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.draw import DrawDocument, DrawFrame, drawn, fault_of, ticket
from schemas.draw_frame import Candidate, shared_out, strata_of

SCRIPT = Path(__file__).parents[2] / "examples" / "recompute_draw.py"
SEED = "5e" * 32
STRATA = [
    {"class": "A", "layer": "120101", "take": 0, "objects": ("A1", "A2")},
    {"class": "D", "layer": "120101", "take": 2, "objects": ("D1", "D2", "D3")},
    {"class": "D", "layer": "120116", "take": 1, "objects": ("D4", "D5")},
]


def a_frame(**fields) -> DrawFrame:
    plain = {
        "draw_id": "DRAW-1", "dept": "WJW-120116", "quarter": "2026Q2", "plan_code": "P-1",
        "items": ("1101-001",), "scheme": "CREDIT_EVALUATION", "policy_version": "v+1",
        "strata": tuple(STRATA), "officers": ("TJ1", "TJ2", "TJ3", "TJ4"),
    }  # fmt: skip
    return DrawFrame.model_validate({**plain, **fields})


def a_document(frame: DrawFrame, *, public_value="", **fields):
    plain = {
        "frame": frame, "frame_sha256": frame.digest(),
        "seed_sha256": hashlib.sha256(bytes.fromhex(SEED)).hexdigest(),
        "committed_at": "2026-04-01T09:00:00+08:00", "seed": SEED, "public_value": public_value,
        "revealed_at": "2026-04-02T09:00:00+08:00", "chosen": drawn(frame, SEED, public_value),
    }  # fmt: skip
    return {**plain, **fields}


def run(path):
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, path], capture_output=True, text=True, check=False
    )


def test_a_stranger_recomputes_it_with_ten_lines_and_no_library(tmp_path):
    document = DrawDocument(**a_document(a_frame(avoid={"D1": ("TJ1",)})))
    path = tmp_path / "draw.json"
    path.write_text(document.model_dump_json(by_alias=True), encoding="utf-8")

    done = run(path)

    assert (done.returncode, done.stdout) == (0, "3 objects: as the seed chooses\n")
    functions = [
        one for one in ast.parse(SCRIPT.read_text()).body if isinstance(one, ast.FunctionDef)
    ]
    logic = [
        node for one in functions for node in ast.walk(one)
        if isinstance(node, ast.stmt) and node is not one and node not in one.body[:1]
    ]  # fmt: skip
    assert len(logic) <= 10
    assert len({node.lineno for node in logic}) == len(logic)


@pytest.mark.parametrize(
    "damage",
    [
        lambda it: it.update(seed="00" * 32),
        lambda it: it.update(public_value="3204"),
        lambda it: it["chosen"].pop(),
        lambda it: it["chosen"][0].update(officers=["TJ3", "TJ4"][::-1]),
        lambda it: it["frame"].update(officers=["TJ1", "TJ2"]),
        lambda it: it["frame"]["strata"][0].update(take=1),
        lambda it: it["frame"].update(avoid={"D1": ["TJ2"]}),
        lambda it: it["frame"].update(plan_code="P-2"),
        lambda it: it.update(seed_sha256="ab" * 32),
    ],
)
def test_both_see_that_something_was_changed(tmp_path, damage):
    plain = json.loads(DrawDocument(**a_document(a_frame())).model_dump_json(by_alias=True))
    damage(plain)
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(plain), encoding="utf-8")

    assert run(path).returncode == 1
    with pytest.raises(ValidationError):
        DrawDocument.model_validate_json(json.dumps(plain))


def test_a_public_value_changes_the_draw_and_must_be_named_before():
    frame = a_frame(public_source="上证综指 2026-04-02 收盘")

    assert len({drawn(frame, SEED, str(value)) for value in range(20)}) > 1
    assert fault_of(DrawDocument(**a_document(frame, public_value="3204.56"))) is None
    with pytest.raises(ValidationError, match="public value"):
        DrawDocument(**a_document(frame))
    with pytest.raises(ValidationError, match="public value"):
        DrawDocument(**a_document(a_frame(), public_value="3204.56"))


@given(seed=st.binary(min_size=32, max_size=32), each=st.integers(1, 3))
def test_every_stratum_gives_its_number_and_officers_are_those_who_may_go(seed, each):
    frame = a_frame(officers_each=each, avoid={"D1": ("TJ1",), "D4": ("TJ2",)})

    chosen = drawn(frame, seed.hex(), "")

    for stratum in frame.strata:
        assert sum(one.uscc in stratum.objects for one in chosen) == stratum.take
    load = Counter(officer for one in chosen for officer in one.officers)
    for one in chosen:
        assert len(set(one.officers)) == each
        assert not set(one.officers) & set(frame.avoid.get(one.uscc, ()))
    if each == 1:
        assert max(load.values()) == 1, "work is shared out"


def test_every_object_and_every_pair_of_officers_is_as_likely_as_another():
    frame = a_frame(
        strata=({"class": "B", "layer": "", "take": 1, "objects": ("B1", "B2", "B3", "B4")},)
    )
    objects: Counter[str] = Counter()
    pairs: Counter[frozenset[str]] = Counter()
    for number in range(2400):
        (one,) = drawn(frame, ticket("seed", str(number)), "")
        objects[one.uscc] += 1
        pairs[frozenset(one.officers)] += 1

    # Fixed seeds: the figures never change. Five standard deviations are 106 and 91.
    assert all(abs(count - 600) < 106 for count in objects.values())
    assert len(pairs) == 6
    assert all(abs(count - 400) < 91 for count in pairs.values())


def test_too_few_officers_are_told():
    frame = a_frame(officers=("TJ1", "TJ2"), avoid={"D1": ("TJ1",), "D2": ("TJ1",), "D3": ("TJ2",)})

    with pytest.raises(ValueError, match="1 officers may go, 2 must"):
        drawn(frame, SEED, "")


def test_better_classes_give_fewer_and_class_a_may_give_none():
    candidates = [
        Candidate(f"{class_}{number:03}", class_, layer)
        for class_ in "ABD" for layer in ("north", "south") for number in range(100)
    ]  # fmt: skip
    candidates = [one._replace(uscc=one.uscc + one.layer[0]) for one in candidates]

    strata, excluded = strata_of(candidates, {"A": 0, "B": 3, "D": 50})

    assert [(one.class_, one.layer, one.take) for one in strata] == [
        ("A", "north", 0), ("A", "south", 0),
        ("B", "north", 3), ("B", "south", 3),
        ("D", "north", 50), ("D", "south", 50),
    ]  # fmt: skip
    assert excluded == ()


def test_who_is_left_out_is_named_with_the_reason():
    strata, excluded = strata_of(
        [Candidate("A1", "A", "", "WHITELISTED"), Candidate("A2", "A", "")], {"A": 100}
    )

    assert [one.objects for one in strata] == [("A2",)]
    assert [(one.uscc, one.why) for one in excluded] == [("A1", "WHITELISTED")]


def test_a_class_without_a_ratio_is_told():
    with pytest.raises(ValueError, match="class C, UNRATED"):
        strata_of([Candidate("1", "UNRATED", ""), Candidate("2", "C", "")], {"A": 1})


@given(
    sizes=st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 500), min_size=1),
    percent=st.integers(0, 100),
)
def test_layers_share_a_class_by_their_size(sizes, percent):
    shares = dict(shared_out(sizes, percent))

    assert sum(shares.values()) == -(-sum(sizes.values()) * percent // 100)
    for name, take in shares.items():
        assert 0 <= take <= sizes[name]
        assert abs(take - sizes[name] * percent / 100) < 1


def test_a_frame_has_one_digest_whatever_the_order_in_which_it_was_written():
    frame = a_frame(avoid={"D2": ("TJ1",), "D1": ("TJ2",)})
    other = a_frame(avoid={"D1": ("TJ2",), "D2": ("TJ1",)})

    assert frame.digest() == other.digest()
    assert frame.digest() != a_frame().digest()


def test_a_frame_for_no_special_inspection_has_the_hash_it_always_had():
    frame = a_frame()

    assert "special_id" not in frame.model_dump(mode="json", by_alias=True)
    assert frame.digest() == "f2699f38679d72aca49afd40fcd74192dcc42c59f7d4a3a5da151505deea2ffa"
    assert a_frame(special_id="ZX-1").digest() != frame.digest()
