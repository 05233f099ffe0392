"""Was this record decided rightly? Own fold against recorded facts, caps and codes made again.

Two states are kept of an enterprise: after the auditor's own facts, and after the recorded ones.
They are one and the same until a first difference parts them, which for a sound hub never happens.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.answers import Answers
from connectors.audit.caps import Tally, tallies
from connectors.audit.compare import fact_differences
from connectors.audit.days import as_day
from connectors.audit.decode import Entry
from connectors.audit.disclosed import Disclosed
from connectors.audit.events import data_task_id
from connectors.audit.fold import decide
from connectors.audit.joint_checks import code_name, judge_alone, judge_visits
from connectors.audit.joint_told import owed_on_change, owed_on_joints
from connectors.audit.keyfiles import KeyFiles, code_fault, qr_fault
from connectors.audit.policies import Policy
from connectors.audit.prompts import INTERCEPTED
from connectors.audit.ratings import judge_rating
from connectors.audit.relayed import Relayed
from connectors.audit.report import Book
from connectors.audit.special_told import OF_SPECIALS, owed_on_specials
from connectors.audit.state import ISSUED, NONE, Enterprise, Fact, apply
from connectors.audit.told import Told, owed_answers
from connectors.audit.updates import addressee, task_updated
from connectors.audit.visits import asked
from connectors.audit.wire import (
    ABOUT_DISCLOSURES,
    ABOUT_JOINTS,
    ABOUT_REPAIRS,
    DECISION_MADE,
    TASK_UPDATED,
)

_OF_PUBLICITY = ABOUT_REPAIRS | ABOUT_DISCLOSURES
_MALFORMED = (AttributeError, KeyError, TypeError, ValueError)


@dataclass(slots=True)
class Twin:
    """One enterprise by the auditor's facts and by the recorded ones; one while they agree."""

    own: Enterprise
    recorded: Enterprise
    differences: int = 0

    def part(self) -> None:
        """From now on the two go their own ways."""
        if self.own is self.recorded:
            self.recorded = copy.deepcopy(self.own)


