"""What does the hub know of those who may be drawn, and of those who may be sent?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.console.context import Context
from connectors.console.registries.policy import published
from connectors.console.stories.find import partitions
from connectors.console.traffic.logs import LogRecord, scan, spans_of
from connectors.kafka_admin import KafkaAdmin
from connectors.partitioner import partition_of
from connectors.redis_view import key as view_key
from schemas.draw_frame import DrawSources, DrawSubject
from schemas.draws_known import DrawsKnown
from schemas.inbound import WhitelistChanged
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.messages import (
    DRAW_COMMITTED,
    DRAW_REVEALED,
    REGISTRY_DEPARTMENT,
    REGISTRY_OFFICER,
    REGISTRY_SPECIAL,
    REGISTRY_SUBJECT,
    WHITELIST_CHANGED,
)
from schemas.policy import PolicyDocument
from schemas.registry import RegistryDepartment, RegistryOfficer, RegistrySpecial, RegistrySubject
from schemas.topics import CTL_REGISTRY

_AT_ONCE = 1000


@dataclass(slots=True)
class Registered:
    """What the registry topic says that bears on a draw, an open task or a special inspection."""

    departments: dict[str, RegistryDepartment] = field(default_factory=dict)
    subjects: dict[str, RegistrySubject] = field(default_factory=dict)
    listed_items: dict[str, WhitelistChanged] = field(default_factory=dict)
    officers: dict[str, RegistryOfficer] = field(default_factory=dict)
    draws: DrawsKnown = field(default_factory=DrawsKnown)
    specials: dict[str, RegistrySpecial] = field(default_factory=dict)

    def is_item_whitelisted(self, item: str, day: date) -> bool:
        """Whether an item is on the whitelist on a day (art. 3)."""
        entry = self.listed_items.get(item)
        return entry is not None and entry.holds_on(day)

    def take(self, kind: str, name: str, value: bytes) -> None:
        """Take in one entry, of the kinds that are asked for here."""
        if kind == REGISTRY_OFFICER:
            self.officers[name] = RegistryOfficer.model_validate_json(value)
        elif kind == REGISTRY_DEPARTMENT:
            self.departments[name] = RegistryDepartment.model_validate_json(value)
        elif kind == WHITELIST_CHANGED:
            self.listed_items[name] = WhitelistChanged.model_validate_json(value)
        elif kind == DRAW_COMMITTED:
            self.draws.put(DrawCommitted.model_validate_json(value))
        elif kind == DRAW_REVEALED:
            self.draws.put(DrawRevealed.model_validate_json(value))
        elif kind == REGISTRY_SPECIAL:
            self._put_special(RegistrySpecial.model_validate_json(value))

    def _put_special(self, entry: RegistrySpecial) -> None:
        known = self.specials.get(entry.special_id)
        if known is None or known.version < entry.version:
            self.specials[entry.special_id] = entry


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


def sources_of(hub: Context, admin: KafkaAdmin, found: Registered) -> DrawSources:
    """What registries and policy say that bears on a draw from the enterprises asked for."""
    subjects = {
        uscc: DrawSubject(one.status, one.region, one.industry)
        for uscc, one in found.subjects.items()
    }
    return DrawSources(subjects, found.officers.values(), policy_in_force(hub, admin))


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
