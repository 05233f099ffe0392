"""A whole hub on a node that asks everybody who they are: every client of it gets in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gateway_registry import DEPT
from waiting import until
from whole_hub import a_task, started

from connectors import kafka_login
from connectors.child import free_port
from connectors.console.context import Exit
from connectors.kafka_login import KafkaLogin
from connectors.local_kafka import KafkaNode
from connectors.redis_server import RedisServer
from schemas.access import ROLES, role_user
from schemas.settings import Settings

pytestmark = pytest.mark.kafka

LOGIN = KafkaLogin("SASL_PLAINTEXT", "SCRAM-SHA-512", "hub", "a-password-of-the-tests")
PROJECT = Path(__file__).parents[3]


@pytest.fixture
def secured(kafka_jars: Path, empty_redis: RedisServer, tmp_path: Path, monkeypatch: Any):
    """Settings of a hub on such a node; this process logs in, too."""
    password = tmp_path / "password"
    password.write_text(LOGIN.password)
    password.chmod(0o400)
    monkeypatch.setattr(kafka_login, "_logins", [LOGIN])
    with KafkaNode(tmp_path / "node", jars=kafka_jars, login=LOGIN, heap_mb=384) as node:
        yield Settings(
            broker=node.bootstrap, redis_url=empty_redis.url, gateway_port=free_port(),
            data_dir=tmp_path / "hub", session_timeout_s=3, heartbeat_s=1,
            sites="SUBJECTS-TJ", site_subjects_page="http://127.0.0.1:9/public",
            kafka_protocol="SASL_PLAINTEXT", kafka_user="hub", kafka_password_file=password,
        )  # fmt: skip


def hub(settings: Settings, *words: str, status: Exit = Exit.DONE) -> str:
    """Run a command of the hub's with these settings."""
    return run(settings, [PROJECT / "hub.py", *words], status)


def auditor(settings: Settings) -> str:
    """Run the auditor alone, as its own user, who may only read."""
    words = ["-m", "connectors.audit", "--bootstrap", settings.broker]
    words += ["--redis", settings.redis_url, "--kafka-user", role_user("audit")]
    words += ["--kafka-password-file", str(settings.kafka_users / role_user("audit"))]
    return run(settings, words, Exit.FOUND)


def _user(pid: int) -> str:
    """As whom a process was told to connect."""
    words = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(word.split("=", 1) for word in words if word)["HUB_KAFKA_USER"]


def run(settings: Settings, words: list[Any], status: Exit) -> str:
    told = settings.model_dump(exclude_defaults=True)
    # Wide enough for every table: a sentence that is looked for must not be broken.
    env = {**os.environ, "COLUMNS": "200"}
    env |= {f"HUB_{name.upper()}": str(value) for name, value in told.items()}
    argv = [sys.executable, *words]
    done = subprocess.run(
        [*map(str, argv)], env=env, capture_output=True, text=True, timeout=120, cwd=PROJECT
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_a_task_is_decided_and_the_commands_work(secured: Settings):
    applied = hub(secured, "topics", "apply", "--dept", DEPT, "--all")
    with started(secured) as running:
        assert running.stack.supervisor is not None
        users = {_user(pid) for pid in running.stack.supervisor.pids().values()}
        status, answer = running.post(a_task("T-1"))
        checked = hub(secured, "topics", "check", "--dept", DEPT)
        feed, site = "/v1/feeds/SUBJECTS-TJ", {"dept": "SUBJECTS-TJ"}
        shown = running.ask("GET", feed, **site)
        until(lambda: running.ask("GET", f"{feed}/digest", **site)[0] == 200, "deliver follows", 60)
        # So few events show the auditor nothing of most promises, and it says so.
        audited = hub(secured, "audit", status=Exit.FOUND)
        alone = auditor(secured)

    assert (status, answer["decision"]["decision"]) == (200, "ISSUED")
    assert f"granted: {DEPT} WRITE TOPIC insp.in.{DEPT}" in applied
    assert users == {
        role_user(role) for role in ROLES if role not in ("audit", "watch", "statistics")
    }, "none is super user"
    assert "as planned" in checked
    assert shown[0] == 200
    for said in (audited, alone):
        assert "no code above a cap in force at its offset" in said
        assert "VIOLATED" not in said
