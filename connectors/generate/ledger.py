"""Would this visit be let in? A rough count, so that visits that are refused do not take place.

It knows the common caps only. What it misjudges becomes a visit in spite of an interception,
which happens too.
"""

from __future__ import annotations

from enum import Enum

from connectors.generate.draft import Draft
from connectors.generate.policy import CAP_DEFAULT, CLASS_NEVER_VISITED
from connectors.generate.subjects import Subjects

_ONCE_A_YEAR = ("93", "83")
"""Cooperatives and training: one planned visit."""


class Outlook(Enum):
    """What the officers probably hear from the hub."""

    FREE = "FREE"
    PROMPTED = "PROMPTED"
    REFUSED = "REFUSED"


class Ledger:
    """Counts each department's visits to each enterprise."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects
        self._visits: dict[int, int] = {}
        self._never: set[int] = set()

    def classify(self, subject: int, grade: str) -> None:
        """Remember an enterprise's credit class, as far as it decides anything."""
        if grade == CLASS_NEVER_VISITED:
            self._never.add(subject)
        else:
            self._never.discard(subject)

    def judge(self, draft: Draft) -> Outlook:
        """Judge a task and count it, if it will take place and consumes a cap."""
        content = draft.content
        if content["mode"] == "OFFSITE" or content["trigger"] == "SUPERIOR_SPECIAL":
            return Outlook.FREE
        if draft.is_exempt:
            return Outlook.FREE
        pair = draft.department.index * self._subjects.count + draft.subject
        before = self._visits.get(pair, 0)
        if before >= self._cap(draft.subject, content["kind"]):
            return Outlook.REFUSED
        self._visits[pair] = before + 1
        return Outlook.PROMPTED if before else Outlook.FREE

    def release(self, draft: Draft) -> None:
        """Take back what `judge` counted: the visit was called off."""
        pair = draft.department.index * self._subjects.count + draft.subject
        if self._visits.get(pair, 0) and not draft.is_exempt:
            self._visits[pair] -= 1

    def _cap(self, subject: int, kind: str) -> int:
        if kind != "DAILY":
            return CAP_DEFAULT
        if subject in self._never:
            return 0
        subjects = self._subjects
        object_type, industry = _ONCE_A_YEAR
        if subjects.object_type(subject) == object_type:
            return 1
        return 1 if subjects.industry(subject).startswith(industry) else CAP_DEFAULT
