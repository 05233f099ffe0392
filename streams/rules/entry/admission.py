"""May this inspection take place with a code? A ladder of rules; the first that holds wins.

Each rule says why it holds, in reasons, or None if it does not. The order of `LADDER` is the order
of the enum, of design §3.4 and of the test table.
"""

from __future__ import annotations

from collections.abc import Callable

from schemas.calendar_entries import with_entries
from schemas.decision import Reason
from schemas.enums import ApprovalMode, CodeState, Decision, Standing, SubjectStatus, Trigger
from schemas.inbound import Approval
from schemas.special_words import SpecialStanding
from streams.rules.calendar import add_working_days, day_of
from streams.rules.case import Case
from streams.rules.entry.counters import used_up
from streams.rules.entry.whitelist import on_the_whitelist
from streams.rules.joint.task import against_joint
from streams.rules.letters import CODE_STATE, is_onsite
from streams.rules.state import was_inspected

Reasons = tuple[Reason, ...]
Rule = Callable[[Case], Reasons | None]

_CANCELLED = CODE_STATE[CodeState.CANCELLED]
# An enum's member is looked up slowly by name, and these are asked for on every task.
_STANDS = SpecialStanding.VALID
_VALID, _ACTIVE, _PRIOR = Standing.VALID, SubjectStatus.ACTIVE, ApprovalMode.PRIOR


def conflict(case: Case) -> Reasons | None:
    """The task id is taken: by other content, or by another department's entry or result.

    Source: art. 7 (one task, one code).
    """
    known = case.known
    if known is None:
        return None
    if known.digest:
        return ()
    return (Reason(code="OTHER_DEPARTMENT"),) if known.dept not in ("", case.dept) else None


def cancelled_before(case: Case) -> Reasons | None:
    """The task was cancelled before it arrived.

    Source: art. 7; messages may overtake each other.
    """
    if case.known is not None and case.known.state == _CANCELLED:
        return (Reason(code="CANCELLED_BEFORE"),)
    return None


def unqualified(case: Case) -> Reasons | None:
    """The department is not on the subject list, or an officer has no valid certificate.

    An officer of whom intake found nothing counts as uncertified.

    Source: art. 14.
    """
    findings, certificates = case.findings, case.data.officers
    reasons = []
    if findings.dept_standing is not _VALID:
        reasons.append(Reason(code=f"DEPARTMENT_{findings.dept_standing}"))
    if not certificates and is_onsite(case.visit.task.nature):
        reasons.append(Reason(code="NO_OFFICERS"))
    valid = [officer.cert_no for officer in findings.officers if officer.standing is _VALID]
    if tuple(valid) != certificates:
        reasons += _uncertified(case)
    return tuple(reasons) if reasons else None


def no_approval(case: Case) -> Reasons | None:
    """The inspection plan was not approved in time, or the special inspection does not allow it.

    Source: art. 4, 15; an urgent one is approved afterwards, within the policy's working days.
    """
    approval = case.data.approval
    fault: str | None
    if approval is None:
        fault = "NO_APPROVAL"
    elif approval.mode is _PRIOR:
        fault = _fault_of_prior(case, approval)
    else:
        fault = _fault_of_retroactive(case, approval)
    return (Reason(code=fault),) if fault else _fault_of_special(case)


def out_of_territory(case: Case) -> Reasons | None:
    """The premises lie outside the department's region and nobody there asked for assistance.

    Source: art. 15.
    """
    if case.findings.in_territory or case.data.assist_letter_no:
        return None
    return (Reason(code="OUT_OF_TERRITORY", about=case.data.premises_region),)


def out_of_scope(case: Case) -> Reasons | None:
    """The object is no enterprise, individual business or cooperative, or is no longer active here.

    Source: art. 7.
    """
    reasons = []
    if not case.findings.in_scope:
        reasons.append(Reason(code="OBJECT_TYPE"))
    listed = case.findings.subject
    if listed is not None and listed.status is not _ACTIVE:
        reasons.append(Reason(code=f"SUBJECT_{listed.status}"))
    return tuple(reasons) if reasons else None


def offsite(case: Case) -> Reasons | None:
    """An off-site inspection needs no code.

    Source: art. 7, 10.
    """
    return None if is_onsite(case.visit.task.nature) else ()


