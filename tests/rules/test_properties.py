"""What holds for every log? The invariants, tried on logs that nobody thought of.

The counting is done again here, in the plainest way, from the recorded facts and the words of
docs/semantics.md §4, and compared with what the decisions say.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from builders import USCC, answered
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from random_logs import logs, many, play, policies

from schemas.enums import CapScope, Decision, JointCounting
from schemas.facts import (
    CancelledFact,
    CompletedFact,
    Decided,
    DecidedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
    JointFact,
    NotedFact,
    RepeatedFact,
)
from schemas.journal import JournalEvent
from schemas.messages import (
    CHOICE_RECORDED,
    CODE_EXPIRED,
    RESULT_RECORDED,
    TASK_CANCELLED,
    TASK_SUBMITTED,
)
from schemas.policy import Cap, PolicyDocument
from streams.rules.apply import apply
from streams.rules.decide import fold
from streams.rules.state import EMPTY, SubjectState, decode_state, encode_state

OTHER_USCC = "92120116MA05WXYZ1B"


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
                known.day, known.joint_id = seed.day, seed.joint_id
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
            case JointFact():
                self.leads[fact.joint_id] = fact.lead
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
            if rule.joint is JointCounting.ONCE_PER_VISIT and other.joint_id is not None:
                if other.joint_id in visits:
                    continue
                visits.add(other.joint_id)
            names.append(name)
        return names

    def is_free(self, rule: Cap, names: list[str], task: Known) -> bool:
        """Whether the task is part of a joint visit that the counter has already."""
        return rule.joint is JointCounting.ONCE_PER_VISIT and any(
            task.joint_id is not None and self.tasks[name].joint_id == task.joint_id
            for name in names
        )


def check_caps(ledger: Ledger, rules: tuple[Cap, ...], fact: DecidedFact) -> None:
    """Compare what a first decision says of caps with the counting done again."""
    made, seed = fact.decision, fact.task
    task = Known(
        made.dept, None, "NONE", seed.mode, seed.kind, seed.trigger, seed.evidence,
        set(seed.items), seed.day, seed.joint_id,
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
        assert {reason.about for reason in made.reasons} == full
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


@many
@given(policies, logs)
def test_no_code_above_a_cap_and_no_interception_without_one(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    ledger = Ledger()

    for facts in hub.answers:
        for fact in facts:
            if isinstance(fact, DecidedFact):
                check_caps(ledger, document.cap, fact)
            if isinstance(fact, EnteredFact | CompletedFact):
                check_move(ledger, document.cap, fact)
            ledger.note(fact)


@many
@given(policies, logs)
def test_an_event_that_comes_twice_in_a_row_changes_nothing(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    state = EMPTY

    for item in hub.events:
        state, _ = fold(state, item, hub.policy, hub.mint)
        again, facts = fold(state, item, hub.policy, hub.mint)
        assert again == state
        if item.record.type == TASK_SUBMITTED:
            assert isinstance(facts[0], RepeatedFact) or facts[0].fact == "CONFLICT"


ONCE_FOR_EVER = {TASK_SUBMITTED, TASK_CANCELLED, RESULT_RECORDED, CODE_EXPIRED, CHOICE_RECORDED}


@many
@given(policies, logs)
def test_what_was_asked_before_changes_nothing_however_late_it_comes_again(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    assume(hub.events)

    for item, facts in zip(list(hub.events), list(hub.answers), strict=True):
        # What had no effect the first time (an unknown task) may have one now: it is no repeat.
        if item.record.type in ONCE_FOR_EVER and not isinstance(facts[-1], NotedFact):
            again, repeated = fold(hub.state, item, hub.policy, hub.mint)
            assert again == hub.state
            assert not any(isinstance(fact, DecidedFact) for fact in repeated)


@many
@given(policies, logs)
def test_the_state_is_a_function_of_the_recorded_facts_alone(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    rebuilt = EMPTY

    for item, facts in zip(hub.events, hub.answers, strict=True):
        line = answered(item, facts).model_dump_json(by_alias=True)
        for fact in Decided.model_validate_json(line).facts:
            rebuilt = apply(rebuilt, fact, item.source.offset)

    assert rebuilt == hub.state
    assert decode_state(encode_state(rebuilt)) == hub.state
    assert encode_state(decode_state(encode_state(rebuilt))) == encode_state(hub.state)


@many
@given(policies, logs)
def test_a_task_has_one_decision_one_code_and_is_released_at_most_once(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    facts = [fact for answer in hub.answers for fact in answer]

    decided = [fact.decision for fact in facts if isinstance(fact, DecidedFact)]
    released = [
        fact.task_id
        for fact in facts
        if isinstance(fact, ExpiredFact) or (isinstance(fact, CancelledFact) and fact.released)
    ]
    assert len({made.task_id for made in decided}) == len(decided)
    codes = [made.code for made in decided if made.code is not None]
    assert len(set(codes)) == len(codes)
    assert all((made.code is not None) is (made.decision is Decision.ISSUED) for made in decided)
    assert len(set(released)) == len(released)


@many
@given(policies, logs, logs, st.randoms(use_true_random=False))
def test_the_order_of_different_enterprises_does_not_matter(
    document: PolicyDocument,
    log: list[dict[str, Any]],
    other_log: list[dict[str, Any]],
    chance: Any,
) -> None:
    hubs = [play(document, log), play(document, other_log, OTHER_USCC)]
    queues = [list(hub.events) for hub in hubs]
    states: dict[str, SubjectState] = {}
    answers: dict[str, list[tuple[Fact, ...]]] = {USCC: [], OTHER_USCC: []}

    while any(queues):
        item: JournalEvent = chance.choice([queue for queue in queues if queue]).pop(0)
        state, facts = fold(states.get(item.key, EMPTY), item, hubs[0].policy, hubs[0].mint)
        states[item.key] = state
        answers[item.key].append(facts)

    for hub in hubs:
        assert states[hub.uscc] == hub.state
        assert answers[hub.uscc] == hub.answers


def test_the_logs_come_to_every_kind_of_end() -> None:
    """The generator is worth its salt only if its logs reach what the properties speak of."""
    seen: set[str] = set()

    @settings(many, max_examples=300)
    @given(policies, logs)
    def look(document: PolicyDocument, log: list[dict[str, Any]]) -> None:
        for answer in play(document, log).answers:
            for fact in answer:
                seen.add(fact.fact)
                if isinstance(fact, DecidedFact):
                    seen.add(fact.decision.decision)
                    seen.update(fact.decision.warnings)
                if isinstance(fact, EnteredFact | CompletedFact) and fact.over:
                    seen.add("over")

    look()

    assert seen >= {
        "DECIDED", "REPEATED", "CONFLICT", "CANCELLED", "ENTERED", "COMPLETED", "CHOICE",
        "CLASSIFIED", "WHITELISTED", "JOINT", "NOTED", "EXPIRED", "over", "ISSUED",
        "INTERCEPTED_OVER_CAP",
        "RECORDED_BACKFILL", "RECORDED_OFFSITE", "REFUSED_WHITELISTED", "OVER_CAP_BACKFILL",
        "REJECTED_UNQUALIFIED", "REJECTED_NO_APPROVAL", "SHORT_WINDOW", "SAME_ITEM",
    }  # fmt: skip
