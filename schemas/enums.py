"""The words of the contract, each set in one place.

Order is meaning where the docstring says so.
"""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How the inspection is made (art. 7)."""

    ONSITE = "ONSITE"
    OFFSITE = "OFFSITE"


class Kind(StrEnum):
    """日常, 专项, 个案 (津司发〔2025〕8号)."""

    DAILY = "DAILY"
    SPECIAL = "SPECIAL"
    CASE = "CASE"


class Trigger(StrEnum):
    """What set the inspection off."""

    PLAN = "PLAN"
    COMPLAINT = "COMPLAINT"
    TRANSFER = "TRANSFER"
    DATA_MONITORING = "DATA_MONITORING"
    ENTERPRISE_REQUEST = "ENTERPRISE_REQUEST"
    OFFSITE_FINDING = "OFFSITE_FINDING"
    MEDIA = "MEDIA"
    RECTIFICATION_REVIEW = "RECTIFICATION_REVIEW"
    LICENSING_VERIFY = "LICENSING_VERIFY"
    SUPERIOR_SPECIAL = "SUPERIOR_SPECIAL"
    URGENT = "URGENT"


class ApprovalMode(StrEnum):
    """Whether approval came before the inspection or, for an urgent one, follows it (art. 15)."""

    PRIOR = "PRIOR"
    RETROACTIVE_URGENT = "RETROACTIVE_URGENT"


class Decision(StrEnum):
    """What was decided on a task, in order of precedence.

    The first that holds wins (design §3.4).
    """

    CONFLICT = "CONFLICT"
    CANCELLED = "CANCELLED"
    REJECTED_UNQUALIFIED = "REJECTED_UNQUALIFIED"
    REJECTED_NO_APPROVAL = "REJECTED_NO_APPROVAL"
    REJECTED_OUT_OF_TERRITORY = "REJECTED_OUT_OF_TERRITORY"
    RECORDED_OUT_OF_SCOPE = "RECORDED_OUT_OF_SCOPE"
    RECORDED_OFFSITE = "RECORDED_OFFSITE"
    RECORDED_BACKFILL = "RECORDED_BACKFILL"
    REFUSED_JOINT_MEMBER = "REFUSED_JOINT_MEMBER"
    REFUSED_WHITELISTED = "REFUSED_WHITELISTED"
    INTERCEPTED_OVER_CAP = "INTERCEPTED_OVER_CAP"
    ISSUED = "ISSUED"


class Prompt(StrEnum):
    """A warning. It never blocks; the officer's choice is asked for and recorded (art. 10)."""

    REPEAT_INSPECTION = "REPEAT_INSPECTION"
    SAME_ITEM = "SAME_ITEM"
    EXEMPTION_EVIDENCE_MISSING = "EXEMPTION_EVIDENCE_MISSING"
    UNREASONABLE_FREQUENCY = "UNREASONABLE_FREQUENCY"
    SHORT_WINDOW = "SHORT_WINDOW"
    OFFSITE_PREFERRED = "OFFSITE_PREFERRED"
    JOINT_MEMBER = "JOINT_MEMBER"
    OVER_CAP_BACKFILL = "OVER_CAP_BACKFILL"
    LATE_BACKFILL = "LATE_BACKFILL"
    APPROVAL_OUTSTANDING = "APPROVAL_OUTSTANDING"
    CHECK_DIGIT = "CHECK_DIGIT"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    WHITELISTED = "WHITELISTED"
    UNKNOWN_JOINT = "UNKNOWN_JOINT"


class CodeKind(StrEnum):
    """检查码, 联合检查码, and the survey code without an object (art. 7)."""

    SINGLE = "SINGLE"
    JOINT = "JOINT"
    SURVEY = "SURVEY"


class CodeState(StrEnum):
    """Where an inspection code stands (design §3.4). NONE: the task has no code."""

    NONE = "NONE"
    ISSUED = "ISSUED"
    SHOWN = "SHOWN"
    SCANNED = "SCANNED"
    SCAN_REFUSED = "SCAN_REFUSED"
    LICENCE_FAILED = "LICENCE_FAILED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class EntryHow(StrEnum):
    """What happened to the code when the officers entered (art. 8)."""

    SCANNED = "SCANNED"
    REFUSED = "REFUSED"
    LICENCE_FAILED = "LICENCE_FAILED"
    SHOWN_ONLY = "SHOWN_ONLY"


class Choice(StrEnum):
    """What the officer did after a prompt (art. 10)."""

    STOP = "STOP"
    CONTINUE = "CONTINUE"


