"""The counting of caps once more, in the plainest way: from facts and docs/semantics.md alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from hypothesis import event

from schemas.enums import CapScope, Decision, JointCounting
from schemas.facts import (
    CancelledFact,
    CompletedFact,
    DecidedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
    JointFact,
)
from schemas.joint_facts import JointChangedFact
from schemas.policy import Cap


@dataclass
class Known:
    """A task as the recorded facts tell it."""

    dept: str = ""
    decision: Decision | None = None
    state: str = "NONE"
    mode: str = "ONSITE"
    kind: str = "DAILY"
    trigger: str = "PLAN"
    evidence: bool = False
    items: set[str] = field(default_factory=set)
    day: date | None = None
    joint_id: str | None = None
    along: bool = False

    @property
    def live(self) -> bool:
        if self.state in ("SCANNED", "SCAN_REFUSED", "LICENCE_FAILED", "COMPLETED"):
            return True
        if self.decision is Decision.ISSUED:
            return self.state not in ("CANCELLED", "EXPIRED", "REVOKED")
        recorded = (Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL)
        return self.decision in recorded and self.state != "CANCELLED"


@dataclass
class Ledger:
    """All tasks of an enterprise, and what its rules count, as plainly as can be."""

    tasks: dict[str, Known] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    class_: str = "UNRATED"

    def note(self, fact: Fact) -> None:
        """Take a recorded fact in."""
        match fact:
            case DecidedFact(decision=made, task=seed):
                known = self.tasks.setdefault(made.task_id, Known())
                inspected = known.live
                known.dept, known.decision = made.dept, made.decision
                known.mode, known.kind, known.trigger = seed.mode, seed.kind, seed.trigger
                known.evidence, known.items = seed.evidence, set(seed.items)
                known.day, known.joint_id, known.along = seed.day, seed.joint_id, seed.along
                if not inspected:
                    known.state = {"ISSUED": "ISSUED", "CANCELLED": "CANCELLED"}.get(
                        made.decision, "NONE"
                    )
            case CancelledFact():
                self.tasks.setdefault(fact.task_id, Known()).state = "CANCELLED"
            case ExpiredFact():
                self.tasks[fact.task_id].state = "EXPIRED"
            case EnteredFact():
                known = self.tasks.setdefault(fact.task_id, Known())
                known.dept, known.day = known.dept or fact.dept, fact.day
                known.state = fact.code_state
            case CompletedFact():
                known = self.tasks.setdefault(fact.task_id, Known())
                known.dept, known.day = known.dept or fact.dept, fact.day
                known.state, known.items = "COMPLETED", known.items | set(fact.items)
            case JointFact() | JointChangedFact():
                self.leads[fact.joint_id] = fact.lead
                self.members[fact.joint_id] = set(fact.members)
            case _ if fact.fact == "CLASSIFIED":
                self.class_ = fact.class_

    def sees(self, rule: Cap, task: Known) -> bool:
        """Whether the rule sees tasks like this one, leaving scope and period aside."""
        exempt = rule.exempt_triggers or ("COMPLAINT", "URGENT")
        follows = rule.joint is JointCounting.LEAD_ONLY and (
            self.leads.get(task.joint_id or "", task.dept) != task.dept
        )
        return (
            task.mode in rule.modes
            and task.kind in rule.kinds
            and task.trigger not in rule.not_counted_triggers
            and not (task.trigger in exempt and task.evidence)
            and (not rule.match.items or bool(task.items & set(rule.match.items)))
            and not follows
        )

    def applies(self, rule: Cap, task: Known) -> bool:
        """Whether the rule has a say on a new task."""
        scope = rule.scope
        mine = {
            CapScope.AGENCY: task.dept == scope.id,
            CapScope.EACH_AGENCY: True,
            CapScope.GROUP: task.dept in scope.members,
        }[scope.kind]
        rated = rule.match.class_ is None or self.class_ in rule.match.class_.in_
        return mine and rated and self.sees(rule, task)

    def counted(self, rule: Cap, task_id: str, task: Known) -> list[str]:
        """The other tasks in the rule's counter, one for each joint visit if these count once."""
        assert task.day is not None
        names: list[str] = []
        visits: set[str] = set()
        for name, other in self.tasks.items():
            if name == task_id or not other.live or not self.sees(rule, other):
                continue
            assert other.day is not None
            if not task.day.year - rule.years < other.day.year <= task.day.year:
                continue
            shared = rule.scope.kind is CapScope.GROUP
            if other.dept not in rule.scope.members if shared else other.dept != task.dept:
                continue
            visit = self.visit_of(other)
            if rule.joint is JointCounting.ONCE_PER_VISIT and visit is not None:
                if visit in visits:
                    continue
                visits.add(visit)
            names.append(name)
        return names

    def is_free(self, rule: Cap, names: list[str], task: Known) -> bool:
        """Whether the task is part of a joint visit that the counter has already."""
        visit = self.visit_of(task)
        return (
            rule.joint is JointCounting.ONCE_PER_VISIT
            and visit is not None
            and any(self.visit_of(self.tasks[name]) == visit for name in names)
        )

    def visit_of(self, task: Known) -> str | None:
        """The joint visit that a member's task goes along with; None if it stands for itself."""
        members = self.members.get(task.joint_id or "", ())
        return task.joint_id if task.along and task.dept in members else None


