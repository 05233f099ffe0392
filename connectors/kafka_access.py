"""Has everybody the access that the table of topics grants, and a password to come in with?

Only on a broker that asks who is there. What is granted but not planned is reported, never removed:
an operator may have had a reason.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import admin as _untyped

from connectors.kafka_login import PASSWORD_MODE, KafkaLogin, current, read_password
from schemas.access import Grant, Kind, Operation

_admin: Any = _untyped
WAIT_S = 20.0
AGAIN_S = 0.1
ITERATIONS = 8192
AUTHORIZER = "authorizer.class.name"
_MECHANISM = _admin.ScramMechanism.SCRAM_SHA_512
_PASSWORD_BYTES = 32
_KINDS = {Kind.TOPIC: _admin.ResourceType.TOPIC, Kind.GROUP: _admin.ResourceType.GROUP}
_OPERATIONS = {
    Operation.READ: _admin.AclOperation.READ, Operation.WRITE: _admin.AclOperation.WRITE,
    Operation.DESCRIBE: _admin.AclOperation.DESCRIBE,
    Operation.DESCRIBE_CONFIGS: _admin.AclOperation.DESCRIBE_CONFIGS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AccessReport:
    """How access on the broker compares with the plan.

    Attributes:
        granted: what was granted just now.
        missing: what is planned and not granted.
        unplanned: what else is granted, to whomever.
        new_users: who was given a password just now.
        no_password: who has none.
    """

    granted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unplanned: tuple[str, ...] = ()
    new_users: tuple[str, ...] = ()
    no_password: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all is as planned."""
        return not (self.missing or self.unplanned or self.no_password)


class KafkaAccess:
    """Arranges users and permissions; blocking."""

    def __init__(self, bootstrap: str, login: KafkaLogin | None = None) -> None:
        options = (login or current()).librdkafka_options()
        self._client = _admin.AdminClient(
            {"bootstrap.servers": bootstrap, "log_level": 0, **options}
        )

    def asks_who_is_there(self) -> bool:
        """Whether the broker has an authorizer.

        Its settings are asked: a list of permissions comes back empty from one that has none.
        """
        brokers = self._client.list_topics(timeout=WAIT_S).brokers
        broker = _admin.ConfigResource(_admin.ResourceType.BROKER, str(min(brokers)))
        asked = self._client.describe_configs([broker], request_timeout=WAIT_S)
        (settings,) = [future.result() for future in asked.values()]
        authorizer = settings.get(AUTHORIZER)
        return authorizer is not None and bool(authorizer.value)

    def check(self, planned: Sequence[Grant]) -> AccessReport:
        """Compare; change nothing."""
        found, wanted = self._bindings(), {_binding(one): one for one in planned}
        unplanned = sorted(_shown(one) for one in found - wanted.keys())
        missing = sorted(_text(one) for acl, one in wanted.items() if acl not in found)
        nameless = sorted({one.user for one in planned} - self._users({o.user for o in planned}))
        return AccessReport((), tuple(missing), tuple(unplanned), (), tuple(nameless))

    def apply(self, planned: Sequence[Grant], passwords: Path) -> AccessReport:
        """Grant what is missing, and give a password to who has none.

        Each new password is written to a file of mode 0400 that bears the user's name, before the
        broker hears of it: it is to be handed over, and then to be taken away.
        """
        users = {one.user for one in planned}
        new = sorted(users - self._users(users))
        self._create_users(new, passwords)
        found = self._bindings()
        missing = {_binding(one): one for one in planned if _binding(one) not in found}
        if missing:
            _results(self._client.create_acls(list(missing), request_timeout=WAIT_S))
        after = self._seen(planned)
        granted = tuple(sorted(_text(one) for one in missing.values()))
        return AccessReport(granted, after.missing, after.unplanned, tuple(new), after.no_password)

    def _seen(self, planned: Sequence[Grant]) -> AccessReport:
        """What there is, once what was arranged is seen or has had its time.

        A node answers from a picture of its own, which a busy one draws a moment later.
        """
        deadline = time.monotonic() + WAIT_S
        while (after := self.check(planned)).missing or after.no_password:
            if time.monotonic() >= deadline:
                break
            time.sleep(AGAIN_S)
        return after

    def _bindings(self) -> set[Any]:
        every = _admin.AclBindingFilter(
            _admin.ResourceType.ANY, None, _admin.ResourcePatternType.ANY, None, None,
            _admin.AclOperation.ANY, _admin.AclPermissionType.ANY,
        )  # fmt: skip
        found: list[Any] = self._client.describe_acls(every, request_timeout=WAIT_S).result()
        return set(found)

    def _users(self, names: Iterable[str]) -> set[str]:
        """Those of them that have a password."""
        known = set()
        asked = self._client.describe_user_scram_credentials(sorted(names), request_timeout=WAIT_S)
        for name, future in asked.items():
            try:
                future.result()
            except KafkaException as cause:
                if cause.args[0].code() != KafkaError.RESOURCE_NOT_FOUND:
                    raise
            else:
                known.add(name)
        return known

    def _create_users(self, names: Sequence[str], passwords: Path) -> None:
        if not names:
            return
        passwords.mkdir(mode=0o700, parents=True, exist_ok=True)
        info = _admin.ScramCredentialInfo(_MECHANISM, ITERATIONS)
        wanted: list[Any] = [
            _admin.UserScramCredentialUpsertion(name, info, _password(passwords / name).encode())
            for name in names
        ]
        _results(self._client.alter_user_scram_credentials(wanted, request_timeout=WAIT_S))


def _password(path: Path) -> str:
    """A new password in a file of its own; the one that is there if we died on the way before."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PASSWORD_MODE)
    except FileExistsError:
        return read_password(path)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(password + "\n")
        file.flush()
        os.fsync(file.fileno())
    return password


def _binding(grant: Grant) -> Any:  # noqa: ANN401 - untyped library
    return _admin.AclBinding(
        _KINDS[grant.kind], grant.name, _admin.ResourcePatternType.LITERAL,
        f"User:{grant.user}", "*", _OPERATIONS[grant.operation], _admin.AclPermissionType.ALLOW,
    )  # fmt: skip


def _results(futures: Any) -> None:  # noqa: ANN401 - a library's mapping of futures
    for future in futures.values():
        future.result()


def _text(grant: Grant) -> str:
    return f"{grant.user} {grant.operation} {grant.kind} {grant.name}"


def _shown(acl: Any) -> str:  # noqa: ANN401 - untyped library
    kind, operation = acl.restype.name, acl.operation.name
    pattern = "" if acl.resource_pattern_type is _admin.ResourcePatternType.LITERAL else "*"
    denied = "" if acl.permission_type is _admin.AclPermissionType.ALLOW else " DENIED"
    user = acl.principal.removeprefix("User:")
    return f"{user} {operation} {kind} {acl.name}{pattern}{denied}"
