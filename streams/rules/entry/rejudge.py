"""What has changed between a decision and the visit? Said, never blocked: the officers are there.

Source: art. 3, 14, 16; docs/semantics.md §7.
"""

from __future__ import annotations

from hashlib import sha256

from schemas.decision import Reason
from schemas.enums import Decision, Standing
from schemas.inbound import EntryRecorded
from schemas.journal import Findings
from streams.rules.calendar import day_at, day_of
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.whitelist import is_listed
from streams.rules.letters import DECISION, is_onsite, words_of
from streams.rules.state import SubjectState, TaskState

_ISSUED = DECISION[Decision.ISSUED]


def doubts_of_entry(
    state: SubjectState,
    task: TaskState | None,
    entry: EntryRecorded,
    findings: Findings,
    policy: CompiledPolicy,
) -> tuple[Reason, ...]:
    """Why a task, if it were submitted on the day of its visit, might be decided otherwise.

    Args:
        state: The enterprise before the entry.
        task: The task as it was decided; None if nobody knows it.
        entry: How officers entered, or showed the code.
        findings: What the registries say, on that day, of those who entered; if the entry names
            nobody, which certificates of the department are not valid; and which items are
            whitelisted.
        policy: The one in force at the entry.

    Source: art. 3 (the whitelist may have changed since); art. 14 (a certificate may have ended).
    """
    doubts, day = [], day_of(entry.at).toordinal()
    issued = task is not None and task.decision == _ISSUED
    if task is not None and issued:
        if is_onsite(task.nature) and not _is_exempt(task.nature, policy):
            doubts += _whitelisted_since(state, task, day, findings)
        if 0 < task.certified_until < day:
            ended = day_at(task.certified_until).isoformat()
            doubts.append(Reason(code="CERTIFICATE_ENDED", about=ended))
    told = {officer.cert_no: officer.standing for officer in findings.officers}
    if not entry.officers:
        # Nobody is named: those came whom the task named.
        told = _of_task(task.officers if task is not None and issued else (), findings)
    doubts += [
        Reason(code=f"OFFICER_{standing}", about=number)
        for number, standing in told.items()
        if standing is not Standing.VALID
    ]
    if issued and findings.left_out:
        doubts.append(Reason(code="NOT_ALL_COMPARED", about=str(findings.left_out)))
    return tuple(doubts)


def mark_of(cert_no: str) -> str:
    """By what a certificate is known to a visit that it concerns, and to no other.

    Source: docs/decisions/0041-judged-again-at-the-entry.md.
    """
    return sha256(cert_no.encode()).hexdigest()[:16]


def _of_task(officers: tuple[str, ...], findings: Findings) -> dict[str, Standing]:
    """Who of a task's officers has no valid certificate, in the order in which they are told.

    Records of before version 8 of the rules name all of the department who have none.

    Source: art. 14.
    """
    told = {one.cert_no: one.standing for one in findings.officers if one.cert_no in officers}
    if not findings.lapsed:
        return told
    lapsed = {one.mark: one.standing for one in findings.lapsed}
    marks = {number: mark_of(number) for number in officers}
    return told | {number: lapsed[mark] for number, mark in marks.items() if mark in lapsed}


def _whitelisted_since(
    state: SubjectState, task: TaskState, day: int, findings: Findings
) -> list[Reason]:
    """What of the task is on the whitelist on the day of the visit.

    Had it been there on the planned day, there would be no code.

    Source: art. 3.
    """
    doubts = []
    if is_listed(state.whitelist, day):
        doubts.append(Reason(code="WHITELISTED_SINCE"))
    doubts += [
        Reason(code="ITEM_WHITELISTED_SINCE", about=item)
        for item in findings.whitelisted_items
        if item in task.items
    ]
    return doubts


def doubts_of_result(findings: Findings) -> tuple[Reason, ...]:
    """In what a result was not filled in against the standards of its items. Nothing is lost of it.

    Source: art. 16.
    """
    if not findings.points_unknown and not findings.points_missing:
        return ()
    unknown = [Reason(code="POINT_UNKNOWN", about=point) for point in findings.points_unknown]
    missing = [Reason(code="POINT_MISSING", about=point) for point in findings.points_missing]
    return (*unknown, *missing)


def _is_exempt(nature: str, policy: CompiledPolicy) -> bool:
    """Whether a task of this nature is exempt: a trigger on the policy's list, with a clue.

    Source: art. 3, 10.
    """
    *_, trigger, has_clue = words_of(nature)
    return has_clue and trigger in policy.exempt_triggers
