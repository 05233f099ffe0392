"""What does the hub know of those who may be drawn, and of those who may be sent?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.console.context import Context
from connectors.console.find import partitions
from connectors.console.logs import LogRecord, partition_of, scan, spans_of
from connectors.console.policy import published
from connectors.console.rules_port import ConsoleRules
from connectors.kafka_admin import KafkaAdmin
from connectors.redis_view import key as view_key
from schemas.draw_frame import Candidate, Drawable, DrawPlan, Layer
from schemas.enums import CertificateStatus, SubjectStatus
from schemas.identity import read_credit_code
from schemas.inbound import WhitelistChanged
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.messages import (
    DRAW_COMMITTED,
    DRAW_REVEALED,
    REGISTRY_DEPARTMENT,
    REGISTRY_OFFICER,
    REGISTRY_SUBJECT,
    WHITELIST_CHANGED,
)
from schemas.policy import ClassShare, PolicyDocument
from schemas.registry import RegistryDepartment, RegistryOfficer, RegistrySubject
from schemas.topics import CTL_REGISTRY

_AT_ONCE = 1000
_DIVISION = 2
"""Industries are layered by the first two digits of GB/T 4754."""


@dataclass(slots=True)
class Registered:
    """What the registry topic says that bears on a draw."""

    departments: dict[str, RegistryDepartment] = field(default_factory=dict)
    subjects: dict[str, RegistrySubject] = field(default_factory=dict)
    listed_items: dict[str, WhitelistChanged] = field(default_factory=dict)
    officers: dict[str, RegistryOfficer] = field(default_factory=dict)
    commitments: dict[str, DrawCommitted] = field(default_factory=dict)
    seeds: dict[str, DrawRevealed] = field(default_factory=dict)

    def is_item_whitelisted(self, item: str, day: date) -> bool:
        """Whether an item is on the whitelist on a day (art. 3)."""
        entry = self.listed_items.get(item)
        return (
            entry is not None
            and entry.listed
            and entry.from_ <= day
            and (entry.until is None or day <= entry.until)
        )

    def take(self, kind: str, name: str, value: bytes) -> None:
        """Take in one entry, of the kinds that bear on a draw or on open tasks."""
        if kind == REGISTRY_OFFICER:
            self.officers[name] = RegistryOfficer.model_validate_json(value)
        elif kind == REGISTRY_DEPARTMENT:
            self.departments[name] = RegistryDepartment.model_validate_json(value)
        elif kind == WHITELIST_CHANGED:
            self.listed_items[name] = WhitelistChanged.model_validate_json(value)
        elif kind == DRAW_COMMITTED:
            self.commitments[name] = DrawCommitted.model_validate_json(value)
        elif kind == DRAW_REVEALED:
            self.seeds[name] = DrawRevealed.model_validate_json(value)


def registered(hub: Context, admin: KafkaAdmin, wanted: Sequence[str] = ()) -> Registered:
    """Read the registry topic: these enterprises, all officers, all draws."""
    found, names = Registered(), set(wanted)

    def take(record: LogRecord) -> None:
        kind, _, name = (record.key or b"").decode("utf-8", "replace").partition(":")
        value = record.value
        if value is None:
            return
        if kind != REGISTRY_SUBJECT:
            found.take(kind, name, value)
        elif name in names:
            found.subjects[name] = RegistrySubject.model_validate_json(value)

    scan(hub, spans_of(admin, [CTL_REGISTRY]), take, "reading the registries")
    return found


def policy_in_force(hub: Context, admin: KafkaAdmin) -> PolicyDocument | None:
    """The policy published last."""
    found = published(hub, admin)
    return found[-1].document if found else None


def officers_of(found: Registered, dept: str, first: date, last: date) -> tuple[str, ...]:
    """Certificates of a department that are valid from the one day to the other (art. 14)."""
    return tuple(
        sorted(
            one.cert_no
            for one in found.officers.values()
            if one.dept == dept
            and one.status is CertificateStatus.VALID
            and one.valid_from <= first
            and (one.valid_to is None or one.valid_to >= last)
        )
    )


def states_of(hub: Context, uscc: Sequence[str]) -> dict[str, bytes]:
    """The bytes of these enterprises' states in the view; those without one are left out."""
    found: dict[str, bytes] = {}
    count = partitions(hub)
    with hub.redis() as client:
        by_partition: dict[int, list[str]] = {}
        for one in uscc:
            by_partition.setdefault(partition_of(one, count), []).append(one)
        for partition, codes in by_partition.items():
            for at in range(0, len(codes), _AT_ONCE):
                some = codes[at : at + _AT_ONCE]
                states: Any = client.hmget(view_key(partition, "state"), some)
                found |= {c: s for c, s in zip(some, states, strict=True) if s}
    return found


def candidates(
    plan: DrawPlan,
    found: Registered,
    states: Mapping[str, bytes],
    shares: Mapping[str, ClassShare],
    rules: ConsoleRules,
    on: date,
) -> list[Candidate]:
    """Each object with its class and layer, and why it is not drawn from, if it is not."""
    made = []
    for uscc, subject in sorted(found.subjects.items()):
        known = rules.drawable(states.get(uscc), dept=plan.dept, scheme=plan.scheme, on=on)
        why = _why_not(subject, known, shares.get(known.class_), int(plan.quarter[:4]))
        made.append(Candidate(uscc, known.class_, _layer(plan.layer, subject), why))
    return made


def _why_not(
    subject: RegistrySubject, known: Drawable, share: ClassShare | None, year: int
) -> str | None:
    """Why an object is not drawn from (art. 3, 7); None: it is."""
    if subject.status is not SubjectStatus.ACTIVE:
        return f"SUBJECT_{subject.status}"
    if not read_credit_code(subject.uscc).in_scope:
        return "OBJECT_TYPE"
    if known.whitelisted:
        return "WHITELISTED"
    if share is not None and share.times is not None:
        counted = [day for day in known.visits if year - share.years < day.year <= year]
        if len(counted) >= share.times:
            return "OFTEN_ENOUGH"
    return None


def _layer(layer: Layer, subject: RegistrySubject) -> str:
    if layer is Layer.REGION:
        return subject.region
    return subject.industry[:_DIVISION] if layer is Layer.INDUSTRY else ""
