"""Programs that know nothing of the hub but its contract publish a task and read the decision.

Java and Python need what the other tests on a real node need. Go is run where `go` is found; it is
not asked for in CI.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from waiting import until

from connectors.kafka_jars import java
from schemas.envelope import Envelope, write_headers

pytestmark = pytest.mark.kafka

DEPT, USCC, OFFICER, DAY = "WJW-120116", "91120116MA0000003A", "TJ0001", "2026-03-16"
OTHER_USCC = "91120116MA00000115"
HERE = Path(__file__).parent
WAIT_S = 300.0


def run(argv: Sequence[object], cwd: Path) -> Any:
    """What a program printed, read as JSON."""
    env = {**os.environ, "PYTHONPATH": str(cwd)}
    done = subprocess.run(
        [str(word) for word in argv], cwd=cwd, env=env, capture_output=True, text=True,
        timeout=WAIT_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def check(told: dict[str, Any], task_id: str) -> None:
    """The program read its own event back, and the decision on it."""
    assert told["own"]["entity_name"] == "天津第一家有限公司"
    assert told["own"]["officers"] == [OFFICER]
    decision = told["decision"]
    assert (decision["task_id"], decision["uscc"], decision["dept"]) == (task_id, USCC, DEPT)
    assert decision["decision"] == "ISSUED"
    assert decision["code"]


def test_java_with_the_kafka_client_and_avro(hub, project):
    jars = project / ".kafka" / "interop-java"
    if not jars.exists():
        fetch_jars(jars)
    words = [hub.bootstrap, hub.gateway, DEPT, USCC, OFFICER, "JAVA-1", DAY]

    told = run([java(), "-cp", f"{jars}/*", HERE / "java" / "RoundTrip.java", *words], project)

    check(told, "JAVA-1")


def test_go_with_franz_go_and_hamba_avro(hub):
    go = shutil.which("go")
    if go is None:
        pytest.skip("no go on the PATH: the Go program is run where it is found")
    words = [hub.bootstrap, hub.gateway, DEPT, USCC, OFFICER, "GO-1", DAY]

    check(run([go, "run", ".", *words], HERE / "go"), "GO-1")


def test_python_with_the_client_sends_again_and_gets_the_same(hub, project, tmp_path):
    words = ["kafka", hub.bootstrap, DEPT, USCC, OFFICER, tmp_path / "outbox.db"]
    argv = [sys.executable, "examples/sdk_round_trip.py", *words]

    first, again = run(argv, project), run(argv, project)

    assert first["decision"] == "ISSUED"
    assert again == first


def test_python_with_the_client_over_http_sends_again_and_gets_the_same(hub, project, tmp_path):
    words = [hub.gateway, DEPT, OTHER_USCC, OFFICER, tmp_path / "outbox.db", hub.token_file]
    argv = [sys.executable, "examples/sdk_round_trip.py", *words]

    first, again = run(argv, project), run(argv, project)

    assert (first["decision"], first["uscc"]) == ("ISSUED", OTHER_USCC)
    assert again == first


def test_python_with_kafka_python_alone(hub, project):
    words = [hub.bootstrap, DEPT, USCC, OFFICER]

    told = run([sys.executable, "examples/first_event.py", *words], project)

    assert (told["decision"], told["dept"]) == ("ISSUED", DEPT)


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_a_department_may_compress_as_it_likes(hub, codec):
    producer = Producer(
        {"bootstrap.servers": hub.bootstrap, "compression.type": codec, "log_level": 0}
    )
    told = {"task_id": f"NONE-{codec}", "uscc": USCC, "reason": "x" * 1000}
    now = datetime.now(UTC).isoformat()
    headers = write_headers(Envelope(f"E-{codec}", DEPT, "inspection.task.cancelled", now))
    producer.produce(f"insp.in.{DEPT}", json.dumps(told), USCC.encode(), headers=headers)
    assert producer.flush(30) == 0

    until(lambda: told["task_id"] in answered(hub.bootstrap), f"an answer to {codec}", 60)


def answered(bootstrap: str) -> set[str]:
    """Tasks about which the department was told anything."""
    settings = {"bootstrap.servers": bootstrap, "group.id": "reader", "log_level": 0}
    consumer = Consumer(settings)
    consumer.assign([TopicPartition(f"insp.out.{DEPT}", 0, OFFSET_BEGINNING)])
    found = consumer.consume(100, timeout=1.0)
    consumer.close()
    return {json.loads(message.value()).get("task_id") for message in found}


def fetch_jars(folder: Path) -> None:
    """Fetch them once, all or nothing."""
    maven = shutil.which("mvn")
    assert maven is not None, "no mvn on the PATH: it fetches the jars of the Java program"
    partial = folder.with_name(f"{folder.name}.partial-{os.getpid()}")
    argv = [maven, "-B", "-q", "-f", HERE / "java" / "pom.xml", "dependency:copy-dependencies"]
    subprocess.run([*map(str, argv), f"-DoutputDirectory={partial}"], check=True, timeout=WAIT_S)
    partial.rename(folder)
