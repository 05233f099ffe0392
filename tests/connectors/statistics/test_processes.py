"""The statistics as processes on a broker: killed at any point, they count each answer once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from counted_year import Logs, played_year

from connectors.broker import EmbeddedBroker
from connectors.generate import city_year, generate
from connectors.kafka_admin import KafkaAdmin
from connectors.publisher import KafkaPublisher, OutRecord
from schemas.codec import encode_json
from schemas.messages import REGISTRY_DEPARTMENT
from schemas.topics import CTL_REGISTRY, DECIDED, JOURNAL, Sizing, plan
from streams.registry import ctl_key

ROOT = Path(__file__).parents[3]
PARTITIONS = 4
"""Those of an embedded broker."""
EVENTS = 1_200


@pytest.fixture(scope="module")
def year() -> Logs:
    return played_year(generate(city_year(EVENTS), 9), PARTITIONS)


def lay_down(bootstrap: str, logs: Logs) -> None:
    """Make the topics of a hub on a broker; put both logs and the departments there."""
    with KafkaAdmin(bootstrap) as admin:
        admin.apply(plan([], [], Sizing(legal_retention_days=1, journal_partitions=PARTITIONS)))

    async def publish() -> None:
        publisher = KafkaPublisher(bootstrap)
        await publisher.start()
        records = [
            OutRecord(topic, one.partition, one.key, one.value, one.headers)
            for topic in (JOURNAL, DECIDED)
            for one in logs.kafka.all(topic)
        ]
        names = [
            OutRecord(CTL_REGISTRY, 0, ctl_key(REGISTRY_DEPARTMENT, one).encode(), encode_json(one))
            for one in logs.book.names.departments.values()
        ]
        await publisher.publish([*records, *names])
        await publisher.stop()

    asyncio.run(publish())


def hub(folder: Path, bootstrap: str, *words: str, crash_at: str = "") -> tuple[int, str]:
    """Run one command as a process of its own."""
    env = {**os.environ, "HUB_BROKER": bootstrap, "HUB_DATA_DIR": str(folder)}
    if crash_at:
        env["HUB_CRASH_AT"] = crash_at
    done = subprocess.run(
        [sys.executable, "-m", "hub", *words],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_killed_at_any_point_the_process_counts_every_answer_once(
    year: Logs, fresh_broker: EmbeddedBroker, tmp_path: Path
):
    bootstrap = fresh_broker.bootstrap
    lay_down(bootstrap, year)
    words = ("stats", "--year", "2026", "--json")

    ends = [
        hub(tmp_path / "killed", bootstrap, *words, crash_at=point)[0]
        for point in ("before counting:1", "after counting:1", "before counting:2")
    ]
    part = json.loads(hub(tmp_path / "killed", bootstrap, *words, "--as-is")[1])
    status, told = hub(tmp_path / "killed", bootstrap, *words)
    _, calm = hub(tmp_path / "calm", bootstrap, *words)

    assert ends == [-signal.SIGKILL] * 3
    assert part["behind"] > 0
    assert json.loads(told)["behind"] == 0
    assert sum(json.loads(told)["counted_to"].values()) == len(year.kafka.all(DECIDED))
    assert status == 0
    assert json.loads(told) == json.loads(calm)
    assert json.loads(told)["totals"]["tasks"] > 0
    assert {line["key"] for line in json.loads(told)["by"]["level"]} <= {
        "CITY",
        "DISTRICT",
        "STREET",
    }
    digests = {
        hub(tmp_path / folder, bootstrap, "stats", "rebuild", "--json")[1]
        for folder in ("killed", "calm")
    }
    assert len(digests) == 1


def test_the_role_counts_what_comes_until_it_is_stopped(
    year: Logs, fresh_broker: EmbeddedBroker, tmp_path: Path
):
    bootstrap = fresh_broker.bootstrap
    lay_down(bootstrap, year)
    env = {**os.environ, "HUB_BROKER": bootstrap, "HUB_DATA_DIR": str(tmp_path),
           "HUB_REDIS_URL": "redis://127.0.0.1:1/0", "HUB_STATISTICS_EVERY_S": "0.2"}  # fmt: skip

    with subprocess.Popen([sys.executable, "-m", "hub", "worker", "statistics"], cwd=ROOT, env=env,
                          stderr=subprocess.PIPE, text=True) as role:  # fmt: skip
        assert role.stderr is not None
        heard = next(line for line in role.stderr if "answers counted" in line)
        status, shown = hub(tmp_path, bootstrap, "stats", "--year", "2026", "--json")
        role.send_signal(signal.SIGTERM)
        role.stderr.read()

    assert heard
    assert role.returncode == 0
    assert status == 0
    assert json.loads(shown)["totals"]["tasks"] > 0