def backfilled(case: Case) -> Reasons | None:
    """The inspection already took place: nothing is left to stop.

    Source: art. 5, 10.
    """
    known = case.known
    if case.data.backfill or (known is not None and was_inspected(known)):
        return ()
    return None


def joint_member(case: Case) -> Reasons | None:
    """A joint task was formed in which the department is to take part instead.

    Source: art. 2 (members of a joint task do not inspect on their own). The policy may turn it
        into a prompt.
    """
    if not case.policy.joint_refuses:
        return None
    return against_joint(case) or None


def whitelisted(case: Case) -> Reasons | None:
    """A proactive on-site visit to an enterprise, or about an item, that is on the whitelist.

    Source: art. 3.
    """
    if case.is_exempt or not is_onsite(case.visit.task.nature):
        return None
    return on_the_whitelist(case) or None


def over_cap(case: Case) -> Reasons | None:
    """A cap rule that applies is used up: intercepted, no code.

    Source: art. 10, 15.
    """
    full = used_up(case.counters)
    return tuple(Reason(code="CAP", about=counter.label) for counter in full) if full else None


def admitted(_case: Case) -> Reasons | None:
    """Nothing stands against it.

    Source: art. 7.
    """
    return ()


LADDER: tuple[tuple[Decision, Rule], ...] = (
    (Decision.CONFLICT, conflict),
    (Decision.CANCELLED, cancelled_before),
    (Decision.REJECTED_UNQUALIFIED, unqualified),
    (Decision.REJECTED_NO_APPROVAL, no_approval),
    (Decision.REJECTED_OUT_OF_TERRITORY, out_of_territory),
    (Decision.RECORDED_OUT_OF_SCOPE, out_of_scope),
    (Decision.RECORDED_OFFSITE, offsite),
    (Decision.RECORDED_BACKFILL, backfilled),
    (Decision.REFUSED_JOINT_MEMBER, joint_member),
    (Decision.REFUSED_WHITELISTED, whitelisted),
    (Decision.INTERCEPTED_OVER_CAP, over_cap),
    (Decision.ISSUED, admitted),
)


def admit(case: Case) -> tuple[Decision, Reasons]:
    """The first decision of the ladder that holds, and why.

    Source: design §3.4; art. 7.
    """
    for decision, rule in LADDER:
        reasons = rule(case)
        if reasons is not None:
            return decision, reasons
    raise ValueError("the ladder of admission has no last rung: its last rule must always hold")


def _uncertified(case: Case) -> Reasons:
    """One reason for each officer without a valid certificate, in the order of the task.

    Source: art. 14.
    """
    standings = {officer.cert_no: officer.standing for officer in case.findings.officers}
    return tuple(
        Reason(code=f"OFFICER_{standings.get(certificate, Standing.UNKNOWN)}", about=certificate)
        for certificate in dict.fromkeys(case.data.officers)
        if standings.get(certificate) is not _VALID
    )


def _fault_of_prior(case: Case, approval: Approval) -> str | None:
    """What is wrong with an approval that should have come first.

    Source: art. 15.
    """
    if not (approval.no and approval.by and approval.at):
        return "APPROVAL_INCOMPLETE"
    return "APPROVED_AFTERWARDS" if day_of(approval.at) > case.data.planned_on else None


def _fault_of_retroactive(case: Case, approval: Approval) -> str | None:
    """What is wrong with an approval that may follow an urgent inspection.

    Where no calendar covers the days it is not called late: we do not know.

    Source: art. 15; the policy's `urgent_approval_days`.
    """
    if case.data.trigger is not Trigger.URGENT:
        return "NOT_URGENT"
    if approval.at is None:
        return None
    calendar = with_entries(case.findings.calendar, case.policy.calendar)
    due, provisional = add_working_days(
        case.data.planned_on, case.policy.urgent_approval_days, calendar
    )
    if day_of(approval.at) > due and not provisional:
        return "APPROVED_TOO_LATE"
    return None if approval.no and approval.by else "APPROVAL_INCOMPLETE"


def _fault_of_special(case: Case) -> Reasons | None:
    """Why the special inspection that the task names does not allow it.

    Source: art. 4 (filed with approval), 5 (claimed by whom it was given to); the policy's
        `special_tasks`.
    """
    standing = case.findings.special
    if standing is None or standing is _STANDS or not case.policy.refuses_by_special:
        return None
    return (Reason(code=f"SPECIAL_{standing}", about=case.data.special_id or ""),)
