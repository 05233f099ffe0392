"""What follows from one journal record? Facts, by the rule of its type.

Neither clock nor chance nor I/O: the same state, record and policy always give the same facts.
"""

from __future__ import annotations

from collections.abc import Callable

from schemas.facts import Fact
from schemas.journal import JournalEvent
from schemas.messages import (
    CHOICE_RECORDED,
    CODE_EXPIRED,
    DRAW_OBJECT,
    ENTRY_RECORDED,
    JOINT_ABSENT,
    JOINT_FORMED,
    JOINT_WITHDRAWN,
    RATING_SUBMITTED,
    REPAIR_ACCEPTED,
    REPAIR_APPLIED,
    REPAIR_DECIDED,
    RESULT_CORRECTED,
    RESULT_RECORDED,
    RESUME_ORDERED,
    SPECIAL_AGREED,
    SPECIAL_CLAIMED,
    SPECIAL_CLOSED,
    SPECIAL_DISPATCHED,
    SPECIAL_FILED,
    SPECIAL_OBJECT_REPORTED,
    SPECIAL_OVERDUE,
    SPECIAL_PUBLISHED,
    SPECIAL_REFUSED,
    STOP_ORDERED,
    SUBJECT_CLASSIFIED,
    SUPPLEMENT_ASKED,
    SUPPLEMENT_RECEIVED,
    SURVEY_CLOSED,
    SURVEY_OBJECT_ENTERED,
    SURVEY_OBJECT_FOUND,
    TASK_CANCELLED,
    TASK_SUBMITTED,
    WHITELIST_CHANGED,
    WINDOW_CLOSED,
)
from streams.rules.apply import apply
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.submission import (
    Mint as Mint,  # decide's own vocabulary; shells import it here
)
from streams.rules.entry.submission import decide_submitted
from streams.rules.followups import cancelled, chosen, entered, expired
from streams.rules.held import applied, stepped
from streams.rules.joint.changes import absent, withdrawn
from streams.rules.joint.draws import drawn
from streams.rules.joint.forming import closed
from streams.rules.publicity.disclosure import corrected, recorded, resumed, stopped
from streams.rules.ratings import rated
from streams.rules.special import steps as specials
from streams.rules.special import surveys
from streams.rules.special.filing import filed
from streams.rules.special.objects import reported
from streams.rules.special.survey_objects import object_entered
from streams.rules.state import SubjectState
from streams.rules.subject_events import classified, joint_formed, whitelisted

Facts = tuple[Fact, ...]
Rule = Callable[[SubjectState, JournalEvent, CompiledPolicy, Mint], Facts]


def _by_state(rule: Callable[[SubjectState, JournalEvent], Facts]) -> Rule:
    """A rule that asks neither the policy nor the mint."""
    return lambda state, event, _policy, _mint: rule(state, event)


def _by_policy(rule: Callable[[SubjectState, JournalEvent, CompiledPolicy], Facts]) -> Rule:
    """A rule that does not ask the mint."""
    return lambda state, event, policy, _mint: rule(state, event, policy)


RULES: dict[str, Rule] = {
    TASK_SUBMITTED: decide_submitted,
    TASK_CANCELLED: _by_state(cancelled),
    CHOICE_RECORDED: _by_state(chosen),
    CODE_EXPIRED: _by_state(expired),
    ENTRY_RECORDED: _by_policy(entered),
    RESULT_RECORDED: _by_policy(recorded),
    SUBJECT_CLASSIFIED: _by_state(classified),
    WHITELIST_CHANGED: _by_state(whitelisted),
    JOINT_FORMED: _by_state(joint_formed),
    DRAW_OBJECT: _by_policy(drawn),
    WINDOW_CLOSED: _by_policy(closed),
    JOINT_WITHDRAWN: _by_policy(withdrawn),
    JOINT_ABSENT: _by_policy(absent),
    RATING_SUBMITTED: _by_policy(rated),
    RESULT_CORRECTED: _by_state(corrected),
    STOP_ORDERED: _by_state(stopped),
    RESUME_ORDERED: _by_state(resumed),
    REPAIR_APPLIED: _by_state(applied),
    REPAIR_ACCEPTED: _by_state(stepped),
    SUPPLEMENT_ASKED: _by_state(stepped),
    SUPPLEMENT_RECEIVED: _by_state(stepped),
    REPAIR_DECIDED: _by_state(stepped),
    SPECIAL_FILED: _by_state(filed),
    SPECIAL_AGREED: _by_state(specials.agreed),
    SPECIAL_PUBLISHED: _by_state(specials.published),
    SPECIAL_DISPATCHED: _by_state(specials.dispatched),
    SPECIAL_CLAIMED: _by_state(specials.claimed),
    SPECIAL_REFUSED: _by_state(specials.refused),
    SPECIAL_OVERDUE: _by_state(specials.overdue),
    SPECIAL_CLOSED: _by_state(specials.closed),
    SPECIAL_OBJECT_REPORTED: _by_state(reported),
    SURVEY_OBJECT_FOUND: _by_state(surveys.object_found),
    SURVEY_OBJECT_ENTERED: _by_policy(object_entered),
    SURVEY_CLOSED: _by_state(surveys.closed),
}
"""Which rule answers which event type: one row for each type that the journal holds."""


def decide(state: SubjectState, event: JournalEvent, policy: CompiledPolicy, mint: Mint) -> Facts:
    """The facts that follow from one journal record.

    Args:
        state: The enterprise before the record.
        event: The record, where it lies in the journal.
        policy: The policy in force when it was taken in.
        mint: Makes codes.

    Raises:
        ValueError: If no rule answers this type, or the policy is not the record's.

    Source: design §2, §3.4.
    """
    record = event.record
    rule = RULES.get(record.type)
    if rule is None:
        raise ValueError(f"no rule answers {record.type!r}: one of {', '.join(RULES)} expected")
    if record.policy_version != policy.version:
        raise ValueError(
            f"record taken in under policy {record.policy_version}, judged by {policy.version}: "
            "fetch the document that the record names"
        )
    return rule(state, event, policy, mint)


def fold(
    state: SubjectState, event: JournalEvent, policy: CompiledPolicy, mint: Mint
) -> tuple[SubjectState, Facts]:
    """The enterprise after one journal record, and the facts that made it so.

    Source: design §2.
    """
    facts = decide(state, event, policy, mint)
    for fact in facts:
        state = apply(state, fact, event.source.rank)
    return state, facts
