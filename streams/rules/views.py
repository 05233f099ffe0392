"""What does the fast view show after a record? Operations, each harmless if repeated."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from schemas.decision import DecisionMade
from schemas.facts import (
    CancelledFact,
    CompletedFact,
    Decided,
    DecidedFact,
    EnteredFact,
    ExpiredFact,
    NotedFact,
)
from schemas.joint_facts import DrawnFact, JointChangedFact, JointFact, WindowClosedFact
from schemas.plain_json import encode_plain
from schemas.special_facts import SpecialFact
from schemas.special_words import ClaimStatus, SpecialStatus
from streams.rules.calendar import day_at
from streams.rules.joint.rows import joint_row
from streams.rules.state import OPEN, SubjectState

_VISITED = (EnteredFact, CompletedFact)
_OF_JOINTS = (JointFact, JointChangedFact)
_CLOSING = (CancelledFact, ExpiredFact, EnteredFact, CompletedFact)


class ViewOps(msgspec.Struct, frozen=True):
    """What changes in the view.

    Attributes:
        decisions: Task id and first decision, as it is sent and sent again.
        codes: Code, credit code and task id.
        opened: Credit code, task id and last day, as an ordinal, of a code that may now be shown;
            or key, department and last day of a special inspection that waits to be claimed.
        closed: Credit code and task id of a code that may no longer be shown, or was used; or key
            and department of what waits no longer.
        agenda: Department, day, credit code and task id of what a department has to do that day;
            a task that took place on another day stands under both; a joint task stands under its
            quarter, for each department that is or was a member.
        joints: Credit code, joint task and its row, as it stands now.
        drawn: Quarter and credit code of an enterprise whose draws wait for the window's close.
        compared: Quarter and credit code of one whose draws wait no longer.
    """

    decisions: list[tuple[str, bytes]]
    codes: list[tuple[str, str, str]]
    opened: list[tuple[str, str, int]]
    closed: list[tuple[str, str]]
    agenda: list[tuple[str, str, str, str]]
    joints: list[tuple[str, str, bytes]]
    drawn: list[tuple[str, str]]
    compared: list[tuple[str, str]]


def view_ops(decided: Decided, after: SubjectState) -> ViewOps:
    """The operations that follow from the answer to one record, fresh or read back in a rebuild.

    Args:
        decided: The answer.
        after: The enterprise after it.

    Source: art. 7 (a code is looked up by whoever scans it), art. 9.
    """
    ops = ViewOps([], [], [], [], [], [], [], [])
    for fact in decided.facts:
        if isinstance(fact, DecidedFact):
            _show_decision(decided.key, fact.decision, after, ops)
        elif isinstance(fact, _CLOSING):
            task = after.tasks[fact.task_id]
            if task.code is not None and task.state not in OPEN:
                ops.closed.append((decided.key, fact.task_id))
            if isinstance(fact, _VISITED):
                _show_in_agenda(decided.key, fact.task_id, after, ops)
        elif isinstance(fact, _OF_JOINTS):
            row = joint_row(decided.key, fact.joint_id, after)
            ops.joints.append((decided.key, fact.joint_id, row))
            joint = after.joints[fact.joint_id]
            ops.agenda.extend(
                (dept, joint.quarter, decided.key, fact.joint_id) for dept in joint.members
            )
        elif isinstance(fact, DrawnFact):
            waits = not after.draws[fact.quarter].closed
            (ops.drawn if waits else ops.compared).append((fact.quarter, decided.key))
        elif isinstance(fact, WindowClosedFact | NotedFact):
            ops.compared.extend((quarter, decided.key) for quarter in _compared(fact))
        elif isinstance(fact, SpecialFact):
            _show_waiting(decided.key, after, ops)
    return ops


def _compared(fact: WindowClosedFact | NotedFact) -> Iterable[str]:
    """The quarters for which nothing of the enterprise waits any more.

    A window that was to be closed and is not open was asked for because the view had it.
    """
    if isinstance(fact, WindowClosedFact):
        return dict.fromkeys((fact.quarter, *(draw.quarter for draw in fact.lapsed)))
    return () if fact.quarter is None else (fact.quarter,)


def _show_decision(uscc: str, made: DecisionMade, after: SubjectState, ops: ViewOps) -> None:
    ops.decisions.append((made.task_id, encode_plain(made)))
    _show_in_agenda(uscc, made.task_id, after, ops)
    if made.code is not None:
        ops.codes.append((made.code, uscc, made.task_id))
        ops.opened.append((uscc, made.task_id, after.tasks[made.task_id].valid_until))


def _show_waiting(key: str, after: SubjectState, ops: ViewOps) -> None:
    """Dispatches that wait for an answer stand beside the open codes: both lapse on a day.

    Source: art. 5.
    """
    special = after.special
    if special is None:
        return
    is_open = special.status is SpecialStatus.FILED
    for dept, party in special.parties.items():
        if is_open and party.status is ClaimStatus.WAITING and party.due:
            ops.opened.append((key, dept, party.due))
        else:
            ops.closed.append((key, dept))


def _show_in_agenda(uscc: str, task_id: str, after: SubjectState, ops: ViewOps) -> None:
    task = after.tasks[task_id]
    ops.agenda.append((task.dept, day_at(task.day).isoformat(), uscc, task_id))
