"""How does a Kafka node of the tests start in half the time? With its classes in an archive.

Java loads and checks some five thousand classes at each start. An archive (AppCDS) holds them as
they are once that is done. It is made once for a folder of jars, and fits this Java and these jars
only; where it does not fit, Java goes on without it.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from zlib import crc32

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from connectors.kafka_jars import jars_folder, java
from connectors.local_kafka import JAVA_OPTIONS, KafkaNode

END_WAIT_S = 300.0


def class_archive(jars: Path) -> Path:
    """The archive of the node whose jars these are; made if there is none yet.

    Args:
        jars: The folder they were fetched to, which nobody else changes meanwhile.
    """
    told = subprocess.run([java(), "-version"], capture_output=True, check=True).stderr
    version = crc32(b"".join(told.splitlines(keepends=True)[-3:]))
    archive = jars / f"{jars_folder(jars).name}-classes-{version:08x}.jsa"
    if not archive.exists():
        with tempfile.TemporaryDirectory(dir=jars) as folder:
            made = Path(folder) / "classes.jsa"
            _run_a_node(jars, Path(folder), f"-XX:ArchiveClassesAtExit={made}")
            made.rename(archive)
    return archive


def _run_a_node(jars: Path, folder: Path, option: str) -> None:
    """Start one, let it do a little of all that it is there for, and end it."""
    with KafkaNode(folder / "node", jars=jars) as node:
        node.stop()
        JAVA_OPTIONS.append(option)
        try:
            node.start()
        finally:
            JAVA_OPTIONS.remove(option)
        _use(node.bootstrap)
        child = node._child
        assert child is not None
        child.terminate()
        deadline = time.monotonic() + END_WAIT_S
        while child.alive and time.monotonic() < deadline:
            time.sleep(0.1)
        assert child.returncode == 143, child.log_tail()  # by SIGTERM, and in its own time


def _use(bootstrap: str) -> None:
    where = {"bootstrap.servers": bootstrap}
    admin, producer = AdminClient(where), Producer({**where, "enable.idempotence": True})
    admin.create_topics([NewTopic("t", 1)])["t"].result()
    producer.produce("t", b"value", b"key")
    producer.flush()
    consumer = Consumer({**where, "group.id": "g", "auto.offset.reset": "earliest"})
    consumer.subscribe(["t"])
    message = consumer.poll(60.0)
    assert message is not None
    consumer.commit(message, asynchronous=False)
    consumer.close()
    admin.delete_topics(["t"])["t"].result()
