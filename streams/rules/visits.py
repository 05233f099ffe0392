"""Which visit is judged, and against which others?"""

from __future__ import annotations

from collections.abc import Container, Mapping

import msgspec

from schemas.journal import Findings
from streams.rules.joint.state import JointState
from streams.rules.letters import is_onsite
from streams.rules.state import SubjectState, TaskState, is_live, year_span

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
    """The other live tasks of the enterprise, always in the order of the journal.

    Attributes:
        tasks: All tasks on record.
        judged: Id of the task that is judged.
        own: The department's own live ones, in the year of the visit judged.
        own_visits: How many of these are on-site.
    """

    tasks: Mapping[str, TaskState]
    judged: str
    own: list[Known]
    own_visits: int

    def of(self, depts: Container[str], first: int, last: int) -> list[Known]:
        """The live tasks of these departments from one day to another.

        Source: art. 10 (a group of departments, or several years, share a counter).
        """
        return _live_of(self.tasks, self.judged, (depts, first, last))

    def visits(self, first: int, last: int) -> list[TaskState]:
        """Everybody's live on-site tasks from one day to another.

        Source: art. 10 (high-frequency inspection, by whomever).
        """
        return [
            task
            for name, task in self.tasks.items()
            if first <= task.day <= last
            and is_onsite(task.nature)
            and is_live(task)
            and name != self.judged
        ]


def subject_of(uscc: str, findings: Findings) -> Subject:
    """The enterprise as the object list has it."""
    listed = findings.subject
    if listed is None:
        return Subject(uscc, "", "")
    return Subject(uscc, listed.industry, listed.object_type)


def joint_visit_of(task: TaskState, joints: Mapping[str, JointState]) -> str | None:
    """The joint visit of which the task is a part; None if it is a visit of its own.

    What a task names proves nothing: a department could give all its visits of a year one name.
    Only what the hub formed, and let the task go along with, is one visit.

    Source: art. 2, 10; docs/semantics.md §4, §13.
    """
    if task.joint_id is None or not task.along:
        return None
    joint = joints.get(task.joint_id)
    return None if joint is None or task.dept not in joint.members else task.joint_id


def history_of(state: SubjectState, visit: Visit) -> History:
    """All live tasks but the one that is judged.

    Source: art. 10 (visits of the same department in the same year, and of all).
    """
    if not state.tasks:
        return History({}, visit.task_id, [], 0)
    span = year_span(visit.year, visit.year)
    own = _live_of(state.tasks, visit.task_id, ((visit.task.dept,), *span))
    own_visits = sum([is_onsite(task.nature) for _, task in own])
    return History(state.tasks, visit.task_id, own, own_visits)


def _live_of(
    tasks: Mapping[str, TaskState], judged: str, scope: tuple[Container[str], int, int]
) -> list[Known]:
    depts, first, last = scope
    # An enterprise may have hundreds of tasks: what sorts most of them out is asked first.
    return [
        known
        for known in tasks.items()
        if known[1].dept in depts
        and first <= known[1].day <= last
        and is_live(known[1])
        and known[0] != judged
    ]
