"""Does what a department sends tell the whole story: who, approved by whom, what became of it?"""

from __future__ import annotations

from datetime import date, timedelta

from connectors.departments.conform.evidence import Evidence, Finding, Sent, Verdict, finding
from schemas.enums import ApprovalMode, CertificateStatus, Decision, Mode, Trigger
from schemas.inbound import EntryRecorded, ResultRecorded, TaskCancelled, TaskSubmitted
from schemas.malformed import shown
from schemas.registry import RegistryOfficer

RESULT_DAYS = 10
"""So long after its planned day a visit should have its result, or its cancellation."""
OPEN_SHARE_MAX = 0.1
BACKFILL_SHARE_ADVICE, BACKFILL_SHARE_MAX = 0.1, 0.5

Wrong = list[tuple[Sent, str]]
Task = tuple[Sent, TaskSubmitted]


def registration(evidence: Evidence) -> Finding:
    """Is the department on the subject list (art. 14)?"""
    if not evidence.registry_seen:
        return Finding("registration", Verdict.NOT_SEEN, 0)
    entry = evidence.department
    if entry is None:
        said, to_do = "not in the registry", "ask the platform's administrators to register it"
    elif not entry.listed:
        said, to_do = "not on the subject list", "ask the administrators why it is not listed"
    elif not _in_time(entry.valid_from, entry.valid_to, evidence.today):
        said, to_do = "its entry is not valid today", "ask the administrators to renew it"
    else:
        return Finding("registration", Verdict.RIGHT, 1)
    return Finding("registration", Verdict.FIX, 1, 1, (f"{evidence.dept}: {said}",), to_do)


def officers(evidence: Evidence) -> Finding:
    """Does every on-site task name officers with a valid certificate of this department?"""
    wrong: Wrong = []
    tasks = _onsite(evidence)
    for sent, task in tasks:
        if not task.officers:
            wrong.append((sent, f"task {shown(task.task_id)} names no officer"))
        elif evidence.registry_seen:
            wrong += [
                (sent, f"officer {shown(number)} {fault}")
                for number in task.officers
                if (fault := _officer_fault(evidence, number, task.planned_on))
            ]
    to_do = "have certificates registered before the visit; without them a task is refused"
    return finding("officers", len(tasks), wrong, to_do)


def approvals(evidence: Evidence) -> Finding:
    """Was every inspection approved, and beforehand unless it is urgent (art. 4, 15)?"""
    tasks = evidence.of(TaskSubmitted)
    wrong = [(sent, fault) for sent, task in tasks if (fault := _approval_fault(task))]
    to_do = "give no, by, at and mode of the approval; afterwards only for an urgent inspection"
    return finding("approvals", len(tasks), wrong, to_do)


def clues(evidence: Evidence) -> Finding:
    """Has every task with an exempt trigger the number of its clue?"""
    tasks = [one for one in evidence.of(TaskSubmitted) if one[1].trigger in evidence.exempt]
    wrong = [
        (sent, f"task {shown(task.task_id)}: {task.trigger} without clue_no")
        for sent, task in tasks
        if task.clue_no is None
    ]
    to_do = "give clue_no: without it the trigger is not exempt and the cap applies"
    return finding("clue numbers", len(tasks), wrong, to_do)


def entries(evidence: Evidence) -> Finding:
    """Was the scan, or the refusal to scan, recorded for every visit with a result (art. 8)?"""
    entered = {entry.task_id for _, entry in evidence.of(EntryRecorded)}
    onsite = {task.task_id for _, task in _onsite(evidence)}
    results = [one for one in evidence.of(ResultRecorded) if one[1].task_id in onsite]
    wrong = [
        (sent, f"task {shown(result.task_id)} has a result and no entry")
        for sent, result in results
        if result.task_id not in entered and not result.backfill
    ]
    to_do = "send inspection.entry.recorded when officers show the code; REFUSED stops nobody"
    return finding("entries", len(results), wrong, to_do, verdict=Verdict.ADVICE)


