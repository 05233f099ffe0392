"""What happens to a task in the world? Visits, results, cancellations, and the wrong order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import orjson

from connectors.generate.agenda import Agenda
from connectors.generate.cases import Life
from connectors.generate.city import City
from connectors.generate.draft import Draft
from connectors.generate.envelope import Clock, Line
from connectors.generate.ledger import Ledger, Outlook
from connectors.generate.publicity import Publicity
from connectors.generate.reports import Reports, Task
from connectors.generate.spec import DAY_MS
from schemas.messages import TASK_SUBMITTED

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_VISIT_AFTER_REFUSAL_SHARE = 0.04
_CHOICE_SHARE = 0.5
_STOP_SHARE = 0.2
_RESULT_SHARE = 0.93
_RESULT_SAME_DAY_SHARE = 0.6
_RESULT_LATE_DAYS = 9
_VISIT_LATE_SHARE = 0.1
_VISIT_LATE_DAYS = 3


class Aftermath:
    """Submits a task and arranges what follows from it."""

    def __init__(self, city: City, agenda: Agenda, rng: Random, clock: Clock) -> None:
        self._city = city
        self._agenda = agenda
        self._random = rng.random
        self._reports = Reports(rng, clock)
        codes = [department.code for department in city.departments]
        self._publicity = Publicity(city.spec, rng, clock, agenda.later, codes)
        self.ledger = Ledger(city.subjects)
        self._opens_ms = int(city.spec.opens_s * 1000)
        self._open_ms = int(city.spec.closes_s * 1000) - self._opens_ms
        self._table: dict[Life, Callable[[Draft, Task], None]] = {
            Life.USUAL: self._usual,
            Life.NOTHING: self._nothing,
            Life.BACKFILLED: self._backfilled,
            Life.CONFLICT: self._conflict,
            Life.CANCELLED: self._cancelled,
            Life.CANCELLED_FIRST: self._cancelled_first,
            Life.CANCELLED_AFTER_ENTRY: self._cancelled_after_entry,
            Life.CANCELLED_BY_OTHER: self._cancelled_by_other,
            Life.ENTRY_AFTER_CANCEL: self._entry_after_cancel,
            Life.ENTRY_FIRST: self._entry_first,
            Life.RESULT_FIRST: self._result_first,
            Life.RESULT_ONLY: self._result_only,
            Life.SECOND_RESULT: self._second_result,
            Life.SHOWN_ONLY: self._shown_only,
            Life.YEAR_MOVE: self._year_move,
        }

    def office_ms(self, ordinal: int) -> int:
        """Draw an instant in the office hours of a day."""
        return ordinal * DAY_MS + self._opens_ms + int(self._random() * self._open_ms)

    def live(self, draft: Draft) -> None:
        """Have a task submitted and arrange the rest of its life."""
        content = draft.content
        task = Task(
            content["task_id"],
            draft.department.code,
            content["uscc"],
            content["items"],
            draft.case,
            draft.planned,
            content["backfill"],
        )
        self._table[draft.life](draft, task)

    def _submit(self, draft: Draft, after_ms: int = 0) -> None:
        self._agenda.put(draft.at_ms + after_ms, task_line(draft))

    def _complete(self, at_ms: int, task: Task) -> None:
        """Have the result recorded, and whatever becomes of it."""
        self._publicity.arrange(task, at_ms)
        self._agenda.later(at_ms, self._reports.completed, task)

    def _soon_ms(self, at_ms: int) -> int:
        """Some minutes later."""
        return at_ms + _MINUTE_MS + int(self._random() * 20 * _MINUTE_MS)

    def _usual(self, draft: Draft, task: Task) -> None:
        self._submit(draft)
        outlook = self.ledger.judge(draft)
        if outlook is Outlook.REFUSED and self._random() >= _VISIT_AFTER_REFUSAL_SHARE:
            return
        if outlook is Outlook.PROMPTED and self._random() < _CHOICE_SHARE:
            choice_ms = self._soon_ms(draft.at_ms)
            if self._random() < _STOP_SHARE:
                self._agenda.later(choice_ms, self._reports.stopped, task)
                self.ledger.release(draft)
                return
            self._agenda.later(choice_ms, self._reports.continued, task)
        self._visit(draft, task)

    def _nothing(self, draft: Draft, _task: Task) -> None:
        self._submit(draft)

    def _backfilled(self, draft: Draft, task: Task) -> None:
        self._submit(draft)
        self.ledger.judge(draft)
        self._complete(self._soon_ms(draft.at_ms), task)

    def _conflict(self, draft: Draft, task: Task) -> None:
        """The same task id comes once more with another crew and other items."""
        self._usual(draft, task)
        other = self._random()
        department = draft.department
        crews, item_sets = department.crews, department.item_sets
        changed = {
            **draft.content,
            "officers": crews[int(other * len(crews))],
            "items": (*item_sets[0], *draft.content["items"], "0000-000"),
        }
        line = Line(
            f"{task.task_id}-sub2", task.source, TASK_SUBMITTED, orjson.dumps(changed), task.case
        )
        self._agenda.put(draft.at_ms + int(2 * DAY_MS * other * other) + _MINUTE_MS, line)

    def _cancelled(self, draft: Draft, task: Task) -> None:
        """Called off before the visit, so that the slot is free again (art. 10)."""
        self._submit(draft)
        until_visit_ms = max(_HOUR_MS, draft.planned * DAY_MS + self._opens_ms - draft.at_ms)
        cancel_ms = self._soon_ms(draft.at_ms) + int(self._random() * until_visit_ms * 0.8)
        self._agenda.later(cancel_ms, self._reports.cancelled, task)

    def _cancelled_first(self, draft: Draft, task: Task) -> None:
        self._agenda.put(draft.at_ms, self._reports.cancelled(task, draft.at_ms))
        self._submit(draft, after_ms=self._soon_ms(0))

    def _cancelled_after_entry(self, draft: Draft, task: Task) -> None:
        self._submit(draft)
        self.ledger.judge(draft)
        entry_ms = self._soon_ms(draft.at_ms)
        cancel_ms = self._soon_ms(entry_ms)
        self._agenda.later(entry_ms, self._reports.entered, task)
        self._agenda.later(cancel_ms, self._reports.cancelled, task)
        self._complete(cancel_ms + _HOUR_MS, task)

    def _cancelled_by_other(self, draft: Draft, task: Task) -> None:
        """Another department tries to cancel; the visit takes place all the same."""
        self._usual(draft, task)
        departments = self._city.departments
        other = departments[(draft.department.index + 1) % len(departments)]
        stranger = replace(task, source=other.code)
        self._agenda.later(self._soon_ms(draft.at_ms), self._reports.cancelled, stranger)

    def _entry_after_cancel(self, draft: Draft, task: Task) -> None:
        self._submit(draft)
        self.ledger.judge(draft)
        cancel_ms = self._soon_ms(draft.at_ms)
        entry_ms = self._soon_ms(cancel_ms)
        self._agenda.later(cancel_ms, self._reports.cancelled, task)
        self._agenda.later(entry_ms, self._reports.entered, task)
        self._complete(entry_ms + _HOUR_MS, task)

    def _entry_first(self, draft: Draft, task: Task) -> None:
        self.ledger.judge(draft)
        self._agenda.put(draft.at_ms, self._reports.entered(task, draft.at_ms))
        self._submit(draft, after_ms=self._soon_ms(0))
        self._complete(draft.at_ms + _HOUR_MS, task)

    def _result_first(self, draft: Draft, task: Task) -> None:
        self.ledger.judge(draft)
        self._agenda.put(draft.at_ms, self._reports.completed(task, draft.at_ms))
        self._submit(draft, after_ms=self._soon_ms(0))

    def _result_only(self, draft: Draft, task: Task) -> None:
        """A result whose task nobody ever submitted: a visit without a code (art. 5)."""
        self.ledger.judge(draft)
        self._agenda.put(draft.at_ms, self._reports.completed(task, draft.at_ms))

    def _second_result(self, draft: Draft, task: Task) -> None:
        self._submit(draft)
        self.ledger.judge(draft)
        result_ms = self._soon_ms(draft.at_ms)
        self._complete(result_ms, task)
        self._agenda.later(self._soon_ms(result_ms), self._reports.completed_again, task)

    def _shown_only(self, draft: Draft, task: Task) -> None:
        """The code was shown; every other time somebody scans it in the end (art. 8)."""
        self._submit(draft)
        self.ledger.judge(draft)
        shown_ms = self._soon_ms(draft.at_ms)
        self._agenda.later(shown_ms, self._reports.shown, task)
        if draft.number % 2:
            self._agenda.later(self._soon_ms(shown_ms), self._reports.entered_again, task)

    def _year_move(self, draft: Draft, task: Task) -> None:
        """A code of December, an entry half an hour into January (art. 10: which year counts?)."""
        self._submit(draft)
        task.visited = draft.planned + 1
        entry_ms = task.visited * DAY_MS + _HOUR_MS // 2
        self._agenda.later(entry_ms, self._reports.entered_at_midnight, task)
        self._complete(entry_ms + _HOUR_MS, task)

    def _visit(self, draft: Draft, task: Task) -> None:
        """Enter on the planned day or soon after; the result follows the same day or later."""
        visit_ms = self.office_ms(draft.planned)
        if self._random() < _VISIT_LATE_SHARE:
            visit_ms += (1 + int(self._random() * _VISIT_LATE_DAYS)) * DAY_MS
        if visit_ms <= draft.at_ms:
            visit_ms = self._soon_ms(draft.at_ms)
        task.visited = visit_ms // DAY_MS
        if draft.content["mode"] == "ONSITE":
            self._agenda.later(visit_ms, self._reports.entered, task)
        if self._random() >= _RESULT_SHARE:
            return
        result_ms = self._soon_ms(visit_ms)
        if self._random() >= _RESULT_SAME_DAY_SHARE:
            result_ms += int(self._random() * _RESULT_LATE_DAYS * DAY_MS)
        self._complete(result_ms, task)


def task_line(draft: Draft) -> Line:
    """Give the line that submits a task."""
    return Line(
        f"{draft.content['task_id']}-sub",
        draft.department.code,
        TASK_SUBMITTED,
        orjson.dumps(draft.content),
        draft.case,
    )
