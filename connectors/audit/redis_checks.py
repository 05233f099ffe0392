"""Is the view in Redis what insp.decided says, also after a wipe or an old copy?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from connectors.audit.answers import Answers
from connectors.audit.dump import Dump, RedisShard
from connectors.audit.joint_checks import judge_rows
from connectors.audit.judge import Judge
from connectors.audit.report import Book
from connectors.audit.state import ISSUED, SHOWN, Enterprise, Task
from connectors.audit.wire import DECIDED, JOURNAL, SEPARATOR

_OPEN = frozenset({ISSUED, SHOWN})


class ShardCheck:
    """Compares the view of one journal partition with what was recorded."""

    def __init__(self, book: Book, dump: Dump, partition: int, shard: RedisShard) -> None:
        """Take the shard and where violations are written down."""
        self._book = book
        self._dump = dump
        self._partition = partition
        self._shard = shard

    def run(self, judge: Judge, answers: Answers) -> None:
        """Check position, decisions, codes, open codes and states."""
        states = {key: twin.recorded for key, twin in judge.enterprises.items()}
        self._position()
        self._tasks(states, answers)
        codes, still_open = _expected_codes(states)
        self._same("I11.codes", "code", codes, self._shard.code)
        self._same("I11.open", "open", still_open, self._shard.open)
        self._same("I11.agenda", "agenda", _expected_agenda(states), self._shard.agenda)
        self._states(states)
        judge_rows(self._book, states, self._partition, self._shard)

    def _where(self, part: str) -> str:
        return f"insp:{{{self._partition}}}:{part}"

    def _position(self) -> None:
        self._book.saw("I11.position")
        where, position = self._where("position"), self._shard.position
        journal_end = self._dump.end(JOURNAL, self._partition)
        at = _number(position.get("pos"))
        if at != journal_end and not (at is None and not journal_end):
            text = f"pos is {position.get('pos')}, the journal ends at {journal_end}"
            self._book.fail("I11.position", where, text)
        decided_end = self._dump.end(DECIDED, self._partition)
        known = _number(position.get("decided")) or 0
        if known not in (decided_end, self._last_batch(_number(position.get("outbox_from")))):
            text = f"decided is {known}, insp.decided ends at {decided_end}"
            self._book.fail("I11.position", where, text)

    def _last_batch(self, outbox_from: int | None) -> int | None:
        """Where in insp.decided the last batch begins: it may be published after the script ran."""
        if outbox_from is None:
            return None
        records = self._dump.partition(DECIDED, self._partition)
        first = None
        for record in reversed(records):
            source = _source_offset(record.value)
            if source is None or source < outbox_from:
                break
            first = record.offset
        return first

    def _tasks(self, states: Mapping[str, Enterprise], answers: Answers) -> None:
        found = dict(self._shard.task)
        for key, state in states.items():
            for task in state.tasks.values():
                if task.decided_at is None:
                    continue
                self._book.saw("I11.tasks")
                name = f"{key}{SEPARATOR}{task.task_id}"
                value = found.pop(name, None)
                if wrong := self._task_fault(key, value, task, answers):
                    self._book.fail("I11.tasks", f"{self._where('task')} {name!r}", wrong)
        for name in found:
            self._book.saw("I11.tasks")
            text = "no such task was decided"
            self._book.fail("I11.tasks", f"{self._where('task')} {name!r}", text)

    def _task_fault(self, key: str, value: bytes | None, task: Task, answers: Answers) -> str:
        if value is None:
            return "is missing"
        source = answers.generations.place(key, task.decided_at or 0, self._partition)
        sent = answers.bytes_of(source, task.dept)
        if sent is not None:
            same = answers.says_the_same(sent, value)
            return "" if same else "not the decision that was sent"
        return _read_fault(value, task)

    def _same(
        self, check: str, part: str, expected: Mapping[str, Any], found: Mapping[str, Any]
    ) -> None:
        for name in {**expected, **found}:
            wrong = ""
            if expected.get(name) != found.get(name):
                wrong = f"{found.get(name)!r}, expected {expected.get(name)!r}"
            self._book.expect(check, f"{self._where(part)} {name!r}", wrong)

    def _states(self, states: Mapping[str, Enterprise]) -> None:
        found = set(self._shard.state)
        for key, state in states.items():
            self._book.saw("I11.states")
            if key not in found and state != Enterprise():
                self._book.fail("I11.states", f"{self._where('state')} {key}", "is missing")
        for key in found - states.keys():
            text = "no record of this enterprise lies in the partition"
            self._book.fail("I11.states", f"{self._where('state')} {key}", text)


def _expected_codes(
    states: Mapping[str, Enterprise],
) -> tuple[dict[str, str], dict[str, int]]:
    """Every code with its task, and what lapses with its last day.

    That is every task whose code may still be shown, and every dispatch that waits for an answer.
    """
    codes, still_open = {}, {}
    for key, state in states.items():
        # A joint visit's code leads to the task that got it last.
        order = sorted(state.tasks.values(), key=lambda task: task.decided_at or 0)
        for task in order:
            if task.code:
                name = f"{key}{SEPARATOR}{task.task_id}"
                codes[task.code] = name
                if task.status in _OPEN and task.valid_until:
                    still_open[name] = task.valid_until.toordinal()
        waiting = state.special.waiting() if state.special else {}
        still_open |= {f"{key}{SEPARATOR}{dept}": last for dept, last in waiting.items()}
    return codes, still_open


def _expected_agenda(states: Mapping[str, Enterprise]) -> dict[str, int]:
    """Every task under each day for which it was ever planned or on which it took place.

    A joint task stands under its quarter for each department that ever was a member.
    """
    return {
        SEPARATOR.join((dept, when, key, name)): 0
        for key, state in states.items()
        for dept, when, name in state.agenda
    }


def _read_fault(value: bytes, task: Task) -> str:
    """What a decision whose sent bytes are gone must at least say."""
    try:
        body = orjson.loads(value)
        said = (body["task_id"], body["decision"], body.get("code"))
    except (KeyError, TypeError, ValueError) as cause:
        return f"is no decision: {cause!r}"
    decided = (task.task_id, task.decision, task.code)
    return "" if said == decided else f"says {said}, decided was {decided}"


def _source_offset(value: bytes | None) -> int | None:
    try:
        offset = orjson.loads(value or b"")["src"]["offset"]
    except (KeyError, TypeError, ValueError):
        return None
    return offset if isinstance(offset, int) else None


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return -1
