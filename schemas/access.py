"""Who may do what with which topic? Made of the writers and readers that the table names.

Departments and publicity systems may write one topic and read one topic, each by its whole name;
what is not granted is denied. The hub's own user is the broker's super user.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from schemas.topics import TABLE, TopicSpec

DEPT_GROUP_PREFIX = "insp-sdk."
SITE_GROUP_PREFIX = "site."
_DEPARTMENT, _SITE = "that department", "that site"


class Kind(StrEnum):
    """What may be used."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"


class Operation(StrEnum):
    """How it may be used; each includes being told that it is there."""

    READ = "READ"
    WRITE = "WRITE"


class Grant(NamedTuple):
    """One permission. `user` is the registry code of a department, or a publicity system's code."""

    user: str
    operation: Operation
    kind: Kind
    name: str


def grants(departments: Iterable[str], sites: Iterable[str]) -> list[Grant]:
    """Everything that departments and publicity systems may do, sorted.

    Raises:
        ValueError: one code names a department and a system: each would have the other's rights.
    """
    depts, systems = set(departments), set(sites)
    if both := sorted(depts & systems):
        raise ValueError(f"{', '.join(both)}: both a department and a publicity system")
    found = [
        Grant(user, operation, Kind.TOPIC, spec.template.format(code=user))
        for users, who in ((depts, _DEPARTMENT), (systems, _SITE))
        for user in users
        for spec in TABLE
        for operation in _operations(spec, who)
    ]
    found += [Grant(d, Operation.READ, Kind.GROUP, DEPT_GROUP_PREFIX + d) for d in depts]
    found += [Grant(s, Operation.READ, Kind.GROUP, SITE_GROUP_PREFIX + s) for s in systems]
    return sorted(found)


def _operations(spec: TopicSpec, who: str) -> list[Operation]:
    writes = [Operation.WRITE] if who in spec.writers else []
    return writes + ([Operation.READ] if who in spec.readers else [])
