"""What are things called on the wire? The auditor's own list: a renaming in the hub is noticed."""

from __future__ import annotations

JOURNAL = "insp.journal"
DECIDED = "insp.decided"
GENERATIONS = "insp.generations"
IN_PREFIX = "insp.in."
OUT_PREFIX = "insp.out."
CTL_PREFIX = "insp.ctl."
CTL_POLICY = "insp.ctl.policy"
CTL_REGISTRY = "insp.ctl.registry"
DLQ_INTAKE = "insp.dlq.intake"
DLQ_DECIDE = "insp.dlq.decide"
DLQ_DELIVER = "insp.dlq.deliver"
FEED_PREFIX = "insp.feed."
RECEIPT_PREFIX = "insp.receipt."

SITES = ("GSXT-TJ", "CREDIT-TJ", "SUBJECTS-TJ")
"""The publicity systems that must stop showing what was repaired (art. 13)."""
DIGEST_PREFIX = "digest:"

REGISTRY = "REGISTRY"
HUB = "HUB"

CE_ID = "ce_id"
CE_SOURCE = "ce_source"
CE_TYPE = "ce_type"
CE_TIME = "ce_time"
CONTENT_TYPE = "content-type"
HUB_ORIGIN = "hub-origin"
DLQ_TOPIC = "kafka_dlt-original-topic"
DLQ_PARTITION = "kafka_dlt-original-partition"
DLQ_OFFSET = "kafka_dlt-original-offset"
DLQ_REASON = "hub-dlq-reason-code"

READ_HEADERS = frozenset(
    {
        *(CE_ID, CE_SOURCE, CE_TYPE, CE_TIME, CONTENT_TYPE, HUB_ORIGIN),
        *(DLQ_TOPIC, DLQ_PARTITION, DLQ_OFFSET, DLQ_REASON),
    }
)

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
ABOUT_DISCLOSURES = frozenset({RESULT_CORRECTED, STOP_ORDERED, RESUME_ORDERED})
ABOUT_REPAIRS = frozenset(
    {REPAIR_APPLIED, REPAIR_ACCEPTED, SUPPLEMENT_ASKED, SUPPLEMENT_RECEIVED, REPAIR_DECIDED}
)
ABOUT_JOINTS = frozenset({DRAW_OBJECT, WINDOW_CLOSED, JOINT_WITHDRAWN, JOINT_ABSENT})
SPECIAL_OVERDUE = "special.overdue"
SPECIAL_OBJECT_REPORTED = "special.object.reported"
SURVEY_OBJECT_FOUND = "survey.object.found"
SURVEY_OBJECT_ENTERED = "survey.object.entered"
SURVEY_CLOSED = "survey.closed"
ABOUT_SURVEYS = frozenset({SURVEY_OBJECT_FOUND, SURVEY_CLOSED})
RELAYED = frozenset({SPECIAL_OBJECT_REPORTED, SURVEY_OBJECT_ENTERED})
"""What one log tells another: nobody sends it."""
REGISTRY_SPECIAL = "registry.special"
SPECIAL, SURVEY = "special:", "survey:"
ABOUT_SPECIALS = frozenset(
    {
        *("special.filed", "special.agreed", "special.published", "special.dispatched"),
        *("special.claimed", "special.refused", "special.closed", SPECIAL_OVERDUE),
    }
)
HUB_ONLY = frozenset({CODE_EXPIRED, JOINT_FORMED, RATING_SUBMITTED, SPECIAL_OVERDUE, WINDOW_CLOSED})

DECISION_MADE = "decision.made"
TASK_UPDATED = "task.updated"
EVENT_REFUSED = "event.refused"
REPAIR_UPDATED = "repair.updated"
DISCLOSURE_UPDATED = "disclosure.updated"
DRAW_UPDATED = "draw.updated"
JOINT_UPDATED = "joint.updated"
SPECIAL_UPDATED = "special.updated"
SURVEY_UPDATED = "survey.updated"
DISCLOSURE = "disclosure"
DISCLOSURE_DIGEST = "disclosure.digest"
DISCLOSURE_RECEIPT = "disclosure.receipt"

SEPARATOR = "\x1f"
"""Stands between credit code and task id in names of the Redis view."""

ACCEPTED_PREFIXES = (
    *(IN_PREFIX, OUT_PREFIX, CTL_PREFIX, FEED_PREFIX, RECEIPT_PREFIX),
    "insp.dlq.",
)


def is_audited(topic: str) -> bool:
    """Whether the auditor reads this topic."""
    return topic in (JOURNAL, DECIDED, GENERATIONS) or topic.startswith(ACCEPTED_PREFIXES)
