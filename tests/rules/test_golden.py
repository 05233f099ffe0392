"""Did any decision change without the rules' version saying so?"""

from __future__ import annotations

import json
from pathlib import Path

import golden
import pytest
from pydantic import TypeAdapter

from schemas.enums import Decision, Prompt
from schemas.facts import Decided, DecidedFact, Fact
from streams.rules.apply import apply
from streams.rules.state import EMPTY, SubjectState, decode_state, encode_state
from streams.rules.version import RULES_VERSION

VERSIONS = sorted(
    int(path.stem.removeprefix("decisions-v")) for path in golden.FOLDER.glob("decisions-v*.jsonl")
)


def test_the_decisions_are_those_of_this_version_of_the_rules() -> None:
    kept = golden.read_golden(RULES_VERSION)

    for now, then in zip(golden.golden_lines(), kept, strict=True):
        assert json.loads(now) == json.loads(then), (
            "decisions changed: raise RULES_VERSION and run `python tests/golden.py`"
        )


def test_every_version_of_the_rules_left_its_decisions() -> None:
    assert list(range(1, RULES_VERSION + 1)) == VERSIONS


def test_the_log_comes_to_every_decision_prompt_and_fact() -> None:
    facts = [fact for line, _ in golden.decide_golden() for fact in line.facts]
    made = [fact.decision for fact in facts if isinstance(fact, DecidedFact)]

    assert len({line.src.offset for line, _ in golden.decide_golden()}) >= 200
    assert {one.decision for one in made} | {Decision.CONFLICT} == set(Decision)
    assert {prompt for one in made for prompt in one.warnings} == set(Prompt)
    assert {fact.fact for fact in facts} == {
        "DECIDED", "REPEATED", "CONFLICT", "APPROVAL", "CANCELLED", "EXPIRED", "ENTERED",
        "COMPLETED", "CHOICE", "CLASSIFIED", "WHITELISTED", "JOINT", "NOTED", "DISCLOSURE",
        "STOP_KEPT", "REPAIR", "HELD",
        "SPECIAL", "SPECIAL_OBJECT", "SURVEY",
        "DRAWN", "WINDOW_CLOSED", "JOINT_CHANGED",
    }  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_facts_of_every_version_can_still_be_applied(version: int) -> None:
    read = TypeAdapter(list[Fact]).validate_json
    keys = [event.key for event, _ in golden.golden_events()]
    states: dict[str, SubjectState] = {}

    # The log grows with the rules: a version decided what was there in its day.
    for key, line in zip(keys, golden.read_golden(version), strict=False):
        plain = json.loads(line)
        for fact in read(json.dumps(plain["facts"])):
            states[key] = apply(states.get(key, EMPTY), fact, plain["offset"])

    assert all(decode_state(encode_state(state)) == state for state in states.values())
    if version == RULES_VERSION:
        folded = {line.key: state for line, state in golden.decide_golden()}
        assert states == folded


def test_a_line_of_decided_reads_back_from_its_bytes() -> None:
    for line, _ in golden.decide_golden():
        assert Decided.model_validate_json(line.model_dump_json(by_alias=True)) == line


class TestKeepingDecisions:
    """The file of a version is written once."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(golden, "FOLDER", tmp_path)

    def test_a_new_version_is_written(self) -> None:
        path = golden.write_golden(["{}"], 7)

        assert path.name == "decisions-v7.jsonl"
        assert golden.read_golden(7) == ["{}"]

    def test_the_same_decisions_may_be_written_again(self) -> None:
        golden.write_golden(["{}"], 7)

        assert golden.write_golden(["{}"], 7).exists()

    def test_other_decisions_are_never_written_over_a_versions_own(self) -> None:
        golden.write_golden(["{}"], 7)

        with pytest.raises(FileExistsError, match="Raise RULES_VERSION"):
            golden.write_golden(['{"other": 1}'], 7)

        assert golden.read_golden(7) == ["{}"]
