"""Who and what is registered?

A snapshot of the control topics, kept in memory by every intake worker.

Enterprises are kept packed: a city has two million of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel

from schemas.calendar_entries import finding_of
from schemas.draws_known import DrawsKnown
from schemas.enums import DayKind
from schemas.identity import read_credit_code
from schemas.inbound import WhitelistChanged
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.journal import CalendarFinding, SubjectFinding
from schemas.messages import (
    DRAW_COMMITTED,
    DRAW_REVEALED,
    INBOUND,
    POLICY_PUBLISHED,
    REGISTRY_CALENDAR,
    REGISTRY_DEPARTMENT,
    REGISTRY_ITEM,
    REGISTRY_OFFICER,
    REGISTRY_SPECIAL,
    REGISTRY_SUBJECT,
    WHITELIST_CHANGED,
)
from schemas.policy import PolicyDocument
from schemas.registry import (
    RegistryCalendar,
    RegistryDepartment,
    RegistryItem,
    RegistryOfficer,
    RegistrySpecial,
    RegistrySubject,
)
from streams.officers import Officers
from streams.packed_subject import key_of, pack, unpack
from streams.standards import Standards

_DAYS_KEPT = 512
"""Days times lines of business of which the whitelisted items are remembered."""


class Registry:
    """The registries as they stand. Later entries replace earlier ones with the same key.

    But not what was published of a draw: there the first stands.
    """

    def __init__(self, only: Sequence[str] | None = None) -> None:
        """Empty. `only`: event types of the entries that are kept; None: all."""
        self._only = only
        self.departments: dict[str, RegistryDepartment] = {}
        self.officers = Officers()
        self.standards = Standards()
        self.item_whitelist: dict[str, WhitelistChanged] = {}
        self._whitelisted_on: dict[tuple[date, str], tuple[str, ...]] = {}
        self.policy_version: str | None = None
        self.policies: dict[str, PolicyDocument] = {}
        self.calendar: dict[str, RegistryCalendar] = {}
        self.draws = DrawsKnown()
        self._calendar_finding: CalendarFinding | None = None
        self.specials: dict[str, RegistrySpecial] = {}
        self._subjects: dict[bytes, bytes] = {}

    def take(self, key: bytes, value: bytes) -> None:
        """Take in one record of a control topic, unless it is not among those that are kept.

        Raises:
            ValueError: it cannot be read.
        """
        if self._only is None or type_of_key(key) in self._only:
            self.put(*read_ctl(key, value))

    def knows_department(self, dept: str) -> bool:
        """Whether the department is registered."""
        return dept in self.departments

    def wants_avro(self, dept: str) -> bool:
        """Whether the department asks to be answered in Avro."""
        found = self.departments.get(dept)
        return found is not None and found.out_format == "AVRO"

    def put(self, type_: str, entry: BaseModel) -> None:
        """Take in one entry of a control topic."""
        match entry:
            case RegistryDepartment():
                self.departments[entry.dept] = entry
            case RegistryOfficer():
                self.officers.put(entry)
            case RegistryItem():
                self.standards.put(entry)
                self._whitelisted_on.clear()
            case RegistrySubject():
                self._put_subject(entry)
            case RegistryCalendar():
                self._put_calendar(entry)
            case DrawCommitted() | DrawRevealed():
                self.draws.put(entry)
            case RegistrySpecial():
                self._put_special(entry)
            case WhitelistChanged(item=str() as item):
                self.item_whitelist[item] = entry
                self._whitelisted_on.clear()
            case PolicyDocument():
                self.policies[entry.full_version] = entry
                self.policy_version = entry.full_version
            case _:
                raise ValueError(f"{type_} does not belong on a control topic")

    def subject(self, credit_code: str) -> SubjectFinding | None:
        """The object list's entry of an enterprise; None if it has none."""
        packed = self._subjects.get(key_of(credit_code))
        if packed is None:
            return None
        found = unpack(packed)
        return SubjectFinding.model_construct(
            status=found.status,
            object_type=found.object_type,
            industry=found.industry,
            name=found.name,
        )

    def region_of(self, credit_code: str) -> str | None:
        """Where the object list has the enterprise; None if it does not know it."""
        packed = self._subjects.get(key_of(credit_code))
        return None if packed is None else unpack(packed).region

    def knows_subject(self, credit_code: str) -> bool:
        """Whether the object list has the enterprise."""
        return key_of(credit_code) in self._subjects

    def is_item_whitelisted(self, item: str, day: date) -> bool:
        """Whether the item is on the whitelist on that day (art. 3)."""
        entry = self.item_whitelist.get(item)
        return entry is not None and entry.holds_on(day)

    def whitelisted_items(self, day: date, system: str) -> tuple[str, ...]:
        """All items on the whitelist on that day (art. 3).

        Those of a line of business first, then the others, each sorted.
        """
        found = self._whitelisted_on.get((day, system))
        if found is None:
            if len(self._whitelisted_on) >= _DAYS_KEPT:
                self._whitelisted_on.clear()
            listed = [one for one in self.item_whitelist if self.is_item_whitelisted(one, day)]
            listed.sort(key=lambda item: (self.standards.system_of(item) != system, item))
            found = self._whitelisted_on[day, system] = tuple(listed)
        return found

    def calendar_finding(self) -> CalendarFinding | None:
        """The operator's entries on working days (art. 12, 13); None if there are none."""
        return self._calendar_finding

    def _put_calendar(self, entry: RegistryCalendar) -> None:
        if entry.kind is DayKind.AS_SHIPPED:
            self.calendar.pop(entry.about, None)
        else:
            self.calendar[entry.about] = entry
        self._calendar_finding = finding_of(self.calendar.values())

    def _put_special(self, entry: RegistrySpecial) -> None:
        known = self.specials.get(entry.special_id)
        if known is None or known.version < entry.version:
            self.specials[entry.special_id] = entry

    def _put_subject(self, entry: RegistrySubject) -> None:
        self._subjects[key_of(read_credit_code(entry.uscc).code)] = pack(entry)


def ctl_key(type_: str, entry: BaseModel) -> str:
    """Key of an entry on its control topic: later entries with the same key replace it."""
    name = _KEYED_BY[type_](entry)
    return name if type_ == POLICY_PUBLISHED else f"{type_}:{name}"


_KEYED_BY: Mapping[str, Any] = {
    REGISTRY_DEPARTMENT: lambda entry: entry.dept,
    REGISTRY_OFFICER: lambda entry: entry.cert_no,
    # Each version is kept: results are filled in against the one of their day.
    REGISTRY_ITEM: lambda entry: f"{entry.item}@{entry.version}",
    REGISTRY_SUBJECT: lambda entry: read_credit_code(entry.uscc).code,
    REGISTRY_CALENDAR: lambda entry: entry.about,
    REGISTRY_SPECIAL: lambda entry: entry.about,
    WHITELIST_CHANGED: lambda entry: entry.item,
    DRAW_COMMITTED: lambda entry: entry.draw_id,
    DRAW_REVEALED: lambda entry: entry.draw_id,
    POLICY_PUBLISHED: lambda entry: entry.full_version,
}


def type_of_key(key: bytes) -> str:
    """The event type of the entry with this key."""
    name = key.decode().split(":", 1)[0]
    return name if name in _KEYED_BY else POLICY_PUBLISHED


def read_ctl(key: bytes, value: bytes) -> tuple[str, BaseModel]:
    """An entry of a control topic and its event type."""
    type_ = type_of_key(key)
    return type_, INBOUND[type_].model.model_validate_json(value)