def check_caps(ledger: Ledger, rules: tuple[Cap, ...], fact: DecidedFact) -> None:
    """Compare what a first decision says of caps with the counting done again."""
    made, seed = fact.decision, fact.task
    task = Known(
        made.dept, None, "NONE", seed.mode, seed.kind, seed.trigger, seed.evidence,
        set(seed.items), seed.day, seed.joint_id, seed.along,
    )  # fmt: skip
    counters = {
        rule.label: (rule, names, ledger.is_free(rule, names, task))
        for rule in rules
        if ledger.applies(rule, task)
        for names in [ledger.counted(rule, made.task_id, task)]
    }
    full = {
        label
        for label, (rule, names, free) in counters.items()
        if len(names) >= (rule.max or 0) and not free
    }
    event(f"decision {made.decision}")
    if made.decision is Decision.ISSUED:
        assert not full, "I1: a code above a cap in force"
    if made.decision is Decision.INTERCEPTED_OVER_CAP:
        assert full, "I1': an interception without a used-up cap"
        caps = {reason.about for reason in made.reasons if reason.code == "CAP"}
        assert caps == full
    if made.rule is None:
        reported = (Decision.ISSUED, Decision.RECORDED_BACKFILL, Decision.RECORDED_OFFSITE)
        assert made.decision not in reported or not counters
        return
    rule, names, free = counters[made.rule]
    added = made.decision is not Decision.INTERCEPTED_OVER_CAP and not free
    assert made.used == len(names) + added == len(made.counted)
    assert made.cap == rule.max
    assert set(made.counted) == set(names) | ({made.task_id} if added else set())
    left = {
        label: (
            (r.max or 0) - len(n)
            - (made.decision is not Decision.INTERCEPTED_OVER_CAP and not f),
            label,
        )
        for label, (r, n, f) in counters.items()
    }  # fmt: skip
    assert min(left.values())[1] == made.rule


def check_move(ledger: Ledger, rules: tuple[Cap, ...], fact: EnteredFact | CompletedFact) -> None:
    """Compare the rules that a visit is said to overfill with the counting done again."""
    before = ledger.tasks.get(fact.task_id)
    if before is None or before.day is None or before.day.year == fact.day.year:
        assert fact.over == ()
        return
    items = before.items | (set(fact.items) if isinstance(fact, CompletedFact) else set())
    task = replace(before, dept=before.dept or fact.dept, day=fact.day, items=items)
    counters = [
        (rule, ledger.counted(rule, fact.task_id, task))
        for rule in rules
        if ledger.applies(rule, task)
    ]
    full = [
        rule.label
        for rule, names in counters
        if len(names) + 1 > (rule.max or 0) and not ledger.is_free(rule, names, task)
    ]
    event(f"moved, over {len(full)}")
    assert fact.over == tuple(sorted(full))
