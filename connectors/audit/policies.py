"""Which numbers were in force? Policy documents as they lie on the control topic.

Source: design §3.7, semantics §4.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.audit.days import as_day

_AGENCY, _EACH_AGENCY, _GROUP = "AGENCY", "EACH_AGENCY", "GROUP"
_SCOPES = frozenset({_AGENCY, _EACH_AGENCY, _GROUP})
_JOINT = frozenset({"PER_DEPARTMENT", "ONCE_PER_VISIT", "LEAD_ONLY"})
_ALL_KINDS = ("DAILY", "SPECIAL", "CASE")


@dataclass(frozen=True, slots=True)
class Rule:
    """One cap rule with a maximum. Empty sets match anything; `members` None: any department.

    `counts_found`: whether it sees visits to objects that a survey came upon.
    """

    label: str
    first: date
    last: date
    members: frozenset[str] | None
    shared: bool
    industry: tuple[str, ...]
    scheme: str
    classes: frozenset[str]
    items: frozenset[str]
    object_types: frozenset[str]
    max: int
    years: int
    modes: frozenset[str]
    kinds: frozenset[str]
    uncounted: frozenset[str]
    joint: str
    exempt: frozenset[str]
    counts_found: bool


@dataclass(slots=True)
class Policy:
    """One policy document."""

    full_version: str
    repeat_from: int
    same_item: bool
    unreasonable_from: int
    windows: tuple[tuple[int, int], ...]
    exempt: frozenset[str]
    joint_refuses: bool
    urgent_approval_days: int
    backfill_max_days: int
    code_valid_days: int
    rating_days: int
    draw_days: int
    takes_late_draws: bool
    competent: tuple[tuple[tuple[str, ...], str], ...]
    joint_list: tuple[tuple[frozenset[str], str], ...]
    refuses_by_special: bool
    rules: tuple[Rule, ...]
    _of_dept: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def competent_for(self, industry: str) -> set[str]:
        """The lines of business that are competent for an industry (art. 1)."""
        return {
            system
            for prefixes, system in self.competent
            if any(industry and industry.startswith(prefix) for prefix in prefixes)
        }

    def rules_of(self, dept: str) -> tuple[Rule, ...]:
        """The rules in whose scope a department lies."""
        found = self._of_dept.get(dept)
        if found is None:
            found = tuple(r for r in self.rules if r.members is None or dept in r.members)
            self._of_dept[dept] = found
        return found


def read_policy(document: Mapping[str, Any]) -> Policy:
    """A policy document as the fold needs it.

    Raises:
        KeyError, TypeError, ValueError: It is no policy document.
    """
    numbers = document["policy"]
    exempt = frozenset(numbers.get("exempt_triggers") or ())
    windows = tuple((w["days"], w["max"]) for w in numbers.get("windows") or ())
    return Policy(
        full_version=full_version(document),
        repeat_from=numbers.get("repeat_from", 2),
        same_item=numbers.get("same_item", True),
        unreasonable_from=numbers.get("unreasonable_from", 6),
        windows=windows,
        exempt=exempt,
        joint_refuses=numbers.get("joint_member", "refuse") == "refuse",
        urgent_approval_days=numbers.get("urgent_approval_days", 5),
        backfill_max_days=numbers.get("backfill_max_days", 10),
        code_valid_days=numbers.get("code_valid_days", 7),
        rating_days=numbers.get("rating_days", 30),
        draw_days=numbers.get("draw_days", 5),
        takes_late_draws=numbers.get("late_draws") == "take",
        competent=tuple(
            (tuple(row["industry"]), row["system"]) for row in document.get("competent") or ()
        ),
        joint_list=tuple(
            (frozenset(row["items"]), row["initiator"]) for row in document.get("joint_item") or ()
        ),
        refuses_by_special=numbers.get("special_tasks") == "refuse",
        rules=tuple(
            _rule(cap, exempt, counts_found=numbers.get("survey_found") != "skip")
            for cap in document.get("cap") or ()
            if cap.get("max") is not None
        ),
    )


def canonical(document: Mapping[str, Any]) -> bytes:
    """The document's bytes as its hash is taken over them."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def full_version(document: Mapping[str, Any]) -> str:
    """The version with the first 8 hex digits of the content's SHA-256."""
    digest = hashlib.sha256(canonical(document)).hexdigest()
    return f"{document['policy']['version']}+{digest[:8]}"


def _rule(cap: Mapping[str, Any], policy_exempt: frozenset[str], *, counts_found: bool) -> Rule:
    match = cap.get("match") or {}
    classes = match.get("class") or {}
    scope = cap["scope"]
    joint = cap.get("joint", "PER_DEPARTMENT")
    if scope["kind"] not in _SCOPES or joint not in _JOINT:
        raise ValueError(f"cap {cap['id']}: scope {scope['kind']} or joint {joint} is not known")
    members = {_AGENCY: [scope.get("id")], _EACH_AGENCY: None, _GROUP: scope.get("members")}
    of_scope = members[scope["kind"]]
    return Rule(
        label=f"{cap['id']}@{cap['version']}",
        first=as_day(cap["from"]),
        last=as_day(cap["to"]) if cap.get("to") else date.max,
        members=None if of_scope is None else frozenset(of_scope),
        shared=scope["kind"] == _GROUP,
        industry=tuple(match.get("industry") or ()),
        scheme=classes.get("scheme", ""),
        classes=frozenset(classes.get("in") or ()),
        items=frozenset(match.get("items") or ()),
        object_types=frozenset(match.get("object_types") or ()),
        max=cap["max"],
        years=cap.get("years", 1),
        modes=frozenset(cap.get("modes", ("ONSITE",))),
        kinds=frozenset(cap.get("kinds", _ALL_KINDS)),
        uncounted=frozenset(cap.get("not_counted_triggers") or ()),
        joint=joint,
        exempt=frozenset(cap.get("exempt_triggers") or ()) or policy_exempt,
        counts_found=counts_found,
    )
