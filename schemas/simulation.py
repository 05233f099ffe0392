"""What would another cap table have changed? What is asked, and the answer as plain data (art. 10).

Both sides are judged by the rules of this release, so that only the policy tells them apart.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from schemas.enums import Decision
from schemas.policy import PolicyDocument

SCHEME_DEFAULT = "CREDIT_EVALUATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which tasks are judged anew, and by what.

    Attributes:
        policy: the other cap table.
        first_day: tasks planned from this day on; earlier ones stand as they were decided.
        last_day: the last such day.
        scheme: by whose classes the enterprises are told apart.
        any_day: its rules hold on all those days, whatever their own first and last day.
    """

    policy: PolicyDocument
    first_day: date
    last_day: date
    scheme: str = SCHEME_DEFAULT
    any_day: bool = False

    @property
    def judging(self) -> PolicyDocument:
        """The document that judges."""
        if not self.any_day:
            return self.policy
        caps = tuple(
            cap.model_copy(update={"from_": self.first_day, "to": None}) for cap in self.policy.cap
        )
        return self.policy.model_copy(update={"cap": caps})

    @property
    def idle(self) -> tuple[str, ...]:
        """Rules that hold on none of the days."""
        return tuple(
            cap.label
            for cap in self.judging.cap
            if cap.from_ > self.last_day or (cap.to is not None and cap.to < self.first_day)
        )


@dataclass(slots=True)
class Effect:
    """Tasks of one department, class or month: how many were intercepted, and would have been."""

    tasks: int = 0
    before: int = 0
    after: int = 0
    more: int = 0
    less: int = 0

    def add(self, before: Decision, after: Decision) -> None:
        """Count one task."""
        was, now = (one is Decision.INTERCEPTED_OVER_CAP for one in (before, after))
        self.tasks += 1
        self.before += was
        self.after += now
        self.more += now and not was
        self.less += was and not now

    def as_dict(self) -> dict[str, int]:
        """For scripts."""
        return {
            "tasks": self.tasks, "before": self.before, "after": self.after, "more": self.more,
            "less": self.less,
        }  # fmt: skip


@dataclass(slots=True)
class Comparison:
    """What the other table would have changed.

    Attributes:
        decisions: how many tasks were decided so before and so after.
        rules: interceptions by rule, before and after.
        skipped: later events of tasks that would have been intercepted: they did not happen.
        assumed: tasks that would have been let through: each is taken for made as planned.
        unjudged: records that could not be read or judged.
    """

    total: Effect = field(default_factory=Effect)
    departments: dict[str, Effect] = field(default_factory=dict)
    classes: dict[str, Effect] = field(default_factory=dict)
    months: dict[str, Effect] = field(default_factory=dict)
    decisions: Counter[tuple[Decision, Decision]] = field(default_factory=Counter)
    rules_before: Counter[str] = field(default_factory=Counter)
    rules_after: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    assumed: int = 0
    unjudged: int = 0

    def as_dict(self) -> dict[str, object]:
        """For scripts; its keys are stable."""
        groups = (("departments", self.departments), ("classes", self.classes))
        return {
            "total": self.total.as_dict(),
            **{
                name: {key: one.as_dict() for key, one in sorted(group.items())}
                for name, group in (*groups, ("months", self.months))
            },
            "decisions": [
                {"before": before, "after": after, "tasks": count}
                for (before, after), count in sorted(self.decisions.items())
            ],
            "rules": {
                label: {"before": self.rules_before[label], "after": self.rules_after[label]}
                for label in sorted({*self.rules_before, *self.rules_after})
            },
            "skipped": self.skipped,
            "assumed": self.assumed,
            "unjudged": self.unjudged,
        }
