"""Who may do what with which topic? Made of the writers and readers that the table names.

Departments and publicity systems may write one topic and read one topic; each role of the hub those
that the table names it for. Every topic by its whole name; what is not granted is denied. The
operators' own user is the broker's super user.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from schemas.canary import CANARY_DEPT
from schemas.topics import DECIDED, JOURNAL, REGISTRY, STAGES, TABLE, TopicSpec, in_topic

DEPT_GROUP_PREFIX = "insp-sdk."
SITE_GROUP_PREFIX = "site."
INTAKE_GROUP = "insp-intake"
DECIDE_GROUP = "insp-decide"
DELIVER_GROUP = "insp-deliver"
ROLES = ("intake", "decide", "schedule", "deliver", "gateway", "watch", "statistics", "audit")
"""Parts of the hub that each log in as somebody; `statistics` and `audit` only read."""
PROBED = (REGISTRY, CANARY_DEPT)
"""Whose topics the watch's probe writes to: it registers itself, and sends tasks of its own."""
ROLE_USER_PREFIX = "hub-"
_DEPARTMENT, _SITE = "that department", "that site"
_OWN_STAGE = "the stage it is named after"


class Kind(StrEnum):
    """What may be used."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"


class Operation(StrEnum):
    """How it may be used; each includes being told that it is there."""

    READ = "READ"
    WRITE = "WRITE"
    DESCRIBE = "DESCRIBE"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"


class Grant(NamedTuple):
    """One permission.

    `user` is the registry code of a department, a publicity system's code, or a role's user.
    """

    user: str
    operation: Operation
    kind: Kind
    name: str


def grants(departments: Iterable[str], sites: Iterable[str]) -> list[Grant]:
    """Everything that departments, publicity systems and the hub's roles may do, sorted.

    Raises:
        ValueError: one code names a department and a system, or one of the hub's own users: each
            would have the other's rights.
    """
    depts, systems = set(departments), set(sites)
    roles = {role_user(role) for role in ROLES}
    if both := sorted((depts & systems) | ((depts | systems) & roles)):
        raise ValueError(f"{', '.join(both)}: one user for two of departments, systems and roles")
    found = [
        Grant(user, operation, Kind.TOPIC, spec.template.format(code=user))
        for users, who in ((depts, _DEPARTMENT), (systems, _SITE))
        for user in users
        for spec in TABLE
        for operation in _operations(spec, who)
    ]
    found += [Grant(d, Operation.READ, Kind.GROUP, DEPT_GROUP_PREFIX + d) for d in depts]
    found += [Grant(s, Operation.READ, Kind.GROUP, SITE_GROUP_PREFIX + s) for s in systems]
    return sorted(found + _role_grants(depts | {REGISTRY}, systems))


def role_user(role: str) -> str:
    """As whom a role of the hub logs in."""
    return ROLE_USER_PREFIX + role


def deliver_group(site: str) -> str:
    """The group in which a site's deliver role reads."""
    return f"{DELIVER_GROUP}-{site}"


def _role_grants(depts: set[str], sites: set[str]) -> list[Grant]:
    depts = depts | {CANARY_DEPT}
    codes = {"in": depts, "out": depts, "feed": sites, "receipt": sites, "dlq": set(STAGES)}
    found = [
        Grant(role_user(role), operation, Kind.TOPIC, spec.template.format(code=code))
        for role in ROLES
        for spec in TABLE
        for code in codes.get(spec.family, {""})
        for operation in _operations(spec, role, code)
    ]
    groups = {
        "intake": [INTAKE_GROUP],
        "decide": [DECIDE_GROUP],
        "deliver": [deliver_group(site) for site in sites],
    }
    all_groups = [(role, group) for role, names in groups.items() for group in names]
    found += [Grant(role_user(role), Operation.READ, Kind.GROUP, name) for role, name in all_groups]
    watch = role_user("watch")
    found += [Grant(watch, Operation.DESCRIBE, Kind.GROUP, name) for _, name in all_groups]
    # How long records are kept that wait to be read: docs/watching.md (retention).
    waited_in = (*map(in_topic, depts), JOURNAL, DECIDED)
    found += [Grant(watch, Operation.DESCRIBE_CONFIGS, Kind.TOPIC, name) for name in waited_in]
    return found + [Grant(watch, Operation.WRITE, Kind.TOPIC, in_topic(code)) for code in PROBED]


def _operations(spec: TopicSpec, who: str, code: str = "") -> list[Operation]:
    names = spec.writers.replace(_OWN_STAGE, code)
    writes = [Operation.WRITE] if who in names.split(", ") else []
    return writes + ([Operation.READ] if who in spec.readers.split(", ") else [])
