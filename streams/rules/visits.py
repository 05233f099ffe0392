"""Which visit is judged, and against which others?"""

from __future__ import annotations

import msgspec

from schemas.journal import Findings
from streams.rules.letters import is_onsite
from streams.rules.state import LIVE, SubjectState, TaskState, year_span

Known = tuple[str, TaskState]


class Subject(msgspec.Struct, frozen=True):
    """What rules ask about the enterprise. Unknown industry or type: empty."""

    uscc: str
    industry: str
    object_type: str


class Visit(msgspec.Struct, frozen=True):
    """A task to be judged. `task` is how it would stand in the state; `year` is that of its day."""

    task_id: str
    task: TaskState
    year: int
    subject: Subject


class History(msgspec.Struct, frozen=True):
    """The other live tasks of the enterprise, each list in the order of the journal.

    Attributes:
        own: The department's own, in the year of the visit judged.
        of_year: Everybody's, in that year.
        everyones: Everybody's, of all years.
        own_visits: How many of the department's own in that year are on-site.
    """

    own: list[Known]
    of_year: list[Known]
    everyones: list[Known]
    own_visits: int


def subject_of(uscc: str, findings: Findings) -> Subject:
    """The enterprise as the object list has it."""
    listed = findings.subject
    if listed is None:
        return Subject(uscc, "", "")
    return Subject(uscc, listed.industry, listed.object_type)


def history_of(state: SubjectState, visit: Visit) -> History:
    """All live tasks but the one that is judged.

    Source: art. 10 (visits of the same department in the same year, and of all).
    """
    own: list[Known] = []
    of_year: list[Known] = []
    everyones: list[Known] = []
    own_visits = 0
    if state.tasks:
        task_id, dept = visit.task_id, visit.task.dept
        first, last = year_span(visit.year, visit.year)
        for known in state.tasks.items():
            task = known[1]
            if task.decision + task.state in LIVE and known[0] != task_id:
                everyones.append(known)
                if first <= task.day <= last:
                    of_year.append(known)
                    if task.dept == dept:
                        own.append(known)
                        own_visits += is_onsite(task.nature)
    return History(own, of_year, everyones, own_visits)
