"""The golden decisions: what the rules of each version decided on one fixed log.

    python tests/golden.py      # once RULES_VERSION is raised: writes the new version's decisions

A version's decisions, once written, are never overwritten: rules that decide otherwise are another
version, and the old one's facts must still be applied for as long as there are logs that hold them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run as a script, the project's folder is not on the path
    sys.path[:0] = [str(Path(__file__).parents[1])]

from builders import Mint, answered

from schemas.facts import Decided
from schemas.journal import JournalEvent, JournalRecord, Source
from schemas.messages import INBOUND
from schemas.policy_file import read_policy
from streams.rules.decide import fold
from streams.rules.entry.caps import CompiledPolicy, compile_policy
from streams.rules.state import EMPTY, SubjectState
from streams.rules.version import RULES_VERSION

FOLDER = Path(__file__).parent / "rules" / "golden"


def golden_policies() -> dict[str, CompiledPolicy]:
    """The policies of the golden log, by the names its lines give them."""
    return {
        path.stem: compile_policy(read_policy(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("policy-*.toml"))
    }


def golden_events() -> Iterator[tuple[JournalEvent, CompiledPolicy]]:
    """The golden log, each record with the policy under which it was taken in."""
    policies = golden_policies()
    for line in _lines(FOLDER / "events.jsonl"):
        plain = json.loads(line)
        policy = policies[plain["policy"]]
        fields = {**plain["record"], "policy_version": policy.version}
        model = INBOUND[fields["type"]].model
        record = JournalRecord[model].model_validate_json(json.dumps(fields))  # type: ignore[valid-type]  # known at run time
        offset = plain["offset"]
        yield (
            JournalEvent(
                record=record,
                source=Source("insp.journal", 0, offset),
                at_ms=plain["at_ms"],
                digest=f"{offset:016x}",
                key=plain["key"],
            ),
            policy,
        )


def decide_golden() -> Iterator[tuple[Decided, SubjectState]]:
    """What the rules at hand decide, record by record, and the enterprise after it."""
    mint = Mint()
    states: dict[str, SubjectState] = {}
    for event, policy in golden_events():
        state, facts = fold(states.get(event.key, EMPTY), event, policy, mint)
        states[event.key] = state
        yield answered(event, facts), state


def golden_lines() -> list[str]:
    """What the rules at hand decide, as the golden file holds it: the facts of one record a line.

    What is empty is left out, so that a field added later, empty in all these, changes nothing.
    """
    return [
        json.dumps(
            {"offset": line.src.offset, "facts": _without_empty(line)},
            ensure_ascii=False,
            sort_keys=True,
        )
        for line, _ in decide_golden()
    ]


def golden_file(version: int) -> Path:
    """Where the decisions of a version of the rules are kept."""
    return FOLDER / f"decisions-v{version}.jsonl"


def read_golden(version: int) -> list[str]:
    """The decisions of a version, line by line."""
    return _lines(golden_file(version))


def write_golden(lines: list[str], version: int) -> Path:
    """Keep the decisions of a new version.

    Raises:
        FileExistsError: If this version has others already.
    """
    path = golden_file(version)
    if path.exists() and _lines(path) != lines:
        raise FileExistsError(
            f"{path.name} holds other decisions: rules that decide otherwise are another version. "
            "Raise RULES_VERSION in streams/rules/version.py, then run this again"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _without_empty(line: Decided) -> list[Any]:
    return [fact.model_dump(mode="json", by_alias=True, exclude_none=True) for fact in line.facts]


if __name__ == "__main__":
    written = write_golden(golden_lines(), RULES_VERSION)
    sys.stdout.write(f"{written.name}: the decisions of rules version {RULES_VERSION}\n")
