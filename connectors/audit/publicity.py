"""What is known of an enterprise's disclosed results and its repairs? The facts so far, applied.

Source: semantics §9-§11; art. 5, 9, 11-13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.audit.cases import APPLIED, RepairCase, Step
from connectors.audit.results import Ground, Result, read_disclosure, read_ground


@dataclass(slots=True)
class Publicity:
    """Disclosures and cases of one enterprise, and what waits for either.

    Attributes:
        kept: result id -> grounds for a result that is not disclosed.
        resumed: result id and department -> instant of the last order to resume.
        held: repair id -> steps that wait for the one before them.
        corrected: result id -> instant of the last correction that said nothing new.
    """

    results: dict[str, Result] = field(default_factory=dict)
    kept: dict[str, tuple[Ground, ...]] = field(default_factory=dict)
    resumed: dict[tuple[str, str], int] = field(default_factory=dict)
    cases: dict[str, RepairCase] = field(default_factory=dict)
    held: dict[str, tuple[Step, ...]] = field(default_factory=dict)
    corrected: dict[str, int] = field(default_factory=dict)

    def corrected_ms(self, result_id: str) -> int | None:
        """When the newest correction of a result was said, as far as it is remembered."""
        result = self.results.get(result_id)
        said = [result.corrected_ms if result else None, self.corrected.get(result_id)]
        return max((at for at in said if at is not None), default=None)

    def waiting(self) -> int:
        """How many grounds wait for results that are not disclosed."""
        return sum(len(grounds) for grounds in self.kept.values())

    def take(self, fact: Mapping[str, Any]) -> None:
        """Change by one fact.

        Raises:
            KeyError, TypeError, ValueError: The fact is incomplete, or of a case nobody opened.
        """
        kind = fact["fact"]
        if kind == "DISCLOSURE":
            self._disclosed(fact)
        elif kind == "STOP_KEPT":
            self._kept(fact)
        elif kind == "REPAIR":
            self._repaired(fact)
        elif kind == "HELD":
            waiting = read_step(fact["step"], fact["dept"], is_held=True)
            self.held[fact["repair_id"]] = (*self.held.get(fact["repair_id"], ()), waiting)
        elif kind == "NOTED" and fact.get("dropped"):
            self._let_go(fact["repair_id"], fact["dropped"])
        elif kind == "NOTED" and fact.get("result_id") and fact.get("at") is not None:
            self.corrected[fact["result_id"]] = fact["at"]

    def _disclosed(self, fact: Mapping[str, Any]) -> None:
        after = read_disclosure(self.results.get(fact["result_id"]), fact)
        self.results[after.result_id] = after
        self.kept.pop(after.result_id, None)
        if fact["cause"] == "RESUMED":
            self.resumed[after.result_id, after.dept] = fact["at"]

    def _kept(self, fact: Mapping[str, Any]) -> None:
        result_id, name, dept = fact["result_id"], fact["name"], fact["dept"]
        rest = [g for g in self.kept.get(result_id, ()) if (g.name, g.dept) != (name, dept)]
        if fact["ground"] is not None:
            rest.append(read_ground(fact["ground"]))
        self.kept[result_id] = tuple(rest)
        if fact.get("at") is not None:
            self.resumed[result_id, dept] = fact["at"]

    def _repaired(self, fact: Mapping[str, Any]) -> None:
        repair_id = fact["repair_id"]
        if fact.get("held"):
            self._let_go(repair_id, fact["held"])
        if fact["step"] == APPLIED:
            results, documents = tuple(fact["result_ids"]), frozenset(fact.get("documents") or ())
            self.cases[repair_id] = RepairCase(
                *(repair_id, fact["dept"], fact["status"], results, fact["digest"], documents)
            )
            return
        after = self.cases[repair_id].after(read_step(fact, fact["by"]))
        self.cases[repair_id] = replace(
            after, status=fact["status"], due=(fact["due_on"], fact["provisional"])
        )

    def _let_go(self, repair_id: str, name: str) -> None:
        waiting = self.held.get(repair_id, ())
        self.held[repair_id] = tuple(step for step in waiting if step.name != name)


def read_step(written: Mapping[str, Any], by: str, *, is_held: bool = False) -> Step:
    """A step as a fact holds it."""
    return Step(
        kind=written["step"],
        by=by,
        at_ms=written["at"],
        result_ids=tuple(written.get("result_ids") or ()),
        documents=tuple(written.get("documents") or ()),
        decision=written.get("decision"),
        decision_no=written.get("decision_no"),
        reason=written.get("reason") or "",
        is_held=is_held,
    )