def results(evidence: Evidence) -> Finding:
    """Has every visit whose day is past a result, or a cancellation (art. 5, 9)?"""
    ended = {one.task_id for _, one in evidence.of(ResultRecorded)}
    ended |= {one.task_id for _, one in evidence.of(TaskCancelled)}
    past = [
        (sent, task)
        for sent, task in _onsite(evidence)
        if task.planned_on + timedelta(days=RESULT_DAYS) < evidence.today
        and evidence.decisions.get(task.task_id, Decision.ISSUED) == Decision.ISSUED
    ]
    wrong = [
        (sent, f"task {shown(task.task_id)} of {task.planned_on} has neither")
        for sent, task in past
        if task.task_id not in ended
    ]
    many = len(wrong) > OPEN_SHARE_MAX * len(past)
    to_do = f"send the result, or the cancellation, within {RESULT_DAYS} days of the planned day"
    verdict = Verdict.FIX if many else Verdict.ADVICE
    return finding("results", len(past), wrong, to_do, verdict=verdict)


def cancellations(evidence: Evidence) -> Finding:
    """Are tasks cancelled that were sent, and before the visit?"""
    sent_tasks = {task.task_id for _, task in evidence.of(TaskSubmitted)}
    inspected = {one.task_id for _, one in evidence.of(ResultRecorded)}
    cancelled = evidence.of(TaskCancelled)
    wrong: Wrong = []
    for sent, one in cancelled:
        if one.task_id in inspected:
            wrong.append((sent, f"task {shown(one.task_id)} is cancelled and has a result"))
        elif one.task_id not in sent_tasks:
            wrong.append((sent, f"task {shown(one.task_id)} was not seen among your tasks"))
    to_do = "cancel under the task's own id, and only what does not take place"
    return finding("cancellations", len(cancelled), wrong, to_do, verdict=Verdict.ADVICE)


def backfill(evidence: Evidence) -> Finding:
    """Are visits announced before they take place? Filling in afterwards is for exceptions."""
    tasks = _onsite(evidence)
    wrong = [(s, f"task {shown(task.task_id)} filled in") for s, task in tasks if task.backfill]
    share = len(wrong) / len(tasks) if tasks else 0.0
    if share <= BACKFILL_SHARE_ADVICE:
        return finding("back-fill", len(tasks), [], "")
    verdict = Verdict.FIX if share > BACKFILL_SHARE_MAX else Verdict.ADVICE
    to_do = f"{share:.0%} are filled in afterwards: ask for the code before the visit (art. 5, 10)"
    return finding("back-fill", len(tasks), wrong, to_do, verdict=verdict)


def _onsite(evidence: Evidence) -> list[Task]:
    return [one for one in evidence.of(TaskSubmitted) if one[1].mode is Mode.ONSITE]


def _officer_fault(evidence: Evidence, number: str, day: date) -> str | None:
    entry: RegistryOfficer | None = evidence.officers.get(number)
    if entry is None:
        return "is not registered"
    if entry.dept != evidence.dept:
        return "belongs to another department"
    if entry.status is not CertificateStatus.VALID:
        return f"is {entry.status}"
    if not _in_time(entry.valid_from, entry.valid_to, day):
        return f"has no certificate that is valid on {day}"
    return None


def _approval_fault(task: TaskSubmitted) -> str | None:
    name, approval = f"task {shown(task.task_id)}", task.approval
    if approval is None:
        return f"{name} has no approval"
    given = None not in (approval.no, approval.by, approval.at)
    if approval.mode is ApprovalMode.PRIOR:
        if not given:
            return f"{name}: no, by or at of the approval is missing"
        # As the day is written: whoever wrote the instant wrote it in local time.
        if approval.at is not None and approval.at.date() > task.planned_on:
            return f"{name} was approved after its planned day"
    elif task.trigger is not Trigger.URGENT:
        return f"{name} is approved afterwards and not URGENT"
    return None


def _in_time(first: date, last: date | None, day: date) -> bool:
    return first <= day and (last is None or day <= last)
