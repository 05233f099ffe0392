"""Which messages are there? One row an event type: its model, who may send it, where it goes."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from schemas.decision import DecisionMade, EventRefused, TaskUpdated
from schemas.inbound import (
    ChoiceRecorded,
    CodeExpired,
    EntryRecorded,
    JointFormed,
    RatingSubmitted,
    ResultRecorded,
    SubjectClassified,
    TaskCancelled,
    TaskSubmitted,
    WhitelistChanged,
)
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.inbound_joint import (
    DrawObject,
    DrawSubmitted,
    JointAbsent,
    JointWithdrawn,
    WindowClosed,
)
from schemas.inbound_repair import (
    RepairAccepted,
    RepairApplied,
    RepairDecided,
    ResultCorrected,
    ResumeOrdered,
    StopOrdered,
    SupplementAsked,
    SupplementReceived,
)
from schemas.inbound_special import (
    SpecialAgreed,
    SpecialClaimed,
    SpecialClosed,
    SpecialDispatched,
    SpecialFiled,
    SpecialObjectReported,
    SpecialOverdue,
    SpecialPublished,
    SpecialRefused,
    SurveyClosed,
    SurveyObjectEntered,
    SurveyObjectFound,
)
from schemas.joint_answers import DrawUpdated, JointUpdated
from schemas.policy import PolicyDocument
from schemas.public_answers import DisclosureUpdated, RepairUpdated
from schemas.registry import (
    RegistryCalendar,
    RegistryDepartment,
    RegistryItem,
    RegistryOfficer,
    RegistrySpecial,
    RegistrySubject,
)
from schemas.special_answers import SpecialUpdated, SurveyUpdated


class Sender(StrEnum):
    """Who may send an event type."""

    DEPARTMENT = "DEPARTMENT"
    REGISTRY = "REGISTRY"
    HUB = "HUB"


class Place(StrEnum):
    """Where intake puts an accepted event.

    The journal, the control topics every worker follows, or the journal object by object: one event
    becomes several records of another type, each under its own key.
    """

    JOURNAL = "JOURNAL"
    EACH_OBJECT = "EACH_OBJECT"
    CTL_REGISTRY = "CTL_REGISTRY"
    CTL_POLICY = "CTL_POLICY"


@dataclass(frozen=True, slots=True)
class InboundType:
    """One row of the table of inbound event types."""

    type: str
    model: builtins.type[BaseModel]
    sender: Sender
    place: Place


TASK_SUBMITTED = "inspection.task.submitted"
TASK_CANCELLED = "inspection.task.cancelled"
ENTRY_RECORDED = "inspection.entry.recorded"
RESULT_RECORDED = "inspection.result.recorded"
CHOICE_RECORDED = "inspection.choice.recorded"
CODE_EXPIRED = "inspection.code.expired"
SUBJECT_CLASSIFIED = "subject.classified"
WHITELIST_CHANGED = "whitelist.changed"
JOINT_FORMED = "joint.formed"
DRAW_SUBMITTED = "draw.submitted"
DRAW_OBJECT = "draw.object"
WINDOW_CLOSED = "draw.window.closed"
JOINT_WITHDRAWN = "joint.withdrawn"
JOINT_ABSENT = "joint.absent"
RATING_SUBMITTED = "inspection.rating.submitted"
RESULT_CORRECTED = "inspection.result.corrected"
STOP_ORDERED = "disclosure.stop.ordered"
RESUME_ORDERED = "disclosure.resume.ordered"
REPAIR_APPLIED = "repair.applied"
REPAIR_ACCEPTED = "repair.accepted"
SUPPLEMENT_ASKED = "repair.supplement.asked"
SUPPLEMENT_RECEIVED = "repair.supplement.received"
REPAIR_DECIDED = "repair.decided"
DRAW_COMMITTED = "draw.committed"
DRAW_REVEALED = "draw.revealed"
SPECIAL_FILED = "special.filed"
SPECIAL_AGREED = "special.agreed"
SPECIAL_PUBLISHED = "special.published"
SPECIAL_DISPATCHED = "special.dispatched"
SPECIAL_CLAIMED = "special.claimed"
SPECIAL_REFUSED = "special.refused"
SPECIAL_OVERDUE = "special.overdue"
SPECIAL_CLOSED = "special.closed"
SPECIAL_OBJECT_REPORTED = "special.object.reported"
SURVEY_OBJECT_FOUND = "survey.object.found"
SURVEY_OBJECT_ENTERED = "survey.object.entered"
SURVEY_CLOSED = "survey.closed"
REGISTRY_DEPARTMENT = "registry.department"
REGISTRY_OFFICER = "registry.officer"
REGISTRY_ITEM = "registry.item"
REGISTRY_SUBJECT = "registry.subject"
REGISTRY_CALENDAR = "registry.calendar"
REGISTRY_SPECIAL = "registry.special"
POLICY_PUBLISHED = "policy.published"

DECISION_MADE = "decision.made"
TASK_UPDATED = "task.updated"
EVENT_REFUSED = "event.refused"
REPAIR_UPDATED = "repair.updated"
DISCLOSURE_UPDATED = "disclosure.updated"
DRAW_UPDATED = "draw.updated"
JOINT_UPDATED = "joint.updated"
SPECIAL_UPDATED = "special.updated"
SURVEY_UPDATED = "survey.updated"

_D, _R, _H = Sender.DEPARTMENT, Sender.REGISTRY, Sender.HUB
_J, _CR, _CP = Place.JOURNAL, Place.CTL_REGISTRY, Place.CTL_POLICY
_EACH = Place.EACH_OBJECT

# whitelist.changed of an item concerns no single enterprise: intake puts it on the registry topic.
# A draw's commitment and its seed are published there as well, for everybody to see.
INBOUND: dict[str, InboundType] = {
    row.type: row
    for row in (
        InboundType(TASK_SUBMITTED, TaskSubmitted, _D, _J),
        InboundType(TASK_CANCELLED, TaskCancelled, _D, _J),
        InboundType(ENTRY_RECORDED, EntryRecorded, _D, _J),
        InboundType(RESULT_RECORDED, ResultRecorded, _D, _J),
        InboundType(CHOICE_RECORDED, ChoiceRecorded, _D, _J),
        InboundType(SUBJECT_CLASSIFIED, SubjectClassified, _D, _J),
        InboundType(WHITELIST_CHANGED, WhitelistChanged, _D, _J),
        InboundType(CODE_EXPIRED, CodeExpired, _H, _J),
        InboundType(JOINT_FORMED, JointFormed, _H, _J),
        InboundType(RATING_SUBMITTED, RatingSubmitted, _H, _J),
        InboundType(DRAW_SUBMITTED, DrawSubmitted, _D, _EACH),
        InboundType(DRAW_OBJECT, DrawObject, _H, _J),
        InboundType(WINDOW_CLOSED, WindowClosed, _H, _J),
        InboundType(JOINT_WITHDRAWN, JointWithdrawn, _D, _J),
        InboundType(JOINT_ABSENT, JointAbsent, _D, _J),
        InboundType(RESULT_CORRECTED, ResultCorrected, _D, _J),
        InboundType(STOP_ORDERED, StopOrdered, _D, _J),
        InboundType(RESUME_ORDERED, ResumeOrdered, _D, _J),
        InboundType(REPAIR_APPLIED, RepairApplied, _D, _J),
        InboundType(REPAIR_ACCEPTED, RepairAccepted, _D, _J),
        InboundType(SUPPLEMENT_ASKED, SupplementAsked, _D, _J),
        InboundType(SUPPLEMENT_RECEIVED, SupplementReceived, _D, _J),
        InboundType(REPAIR_DECIDED, RepairDecided, _D, _J),
        InboundType(DRAW_COMMITTED, DrawCommitted, _D, _CR),
        InboundType(DRAW_REVEALED, DrawRevealed, _D, _CR),
        InboundType(SPECIAL_FILED, SpecialFiled, _D, _J),
        InboundType(SPECIAL_AGREED, SpecialAgreed, _D, _J),
        InboundType(SPECIAL_PUBLISHED, SpecialPublished, _D, _J),
        InboundType(SPECIAL_DISPATCHED, SpecialDispatched, _D, _J),
        InboundType(SPECIAL_CLAIMED, SpecialClaimed, _D, _J),
        InboundType(SPECIAL_REFUSED, SpecialRefused, _D, _J),
        InboundType(SPECIAL_OVERDUE, SpecialOverdue, _H, _J),
        InboundType(SPECIAL_CLOSED, SpecialClosed, _D, _J),
        InboundType(SPECIAL_OBJECT_REPORTED, SpecialObjectReported, _H, _J),
        InboundType(SURVEY_OBJECT_FOUND, SurveyObjectFound, _D, _J),
        InboundType(SURVEY_OBJECT_ENTERED, SurveyObjectEntered, _H, _J),
        InboundType(SURVEY_CLOSED, SurveyClosed, _D, _J),
        InboundType(REGISTRY_DEPARTMENT, RegistryDepartment, _R, _CR),
        InboundType(REGISTRY_OFFICER, RegistryOfficer, _R, _CR),
        InboundType(REGISTRY_ITEM, RegistryItem, _R, _CR),
        InboundType(REGISTRY_SUBJECT, RegistrySubject, _R, _CR),
        InboundType(REGISTRY_CALENDAR, RegistryCalendar, _R, _CR),
        InboundType(REGISTRY_SPECIAL, RegistrySpecial, _H, _CR),
        InboundType(POLICY_PUBLISHED, PolicyDocument, _R, _CP),
    )
}

OUTBOUND: dict[str, type[BaseModel]] = {
    DECISION_MADE: DecisionMade,
    TASK_UPDATED: TaskUpdated,
    EVENT_REFUSED: EventRefused,
    REPAIR_UPDATED: RepairUpdated,
    DISCLOSURE_UPDATED: DisclosureUpdated,
    DRAW_UPDATED: DrawUpdated,
    JOINT_UPDATED: JointUpdated,
    SPECIAL_UPDATED: SpecialUpdated,
    SURVEY_UPDATED: SurveyUpdated,
}
