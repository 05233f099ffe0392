"""In which steps does a file go out? Registries first, their topics created, then the rest."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from connectors.console.registries.registry_refusals import RegistryRefusals
from connectors.console.terminal.screen import Bar
from connectors.console.traffic.event_lines import LineFault, LineReader, Posting
from connectors.console.traffic.journal_order import JournalOrder
from connectors.console.traffic.journal_tail import JournalTail
from connectors.console.traffic.sender import Sender
from connectors.console.traffic.taken_in import Intake
from connectors.kafka_admin import KafkaAdmin
from schemas.registry import REGISTRY_SOURCE
from schemas.topics import Sizing, Topic, dept_of_in_topic, in_topic, out_topic, plan

FAULTS_KEPT_MAX = 100
_TELL_EVERY = 256
_WINDOW_EVENTS = 20_000
"""In journal order at most so many events are held in memory or under way."""
_TAIL_WAIT_S = 0.02
_QUIET_S = 1.0
_EMBEDDED_AHEAD_BYTES = 2 << 20
"""The embedded broker forgets what is more than 5 MiB behind: nobody may fall back so far."""


@dataclass(slots=True)
class Reading:
    """A file as it is read: its postings, and the lines from which none could be made.

    Attributes:
        faults: Line numbers and what is wrong there, the first hundred.
        faults_total: How many there are.
        at: The number of the line read last.
    """

    path: Path
    faults: list[tuple[int, str]] = field(default_factory=list)
    faults_total: int = 0
    at: int = 0

    def postings(self) -> Iterator[Posting]:
        """Every line's posting, in the file's order; faulty lines are noted and passed over."""
        reader = LineReader()
        with self.path.open("rb") as file:
            for self.at, line in enumerate(file, 1):
                if line.isspace():
                    continue
                try:
                    yield reader.read(line, self.at)
                except LineFault as fault:
                    self.note(self.at, str(fault))

    def note(self, line: int, fault: str) -> None:
        """Note what is wrong with a line."""
        self.faults_total += 1
        if len(self.faults) < FAULTS_KEPT_MAX:
            self.faults.append((line, fault))


@dataclass(slots=True)
class Sending:
    """One file on its way."""

    admin: KafkaAdmin
    sizing: Sizing
    sender: Sender
    reading: Reading
    intake: Intake
    refusals: RegistryRefusals
    bar: Bar
    _paced_at: int = 0

    def run(self, *, journal_order: bool, wait: bool, lenient: bool) -> None:
        """Send the whole file.

        Args:
            journal_order: Keep each enterprise's events in order even between departments.
            wait: Let intake take in the leading registry lines before anything else is sent.
            lenient: Go on although it refused some of them.

        Raises:
            CommandError: The broker does not take it, or intake stands still or refuses.
        """
        postings = self.reading.postings()
        following = self._leading(postings)
        if self.sender.sent and wait:
            self._wait({REGISTRY_SOURCE}, "waiting for intake")
            if not lenient:
                self.refusals.expect_none()
        rest = self._with_topic(chain([following] if following else [], postings))
        if journal_order:
            with JournalTail(self.sender.bootstrap, self.admin) as tail:
                self._send_in_order(rest, tail)
        else:
            self._send(rest)
        self.sender.flush()

    def _send_in_order(self, postings: Iterable[Posting], tail: JournalTail) -> None:
        """Send so that the journal has each enterprise's events in the file's order.

        What changes the rules or the registries stands in its place: it holds for all that
        follows, and for nothing before.
        """
        order = JournalOrder()
        control: list[Posting] = []
        for posting in postings:
            if posting.is_control:
                self._let_settle(order, tail, left_max=0)
                control.append(posting)
                continue
            self._send_control(control)
            self._send(order.put(posting))
            self._let_settle(order, tail, left_max=_WINDOW_EVENTS)
        self._let_settle(order, tail, left_max=0)
        self._send_control(control)

    def _send_control(self, control: list[Posting]) -> None:
        """Send what everything after it is judged by, and see it taken in before that."""
        if control:
            self._send(control)
            self._wait({posting.dept for posting in control}, "waiting for intake")
            control.clear()

    def _let_settle(self, order: JournalOrder, tail: JournalTail, *, left_max: int) -> None:
        """Send what no longer has to wait, until at most so many events are held or under way."""
        quiet_since = time.monotonic()
        while len(order) > left_max:
            taken = tail.poll(_TAIL_WAIT_S)
            for event in taken:
                self._send(order.taken_in(*event))
            now = time.monotonic()
            if taken:
                quiet_since = now
            elif now - quiet_since > _QUIET_S:
                # What intake answers without a name, or took in already: the position tells.
                self._wait(order.departments(), "waiting for intake")
                tail.skip_to_end(self.admin)
                self._send(order.all_taken_in())
                quiet_since = time.monotonic()

    def _leading(self, postings: Iterator[Posting]) -> Posting | None:
        """Send the leading registry lines; returns the first line after them, if there is one."""
        departments: dict[str, Posting] = {}
        following = None
        for posting in postings:
            if not posting.from_registry:
                following = posting
                break
            if not self.sender.sent:
                self._create({REGISTRY_SOURCE: posting})
            self._send([posting])
            if posting.registers is not None:
                departments[posting.registers] = posting
        self.sender.flush()
        self._create(departments)
        return following

    def _create(self, departments: dict[str, Posting]) -> None:
        """Create the topics that these departments lack; the posting is the one that names it."""
        wanted: list[Topic] = []
        for dept, posting in departments.items():
            try:
                wanted += _topics_of(dept, self.sizing)
            except ValueError as cause:
                self.reading.note(posting.line, f"{cause}: it gets no topics")
        missing = self.admin.plan(wanted)
        if missing:
            self.bar.at(self.reading.at, what=f"creating {len(missing):,} topics")
            self.admin.apply(missing)
            self.bar.at(self.reading.at, what="sending")

    def _with_topic(self, postings: Iterable[Posting]) -> Iterator[Posting]:
        """The postings whose department has a topic; the others are noted."""
        known = {dept_of_in_topic(name) for name in self.admin.partition_counts()}
        for posting in postings:
            if posting.dept in known:
                yield posting
            else:
                fault = (
                    f"department {posting.dept} has no topic {in_topic(posting.dept)}: register "
                    "it first, or create the topic with `hub topics apply --dept`"
                )
                self.reading.note(posting.line, fault)

    def _send(self, postings: Iterable[Posting]) -> None:
        sender = self.sender
        for posting in postings:
            try:
                sender.send(posting)
            except LineFault as fault:
                self.reading.note(posting.line, str(fault))
            if sender.sent % _TELL_EVERY == 0:
                self.bar.at(self.reading.at)
            if self.admin.embedded and sender.bytes_sent - self._paced_at > _EMBEDDED_AHEAD_BYTES:
                self._let_catch_up()

    def _let_catch_up(self) -> None:
        """Give the embedded broker's readers time: what they have not read it may forget."""
        self._wait(set(self.sender.by_dept), "sending at the hub's pace")
        self.intake.wait_decided()
        self._paced_at = self.sender.bytes_sent

    def _wait(self, depts: set[str], what: str) -> None:
        self.sender.flush()
        self.bar.at(self.reading.at, what=what)
        self.intake.wait(depts)
        self.bar.at(self.reading.at, what="sending")


def _topics_of(dept: str, sizing: Sizing) -> list[Topic]:
    own = {in_topic(dept), out_topic(dept)}
    return [topic for topic in plan([dept], (), sizing) if topic.name in own]
