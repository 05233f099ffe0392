"""What has changed between a decision and the visit? Said, never blocked: the officers are there.

Source: art. 3, 14, 16; docs/semantics.md §7.
"""

from __future__ import annotations

from datetime import date

from schemas.decision import Reason
from schemas.enums import Decision, Standing
from schemas.journal import Findings
from streams.rules.calendar import day_at
from streams.rules.caps import CompiledPolicy
from streams.rules.letters import DECISION, is_onsite, words_of
from streams.rules.state import SubjectState, TaskState
from streams.rules.whitelist import is_listed

_ISSUED = DECISION[Decision.ISSUED]


def doubts_of_entry(
    state: SubjectState,
    task: TaskState | None,
    day: date,
    findings: Findings,
    policy: CompiledPolicy,
) -> tuple[Reason, ...]:
    """Why a task, if it were submitted on the day of its visit, might be decided otherwise.

    Args:
        state: The enterprise before the entry.
        task: The task as it was decided; None if nobody knows it.
        day: The day on which officers entered, or showed the code.
        findings: What the registries say of those who entered.
        policy: The one in force at the entry.

    Source: art. 3 (the whitelist may have changed since); art. 14 (a certificate may have ended).
    """
    doubts = []
    if task is not None and task.decision == _ISSUED:
        proactive = is_onsite(task.nature) and not _is_exempt(task.nature, policy)
        if proactive and is_listed(state.whitelist, day.toordinal()):
            doubts.append(Reason(code="WHITELISTED_SINCE"))
        if 0 < task.certified_until < day.toordinal():
            ended = day_at(task.certified_until).isoformat()
            doubts.append(Reason(code="CERTIFICATE_ENDED", about=ended))
    told = {officer.cert_no: officer.standing for officer in findings.officers}
    doubts += [
        Reason(code=f"OFFICER_{standing}", about=number)
        for number, standing in told.items()
        if standing is not Standing.VALID
    ]
    return tuple(doubts)


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