class Standing(StrEnum):
    """May this department or officer inspect on the day in question (art. 14)? Only VALID may."""

    VALID = "VALID"
    UNKNOWN = "UNKNOWN"
    NOT_LISTED = "NOT_LISTED"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    OTHER_DEPARTMENT = "OTHER_DEPARTMENT"


class Level(StrEnum):
    """Administrative level of a department."""

    CITY = "CITY"
    DISTRICT = "DISTRICT"
    STREET = "STREET"


class CertificateStatus(StrEnum):
    """State of an officer's enforcement certificate in the registry."""

    VALID = "VALID"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"


class SubjectStatus(StrEnum):
    """State of an enterprise in the object list."""

    ACTIVE = "ACTIVE"
    DEREGISTERED = "DEREGISTERED"
    MOVED_OUT = "MOVED_OUT"


class CapScope(StrEnum):
    """Whose counter a cap rule is.

    One agency, each agency for itself, or a group that shares one.
    """

    AGENCY = "AGENCY"
    EACH_AGENCY = "EACH_AGENCY"
    GROUP = "GROUP"


class JointCounting(StrEnum):
    """How one joint visit counts in a shared counter."""

    PER_DEPARTMENT = "PER_DEPARTMENT"
    ONCE_PER_VISIT = "ONCE_PER_VISIT"
    LEAD_ONLY = "LEAD_ONLY"


class JointMember(StrEnum):
    """What a member of a joint task meets that applies on its own."""

    REFUSE = "refuse"
    WARN = "warn"


class Channel(StrEnum):
    """Where an application for repair was handed in (art. 11)."""

    PLATFORM = "PLATFORM"
    ONE_STOP = "ONE_STOP"
    CREDIT_CHINA = "CREDIT_CHINA"
    ONSITE = "ONSITE"


class DocumentKind(StrEnum):
    """What is handed in with an application for repair (art. 11). All but OTHER are required."""

    APPLICATION = "APPLICATION"
    IDENTITY = "IDENTITY"
    PLEDGE = "PLEDGE"
    CORRECTION = "CORRECTION"
    OTHER = "OTHER"


class RepairDecision(StrEnum):
    """How an application for repair ends, and how an approval is taken back (art. 12)."""

    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"


class RepairStep(StrEnum):
    """What happens to an application for repair (art. 11, 12)."""

    APPLIED = "APPLIED"
    ACCEPTED = "ACCEPTED"
    SUPPLEMENT_ASKED = "SUPPLEMENT_ASKED"
    SUPPLEMENT_RECEIVED = "SUPPLEMENT_RECEIVED"
    DECIDED = "DECIDED"


class CaseStatus(StrEnum):
    """Where an application for repair stands (art. 11, 12)."""

    APPLIED = "APPLIED"
    ACCEPTED = "ACCEPTED"
    SUPPLEMENT = "SUPPLEMENT"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"


class DayKind(StrEnum):
    """What an operator's entry says of a day. AS_SHIPPED takes an earlier entry back."""

    WORK = "WORK"
    REST = "REST"
    AS_SHIPPED = "AS_SHIPPED"


class OffsiteWay(StrEnum):
    """How an item can be checked without a visit (art. 3, 10).

    书面核查, 网络平台, 信息共享, 远程监控, 大数据监测.
    """

    WRITTEN = "WRITTEN"
    ONLINE = "ONLINE"
    SHARED_DATA = "SHARED_DATA"
    REMOTE_MONITORING = "REMOTE_MONITORING"
    DATA_ANALYSIS = "DATA_ANALYSIS"


class LateDraws(StrEnum):
    """What becomes of draws after the quarter's window (art. 2)."""

    REFUSE = "refuse"
    TAKE = "take"


class JointKind(StrEnum):
    """跨部门联合抽查, or 部门内部联合抽查 by several lines of one department (art. 1, 2)."""

    CROSS = "CROSS"
    INTERNAL = "INTERNAL"


class LeadGround(StrEnum):
    """Why a department leads a joint inspection, in the order in which it is asked (art. 1, 2).

    The first ground that leaves only one member decides; ONLY: there is no other.
    """

    ONLY = "ONLY"
    COMPETENT = "COMPETENT"
    INITIATOR = "INITIATOR"
    MOST_ITEMS = "MOST_ITEMS"
    CODE_ORDER = "CODE_ORDER"


class JointChange(StrEnum):
    """What happened to a joint inspection (art. 2)."""

    FORMED = "FORMED"
    JOINED = "JOINED"
    WITHDRAWN = "WITHDRAWN"
    ABSENT = "ABSENT"
    OVER_CAP = "OVER_CAP"
