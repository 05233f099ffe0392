"""Does a quarter of the whole city come to the joint inspections that it must? Counts, and checks.

The file is folded twice by `hub replay`'s own fold, and held against plain sets.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from benchmarks.brute_draws import Overlaps, overlaps
from benchmarks.outcome import Goal, Outcome, Table
from benchmarks.plan import Plan
from connectors.console.traffic.event_lines import LineReader
from connectors.generate.quarter import QuarterSpec, generate_quarter
from schemas.enums import Decision
from schemas.facts import Decided, DecidedFact
from schemas.joint_facts import JointChangedFact, JointFact, WindowClosedFact
from streams.answer import encode_decided
from streams.replay import Replay

SEED = 20_262
YEAR, QUARTER = 2026, 2


class PlainMint:
    """Stands for the maker of codes: which symbols a code has does not matter here."""

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        """One text a name."""
        return f"{shard:02d}-{uscc}-{task_id}-{year}"

    def qr_text(self, code: str, valid_until: date) -> str:
        """One text a code and day."""
        return f"{code}.{valid_until}"


@dataclass(slots=True)
class Quarter:
    """What was decided on a quarter, gathered enterprise by enterprise.

    Attributes:
        drew: enterprise -> departments that were compared when its window closed.
        joints: enterprise -> its joint task, as formed.
        members: enterprise -> who takes part, and who left, by now.
        leads: enterprise -> who leads by now.
        wrong: what must not be, in words.
        codes: enterprise -> codes of its joint visit.
    """

    facts: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    grounds: Counter[str] = field(default_factory=Counter)
    groups: set[str] = field(default_factory=set)
    drew: dict[str, set[str]] = field(default_factory=dict)
    joints: dict[str, JointFact] = field(default_factory=dict)
    members: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)
    codes: dict[str, set[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    digest: str = ""
    took_s: float = 0.0

    def take(self, decided: Decided) -> None:
        """Take one answer in."""
        for fact in decided.facts:
            self.facts[fact.fact] += 1
            if isinstance(fact, WindowClosedFact):
                self.drew[decided.key] = {*fact.alone, *(one.dept for one in fact.dropped)}
            elif isinstance(fact, JointFact):
                self._form(decided.key, fact)
            elif isinstance(fact, JointChangedFact):
                self._change(decided.key, fact)
            elif isinstance(fact, DecidedFact):
                self._judge(decided.key, fact)

    def _form(self, uscc: str, fact: JointFact) -> None:
        if uscc in self.joints:
            self.wrong.append(f"{uscc}: formed twice")
        self.joints[uscc], self.leads[uscc] = fact, fact.lead
        self.members[uscc] = (set(fact.members), set(fact.left))
        self.drew[uscc] |= {*fact.members, *fact.left}
        self.grounds[str(fact.ground)] += 1
        self.groups.add(fact.group)

    def _change(self, uscc: str, fact: JointChangedFact) -> None:
        members, left = self.members[uscc]
        self.members[uscc] = (set(fact.members), (left | members) - set(fact.members))
        self.leads[uscc] = fact.lead

    def _judge(self, uscc: str, fact: DecidedFact) -> None:
        made = fact.decision
        self.decisions[made.decision] += 1
        if made.decision is not Decision.ISSUED:
            return
        if made.cap is not None and made.used is not None and made.used > made.cap:
            self.wrong.append(f"{made.dept} at {uscc}: {made.used} of {made.cap}")
        if uscc not in self.joints:
            return
        members, left = self.members[uscc]
        if fact.task.along:
            self.codes.setdefault(uscc, set()).add(made.code or "")
        elif made.dept in left or (made.dept in members and len(members) > 1):
            self.wrong.append(f"{made.dept} goes alone to {uscc} with {made.task_id}")

    def check_overlaps(self, plain: Overlaps) -> None:
        """Hold what was formed against plain sets."""
        shared = plain.shared()
        for uscc in shared.keys() | self.joints.keys():
            if self.drew.get(uscc, set()) != plain.who[uscc]:
                self.wrong.append(f"{uscc}: {self.drew.get(uscc)}, by sets {plain.who[uscc]}")
        for uscc in self.joints.keys() - shared.keys():
            self.wrong.append(f"{uscc}: nobody overlaps")

    def check_joints(self) -> None:
        """Hold every joint task against itself: one lead among the members, one code."""
        for uscc, (members, _) in self.members.items():
            if (self.leads[uscc] not in members) if members else self.leads[uscc]:
                self.wrong.append(f"{uscc}: {self.leads[uscc]!r} leads {members}")
        for uscc, codes in self.codes.items():
            if len(codes) > 1:
                self.wrong.append(f"{uscc}: codes {codes}")


def fold(lines: Iterable[bytes]) -> Quarter:
    """What the hub's own fold makes of a file."""
    replay = Replay(PlainMint(), lambda key: hashlib.blake2b(key).digest()[0] % 16)
    reader, found, digest = LineReader(), Quarter(), hashlib.sha256()
    began = time.monotonic()
    answers = (
        answer
        for number, line in enumerate(lines, 1)
        for answer in replay.line(reader.read(line), number)
    )
    for answers_of in (answers, replay.rest()):
        for answer in answers_of:
            if isinstance(answer, Decided):
                found.take(answer)
                digest.update(encode_decided(answer))
            else:
                found.facts[f"refused {answer}"] += 1
    found.took_s = time.monotonic() - began
    found.digest = digest.hexdigest()
    return found


def judge(spec: QuarterSpec, seed: int) -> tuple[Quarter, Quarter, Overlaps]:
    """A quarter folded twice, the first checked against plain sets."""
    first = fold(generate_quarter(spec, seed))
    plain = overlaps(generate_quarter(spec, seed), spec.year, spec.quarter)
    first.check_joints()
    if spec.late_draws == "refuse":
        # Where late draws are taken they are compared as well, which the sets of a window are not.
        first.check_overlaps(plain)
    return first, fold(generate_quarter(spec, seed)), plain


def drawn_quarter(plan: Plan) -> Outcome:
    """16 districts, 40 lines of business in each and in the city: as many draws as a run has."""
    spec = QuarterSpec(
        year=YEAR, quarter=QUARTER, draws=plan.events, visits=max(plan.events // 40, 1)
    )
    plan.tell(f"{plan.events:,} draws are generated, folded twice, and intersected …")
    first, second, plain = judge(spec, SEED)
    rows = [
        ("objects drawn", f"{plain.objects:,}"),
        ("enterprises drawn by several, by plain sets", f"{len(plain.shared()):,}"),
        ("joint inspections formed", f"{len(first.joints):,}"),
        ("groups to plan", f"{len(first.groups):,}"),
        ("draws refused or repeated", f"{first.facts['NOTED']:,}"),
        ("a fold, s", f"{first.took_s:.0f}"),
        *((f"lead by {name}", f"{count:,}") for name, count in first.grounds.most_common()),
        *((f"tasks {name}", f"{count:,}") for name, count in first.decisions.most_common()),
    ]
    wrong = first.wrong[:3]
    goals = [
        Goal("overlaps, leads, caps, codes: nothing wrong", str(wrong or "none"), not first.wrong),
        Goal("two runs identical", first.digest[:16], first.digest == second.digest),
    ]
    table = Table("A quarter of the whole city", ("what", "count"), rows)
    return Outcome("drawn_quarter", [table], goals, {"facts": dict(first.facts)})
