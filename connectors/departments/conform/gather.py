"""Where does the evidence come from? Records of the hub's topics, or lines of a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel, ValidationError

from connectors.departments.conform.evidence import Evidence, Sent, read_sent
from schemas.codec import decode
from schemas.envelope import Headers
from schemas.malformed import Malformed
from schemas.messages import (
    DECISION_MADE,
    POLICY_PUBLISHED,
    REGISTRY_DEPARTMENT,
    REGISTRY_OFFICER,
)
from schemas.policy import PolicyDocument
from schemas.registry import RegistryDepartment, RegistryOfficer

EXEMPT_BY_DEFAULT = frozenset({
    "COMPLAINT", "TRANSFER", "DATA_MONITORING", "ENTERPRISE_REQUEST", "OFFSITE_FINDING", "MEDIA",
    "RECTIFICATION_REVIEW", "LICENSING_VERIFY", "URGENT",
})  # fmt: skip
"""The triggers that lift the cap unless a policy says otherwise."""


@dataclass(slots=True)
class Gathering:
    """Takes in what there is, in any order; `evidence` is what the rules judge."""

    dept: str
    today: date
    events: list[Sent] = field(default_factory=list)
    registry_seen: bool = False
    department: RegistryDepartment | None = None
    officers: dict[str, RegistryOfficer] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    exempt: frozenset[str] = EXEMPT_BY_DEFAULT

    def event(
        self, place: str, headers: Headers, value: bytes | None, key: bytes | None,
        at_ms: int | None,
    ) -> None:  # fmt: skip
        """One record of the department's topic."""
        self.events.append(read_sent(place, headers, value, key, at_ms))

    def control(self, type_name: str, value: bytes) -> None:
        """One entry of the registries or a policy; what is none is passed over."""
        if type_name not in (REGISTRY_DEPARTMENT, REGISTRY_OFFICER, POLICY_PUBLISHED):
            return
        try:
            self._entry(decode(value, None, type_name))
        except (Malformed, ValidationError):
            return

    def answer(self, type_name: str, value: bytes | None) -> None:
        """One answer of the hub."""
        if type_name != DECISION_MADE or not value:
            return
        try:
            said = json.loads(value)
            self.decisions.setdefault(str(said["task_id"]), str(said["decision"]))
        except (ValueError, LookupError, TypeError):
            return

    def evidence(self) -> Evidence:
        """Everything that was gathered."""
        return Evidence(
            dept=self.dept,
            today=self.today,
            events=tuple(self.events),
            registry_seen=self.registry_seen,
            department=self.department,
            officers=self.officers,
            decisions=self.decisions,
            exempt=self.exempt,
        )

    def _entry(self, entry: BaseModel) -> None:
        if isinstance(entry, PolicyDocument):
            self.exempt = frozenset(entry.policy.exempt_triggers)
        elif isinstance(entry, RegistryDepartment):
            self.registry_seen = True
            if entry.dept == self.dept:
                self.department = entry
        elif isinstance(entry, RegistryOfficer):
            self.officers[entry.cert_no] = entry
