"""What does a whole hub on one machine consist of?

Broker, Redis, keys, and the roles as processes of their own.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from itertools import count
from pathlib import Path
from typing import Self

from connectors.address_files import (
    BROKER_ADDRESS_FILE,
    REDIS_ADDRESS_FILE,
    STAND_INS_FILE,
    write_address,
)
from connectors.broker import open_broker
from connectors.kafka_admin import KafkaAdmin
from connectors.kafka_login import login_of
from connectors.keys import create_demo_keys
from connectors.redis_server import open_redis
from connectors.stand_ins import StandIns
from connectors.supervisor import Supervisor
from schemas.access import role_user
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import REGISTRY, plan

ROLES = ("intake", "decide", "schedule")
GATEWAY = "gateway"
"""The role that opens a port; only where it is asked for."""
WATCH = "watch"
"""The role that looks at the others; it needs nothing of them but to be there."""
STATISTICS = "statistics"
"""The role that keeps the figures; `hub stats` counts without it as well."""
PROJECT = Path(__file__).parents[1]
ADMIN_WAIT_S = 30.0


class Stack:
    """Starts what the settings ask for; what somebody else runs is left alone."""

    def __init__(
        self,
        settings: Settings,
        tell: Callable[[str], None],
        *,
        roles: Sequence[str] = ROLES,
        departments: Sequence[str] = (),
        stand_ins: StandIns | None = None,
    ) -> None:
        """Prepare; nothing is started yet. One deliver process runs for each site of the settings.

        Args:
            settings: Which broker and Redis, and where our own keep their data.
            tell: Hears what is being done.
            roles: Which roles to run.
            departments: Whose topics to create at once; others come when they are registered.
            stand_ins: Publicity systems to run beside the hub, instead of those of the settings.
        """
        self._settings = stand_ins.settings(settings) if stand_ins is not None else settings
        self._stand_ins = stand_ins
        self._tell = tell
        self._roles = tuple(roles)
        self._departments = tuple(departments)
        self._stack = ExitStack()
        self.supervisor: Supervisor | None = None
        self.bootstrap = ""
        self.redis_url = ""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        settings, home = self._settings, self._settings.data_dir
        home.mkdir(parents=True, exist_ok=True)
        broker = stack.enter_context(
            open_broker(settings.broker, folder=home / "kafka", tell=self._tell)
        )
        self.bootstrap = broker.bootstrap
        self._address(stack, BROKER_ADDRESS_FILE, self.bootstrap)
        redis = open_redis(settings.redis_url, folder=home / "redis", fsync=settings.redis_fsync)
        stack.enter_context(redis)
        self.redis_url = redis.url
        self._address(stack, REDIS_ADDRESS_FILE, self.redis_url)
        self._tell(f"broker {settings.broker} at {self.bootstrap}, Redis at {self.redis_url}")
        if settings.keys_dir is None and not settings.keys.exists():
            year = date.today().year  # noqa: DTZ011 - which years get keys, not a rule
            create_demo_keys(settings.keys, years=range(year - 2, year + 3))
            self._tell(f"keys for a demonstration made in {settings.keys}")
        if settings.site_keys_dir is None:
            create_demo_keys(settings.site_keys, years=(), scheme=settings.site_credit_scheme)
        login = login_of(settings)
        with KafkaAdmin(self.bootstrap, timeout_s=ADMIN_WAIT_S, login=login) as admin:
            admin.apply(plan([REGISTRY, *self._departments], SITES, settings.sizing()))
        self.supervisor = self._supervise(stack)

    def _supervise(self, stack: ExitStack) -> Supervisor:
        env = {
            **os.environ,
            "HUB_BROKER": self.bootstrap,
            "HUB_REDIS_URL": self.redis_url,
            "HUB_DATA_DIR": str(self._settings.data_dir),
            "HUB_BASE_URL": self._settings.base_url,
            "HUB_GATEWAY_HOST": self._settings.gateway_host,
            "HUB_GATEWAY_PORT": str(self._settings.gateway_port),
            "HUB_EXPIRE_EVERY_S": str(self._settings.expire_every_s),
            "HUB_GATEWAY_LOOKUPS_BURST": str(self._settings.gateway_lookups_burst),
            "PYTHONPATH": os.pathsep.join(
                part for part in (str(PROJECT), os.environ.get("PYTHONPATH")) if part
            ),
        }
        env["HUB_KEYS_DIR"] = str(self._settings.keys)
        if self._settings.licence_url:
            env["HUB_LICENCE_URL"] = self._settings.licence_url
        env |= site_settings(self._settings) | _kafka_settings(self._settings)
        if self._stand_ins is not None:
            self._tell("the three publicity systems' stand-ins are starting")
            stack.callback(self._stand_ins.stop)
            self._stand_ins.start(env)
            self._address(stack, STAND_INS_FILE, json.dumps(self._stand_ins.addresses()))
        supervisor = Supervisor(env, self._settings.data_dir / "logs")
        run = [sys.executable, "-m", "hub", "worker"]
        ports = own_ports(self._settings)
        for role in self._roles:
            env = {**next(ports), **role_login(self._settings, role)}
            supervisor.add(role, [*run, role], env)
        for site in self._settings.site_codes:
            env = {**next(ports), **role_login(self._settings, "deliver")}
            supervisor.add(f"deliver-{site}", [*run, "deliver", "--site", site], env)
        stack.callback(supervisor.stop)
        supervisor.start()
        return supervisor

    def _address(self, stack: ExitStack, name: str, address: str) -> None:
        path = self._settings.data_dir / name
        write_address(path, address)
        stack.callback(path.unlink, missing_ok=True)


def own_ports(settings: Settings) -> Iterator[dict[str, str]]:
    """Where each role gives its figures out: ports counted up from that of the settings."""
    yield from (
        {"HUB_METRICS_PORT": str(settings.metrics_port + number if settings.metrics_port else 0)}
        for number in count()
    )


def _kafka_settings(settings: Settings) -> dict[str, str]:
    """As whom the roles connect."""
    told = settings.model_dump(include={n for n in Settings.model_fields if n.startswith("kafka_")})
    return {f"HUB_{name.upper()}": str(value) for name, value in told.items() if value}


def role_login(settings: Settings, role: str) -> dict[str, str]:
    """As whom one role connects: as its own user, if `topics apply` has left its password here."""
    password = settings.kafka_users / role_user(role)
    if not settings.kafka_user or not password.is_file():
        return {}
    return {"HUB_KAFKA_USER": role_user(role), "HUB_KAFKA_PASSWORD_FILE": str(password.resolve())}


def site_settings(settings: Settings) -> dict[str, str]:
    """What the deliver roles must be told beside what they find in the environment."""
    told = settings.model_dump(include={name for name in Settings.model_fields if "site" in name})
    return {f"HUB_{name.upper()}": str(value) for name, value in told.items() if value}
