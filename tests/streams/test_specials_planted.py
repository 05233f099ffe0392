"""Is a hub found out whose logs do not tell each other what they must (invariants I4, I5)?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from special_stories import REFUSES, run, the_course, the_survey

from schemas.enums import SubjectStatus
from schemas.journal import SubjectFinding
from streams import changes
from streams.journaling import Relayed
from streams.rules.relays import Relay, relays, special_entry

SOMEBODY_ELSE = SubjectFinding(
    status=SubjectStatus.ACTIVE, object_type="企业", industry="5199", name="别家"
)
Patch = Callable[[pytest.MonkeyPatch], None]


def telling(altered: Callable[[list[Relay]], list[Relay]]) -> Patch:
    """Logs tell each other something else."""
    return lambda patch: patch.setattr(
        changes, "relays", lambda decided, after: altered(relays(decided, after))
    )


def entering(altered: Callable[[Any], Any]) -> Patch:
    """The registry topic says something else of a special inspection."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        def entry(*told: Any) -> Any:
            found = special_entry(*told)
            return None if found is None else altered(found)

        patch.setattr(changes, "special_entry", entry)

    return plant


def taken_in(**altered: Any) -> Patch:
    """What logs tell each other says something else of itself."""

    class Altered(Relayed):
        def __init__(self, decided: Any, relay: Relay) -> None:
            super().__init__(decided, relay)
            self.record = self.record.model_copy(update=altered)

    return lambda patch: patch.setattr(changes, "Relayed", Altered)


def other(relay: Relay, **changes_: Any) -> Relay:
    return replace(relay, data=relay.data.model_copy(update=changes_))


FAULTS = {
    # what is wrong: (how, in which story, the check that must say so)
    "nothing is told": (telling(lambda _told: []), the_survey, "I4.relayed"),
    "a result is told of another": (
        telling(lambda told: [other(one, task_id="T-X") for one in told]), the_course, "I5.relayed",
    ),
    "told in another's name": (
        telling(lambda told: [replace(one, dept="WJW-120104") for one in told]), the_survey,
        "I5.relayed",
    ),
    "told at another time": (
        taken_in(time="2026-02-10T09:00:00.000+08:00"), the_course, "I5.relayed",
    ),
    "another entry of the object list": (
        telling(lambda told: [replace(one, subject=SOMEBODY_ELSE) for one in told]), the_survey,
        "I5.relayed",
    ),
    "a code whose digit does not pass": (
        telling(lambda told: [replace(one, check_digit_ok=False) for one in told]), the_survey,
        "I5.relayed",
    ),
    "told to another log": (
        telling(lambda told: [replace(one, key="special:ZX-9") for one in told]), the_course,
        "I4.relayed",
    ),
    "no standing on the registry topic": (entering(lambda _entry: None), the_course, "I4.relayed"),
    "another standing there": (
        entering(lambda entry: entry.model_copy(update={"planners": ("WJW-120104",)})), the_course,
        "I5.relayed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_it_is_found_out(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, story, check = FAULTS[name]
    plant(monkeypatch)

    report = run(tmp_path, story, REFUSES).audit()

    assert check in {one.name for one in report.checks if one.violations_total}
