"""A whole hub on a real Kafka node, with one department registered, for programs of others."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from kafka_cleaning import clean
from waiting import until

from connectors.child import free_port
from connectors.departments.gateway.ways_in.token_file import FILE_NAME, issue_token
from connectors.kafka_admin import KafkaAdmin
from connectors.local_kafka import KafkaNode
from connectors.redis_server import RedisServer
from connectors.stack import GATEWAY, Stack
from schemas.envelope import Envelope, write_headers
from schemas.messages import (
    POLICY_PUBLISHED,
    REGISTRY_DEPARTMENT,
    REGISTRY_OFFICER,
    REGISTRY_SUBJECT,
)
from schemas.settings import Settings
from schemas.topics import CTL_POLICY, CTL_REGISTRY, REGISTRY, in_topic

DEPT, USCC, OFFICER = "WJW-120116", "91120116MA0000003A", "TJ0001"
VALID = {"valid_from": "2020-01-01"}
REGISTERED: tuple[tuple[str, dict[str, Any]], ...] = (
    (REGISTRY_DEPARTMENT, {"dept": DEPT, "name": "卫生健康委", "region": "120116",
                           "level": "DISTRICT", "system": "WJW", "listed": True, **VALID}),
    (REGISTRY_OFFICER, {"cert_no": OFFICER, "name": "王", "dept": DEPT, "status": "VALID",
                        **VALID}),
    (REGISTRY_SUBJECT, {"uscc": USCC, "name": "天津第一家有限公司", "object_type": "企业",
                        "industry": "5199", "region": "120116", "status": "ACTIVE"}),
    (POLICY_PUBLISHED, {"policy": {"version": "interop"}, "cap": []}),
)  # fmt: skip


@dataclass(frozen=True)
class Hub:
    """Where a department's program finds it."""

    bootstrap: str
    gateway: str
    token_file: Path


@pytest.fixture(scope="module")
def hub(
    kafka_node: KafkaNode, empty_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hub]:
    """A hub that runs, with the registries filled."""
    clean(kafka_node)
    settings = Settings(
        broker=kafka_node.bootstrap,
        redis_url=empty_redis.url,
        data_dir=tmp_path_factory.mktemp("hub"),
        session_timeout_s=3,
        heartbeat_s=1,
        gateway_port=free_port(),
    )
    expires = int(time.time()) + 3600
    token_file = settings.data_dir / "token"
    token_file.write_text(issue_token(settings.gateway / FILE_NAME, DEPT, expires)[0])
    stack = Stack(settings, print, roles=("intake", "decide", GATEWAY), departments=[DEPT])
    gateway = f"http://127.0.0.1:{settings.gateway_port}"
    with stack:
        _register(stack.bootstrap)
        until(lambda: _is_ready(gateway), "the gateway is ready", 60)
        yield Hub(stack.bootstrap, gateway, token_file)


def _is_ready(gateway: str) -> bool:
    try:
        with urllib.request.urlopen(f"{gateway}/readyz", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def _register(bootstrap: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    now = datetime.now(UTC).isoformat()
    for number, (kind, data) in enumerate(REGISTERED):
        headers = write_headers(Envelope(f"R-{number}", REGISTRY, kind, now))
        producer.produce(in_topic(REGISTRY), json.dumps(data), partition=0, headers=headers)
    assert producer.flush(30) == 0
    with KafkaAdmin(bootstrap) as admin:
        places = [(CTL_REGISTRY, 0), (CTL_POLICY, 0)]
        until(
            lambda: list(admin.end_offsets(places).values()) == [3, 1],
            "the registries are filled",
            60,
        )


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's own folder."""
    return Path(__file__).parents[2]