@dataclass(slots=True, kw_only=True)
class Judge:
    """Judges the records of one journal partition in order.

    Attributes:
        code_owner: code -> credit code and task, over all partitions.
        disclosed: what was recorded of disclosures, over all partitions.
        relayed: what logs owe each other, over all partitions.
        rules_version: decisions of any other version are violations; None takes any.
        follows: the version of the rules that this fold follows; what earlier ones decided is not
            judged again: their facts stand, and what follows from them is judged. None: judge all.
        earlier: how many records earlier rules decided.
        enterprises: credit code -> what is known of it.
        faulted: offsets whose record the hub failed on.
    """

    book: Book
    answers: Answers
    policies: Mapping[str, Policy]
    keys: KeyFiles | None
    code_owner: dict[str, tuple[str, str]]
    disclosed: Disclosed
    relayed: Relayed
    rules_version: int | None = None
    follows: int | None = None
    earlier: int = 0
    enterprises: dict[str, Twin] = field(default_factory=dict)
    faulted: set[int] = field(default_factory=set)

    def judge(self, entry: Entry, body: Mapping[str, Any]) -> None:
        """Compare what was decided on a record with what had to be, then apply both."""
        twin = self._twin(entry.key)
        own = self._own_facts(entry, twin)
        recorded = body.get("facts")
        self.book.saw("I10")
        if not isinstance(recorded, list) or not recorded or not all(map(_is_fact, recorded)):
            self.book.fail("I10", _at(entry), "the decided record holds no facts")
            self.miss(entry)
            return
        if self._is_earlier(body):
            own, self.earlier = recorded, self.earlier + 1
        self._compare(entry, own, recorded, twin)
        self._judge_version(entry, body)
        try:
            self._hear(entry)
            judge_rating(self.book, entry, recorded, twin.recorded)
            self.disclosed.take(entry, recorded)
            self._judge_recorded(entry, recorded, twin.recorded)
            self.relayed.owe(entry, recorded, twin.recorded)
        except _MALFORMED as cause:
            self.book.fail("I10", _at(entry), f"recorded facts cannot be applied: {cause!r}")
        if twin.own is not twin.recorded and own is not None:
            _apply_all(twin.own, own, entry.rank)

    def miss(self, entry: Entry) -> None:
        """Let a record take its effect that was never decided."""
        twin = self._twin(entry.key)
        own = self._own_facts(entry, twin)
        self._hear(entry)
        twin.part()
        if own is not None:
            _apply_all(twin.own, own, entry.rank)

    def _twin(self, key: str) -> Twin:
        twin = self.enterprises.get(key)
        if twin is None:
            state = Enterprise()
            twin = self.enterprises[key] = Twin(state, state)
        return twin

    def _own_facts(self, entry: Entry, twin: Twin) -> list[Fact] | None:
        policy = self.policies.get(entry.policy_version)
        if policy is None:
            text = f"policy {entry.policy_version!a} was never published"
            self.book.fail("I10", _at(entry), text)
            return None
        try:
            return decide(entry, twin.own, policy)
        except _MALFORMED as cause:
            self.book.fail("I10", _at(entry), f"no event that intake may accept: {cause!r}")
            return None

    def _hear(self, entry: Entry) -> None:
        try:
            self.disclosed.hear(entry)
        except _MALFORMED as cause:
            self.book.fail("I10", _at(entry), f"no event that intake may accept: {cause!r}")

    def _compare(
        self, entry: Entry, own: list[Fact] | None, recorded: list[Fact], twin: Twin
    ) -> None:
        differences = fact_differences(own, recorded) if own is not None else []
        if own is not None and not differences:
            return
        again = (
            f" (difference {twin.differences + 1} of this enterprise)" if twin.differences else ""
        )
        for difference in differences:
            self.book.fail("I10", _at(entry), f"auditor | hub: {difference}{again}")
        twin.differences += 1
        twin.part()

    def _is_earlier(self, body: Mapping[str, Any]) -> bool:
        version = body.get("rules_version")
        return self.follows is not None and isinstance(version, int) and version < self.follows

    def _judge_version(self, entry: Entry, body: Mapping[str, Any]) -> None:
        version = body.get("rules_version")
        versions = {
            repr(fact["decision"].get("rules_version"))
            for fact in body["facts"]
            if isinstance(fact.get("decision"), dict)
        }
        if not isinstance(version, int) or versions - {repr(version)}:
            text = f"rules version {version!r} on the record, {', '.join(versions)} in it"
            self.book.fail("I10", _at(entry), text)
        elif self.rules_version is not None and version != self.rules_version:
            text = f"decided by rules version {version}, this audit is of {self.rules_version}"
            self.book.fail("I10", _at(entry), text)
        elif self.follows is not None and version > self.follows:
            text = f"decided by rules version {version}, this audit follows {self.follows}"
            self.book.fail("I10", _at(entry), f"{text}: use the newer release's")

    def _judge_recorded(self, entry: Entry, facts: list[Fact], state: Enterprise) -> None:
        """Judge recorded facts in the light of the recorded ones before them, then apply them."""
        before = state.tasks.get(data_task_id(entry.data))
        status_before = before.status if before else NONE
        for fact in facts:
            kind = fact["fact"]
            if kind == "DECIDED":
                self._judge_decision(entry, fact, state)
            elif kind == "REPEATED":
                first = state.tasks[fact["task_id"]].decided_at
                if first is None:
                    raise ValueError(f"{fact['task_id']} is repeated, but was never decided")
                source = self.answers.generations.place(entry.key, first, entry.partition)
                self.answers.owe_again(source, entry.dept, (entry.partition, entry.offset))
            elif kind == "CONFLICT":
                self._owe(entry, entry.dept, DECISION_MADE, fact["decision"])
            elif kind == "FAULTED":
                self.faulted.add(entry.offset)
            apply(state, fact, entry.rank)
        judge_visits(self.book, _at(entry), facts, state)
        if facts[0]["fact"] == "DECIDED":
            self._owe_all(entry, [t for f in facts[1:] for t in owed_on_change(entry, f, state)])
        elif facts[-1]["fact"] not in ("REPEATED", "CONFLICT", "FAULTED"):
            self._owe_updates(entry, facts, status_before, state)

    def _owe_all(self, entry: Entry, told: Iterable[Told]) -> None:
        for one in told:
            self._owe(entry, one.to, one.kind, one.body)

    def _owe_updates(
        self, entry: Entry, facts: list[Fact], status_before: str, state: Enterprise
    ) -> None:
        if entry.type in _OF_PUBLICITY:
            self._owe_all(entry, owed_answers(entry, facts, state))
            return
        if entry.type in ABOUT_JOINTS:
            self._owe_all(entry, owed_on_joints(entry, facts, state))
            return
        if entry.type in OF_SPECIALS:
            self._owe_all(entry, owed_on_specials(entry, facts, state))
            return
        to = addressee(entry, facts, state)
        if to is not None:
            self._owe(entry, to, TASK_UPDATED, task_updated(entry, facts, status_before, state, to))

    def _owe(self, entry: Entry, to: str, kind: str, expected: Mapping[str, Any]) -> None:
        self.answers.settle((entry.partition, entry.offset), to, kind, expected)

    def _judge_decision(self, entry: Entry, fact: Fact, state: Enterprise) -> None:
        decision = fact["decision"]
        self.book.saw("I3")
        known = state.tasks.get(decision["task_id"])
        if known is not None and known.digest:
            self.book.fail("I3", _at(entry), f"task {decision['task_id']} was decided before")
        if decision["uscc"] != entry.key or decision["dept"] != entry.dept:
            text = f"decided for {decision['dept']}, {decision['uscc']}"
            self.book.fail("I12", _at(entry), f"{text}, asked by {entry.dept}, {entry.key}")
        if decision["decision"] in (ISSUED, INTERCEPTED):
            self._recount(entry, fact, state)
        if decision["decision"] == ISSUED:
            self._judge_code(entry, decision, state)
            policy = self.policies.get(entry.policy_version)
            judge_alone(self.book, _at(entry), entry, state, policy)
        elif decision.get("code") or decision.get("qr_text"):
            text = f"{decision['decision']} carries code {decision.get('code')}"
            self.book.fail("I2.codes", _at(entry), text)
        self._owe(entry, entry.dept, DECISION_MADE, decision)

    def _recount(self, entry: Entry, fact: Fact, state: Enterprise) -> None:
        """Source: art. 10, 15 (no code above the cap; no interception below it)."""
        policy = self.policies.get(entry.policy_version)
        if policy is None:
            return
        task = asked(entry, state)
        found = tallies(policy, state, task, entry.key, entry.findings, on=task.day)
        used_up = [tally for tally in found if tally.is_used_up]
        if fact["decision"]["decision"] == ISSUED:
            self.book.expect("I1", _at(entry), "; ".join(map(_says, used_up)))
        else:
            text = f"no rule was used up: {'; '.join(map(_says, found)) or 'none applies'}"
            self.book.expect("I1'", _at(entry), "" if used_up else text)

    def _judge_code(self, entry: Entry, decision: Mapping[str, Any], state: Enterprise) -> None:
        """Source: art. 7 (one task, one code), art. 8 (the enterprise can verify it)."""
        named, year = code_name(entry, decision, state)
        name = (decision["uscc"], named)
        code = decision.get("code")
        if not isinstance(code, str):
            self.book.expect("I2.codes", _at(entry), "ISSUED without a code")
            return
        owner = self.code_owner.setdefault(code, name)
        if owner != name:
            self.book.fail("I2.codes", _at(entry), f"{code} belongs to task {owner[1]} already")
        if self.keys is None:
            return
        fault = code_fault(self.keys, code, name, (year, entry.shard))
        self.book.expect("I2.codes", _at(entry), fault)
        until = as_day(decision["valid_until"])
        qr_text = str(decision.get("qr_text") or "")
        self.book.expect("I2.qr", _at(entry), qr_fault(self.keys, qr_text, code, until))


def _is_fact(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("fact"), str)


def _says(tally: Tally) -> str:
    return f"{tally.rule.label} counts {tally.before} of {tally.rule.max} before it"


def _apply_all(state: Enterprise, facts: list[Fact], offset: int) -> None:
    for fact in facts:
        apply(state, fact, offset)


def _at(entry: Entry) -> str:
    return f"insp.journal/{entry.partition}/{entry.offset} ({entry.key}, {entry.type})"
