"""How is a real Apache Kafka run on this machine: one node, KRaft, no container?"""

import base64
import re
import time
import uuid
from pathlib import Path
from typing import Literal

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from connectors.child import (
    Child,
    Server,
    ServerError,
    Tell,
    accepts,
    claim,
    free_port,
    is_free,
    locked,
)
from connectors.kafka_jars import fetch_jars, java
from connectors.kafka_login import PLAIN, KafkaLogin
from connectors.secured_kafka import first_user, secured_settings
from schemas.topics import BROKER_BYTES_MAX

HEAP_MB = 512
START_WAIT_S = 90.0
FORMAT_WAIT_S = 60.0
POLL_S = 0.05
JAVA_OPTIONS = ["-XX:+UseG1GC", "-Djava.awt.headless=true"]
"""Of every node of this process; tests add an archive of classes."""

# One node for development and for chaos runs: semantics as in production, recovery made fast.
SETTINGS = f"""\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
num.partitions=4
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
unclean.leader.election.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=300
broker.session.timeout.ms=3000
log.message.timestamp.type=LogAppendTime
message.max.bytes={BROKER_BYTES_MAX}
# By default a quarter of this small heap.
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
"""

LOGGING = """\
status=warn
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %m (%c)%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=OUT
logger.server.name=kafka.server
logger.server.level=info
logger.groups.name=org.apache.kafka.coordinator.group
logger.groups.level=info
# It prints every setting of the node at each start.
logger.config.name=org.apache.kafka.common.config
logger.config.level=warn
logger.configs.name=kafka.server.KafkaConfig
logger.configs.level=warn
"""


class KafkaNode(Server):
    """A real Kafka node whose data outlives it.

    Everything lies in `folder`: settings, log file `kafka.log`, data. A later node on the same
    folder has the same data and, if they are still free, the same ports.
    """

    kind: Literal["local"] = "local"

    def __init__(
        self,
        folder: Path,
        *,
        jars: Path | None = None,
        port: int | None = None,
        heap_mb: int = HEAP_MB,
        login: KafkaLogin = PLAIN,
        tell: Tell = lambda _: None,
    ) -> None:
        """Prepare a node; nothing is opened, fetched or written yet.

        Args:
            folder: Where its data, settings and log are kept.
            jars: Where the jars are, or are put when fetched; None for `folder` itself.
            port: The port for clients on 127.0.0.1; None for the last one used, or a free one.
            heap_mb: The heap of its Java.
            login: With SASL_PLAINTEXT: whom the node knows from its first start, as super user;
                everybody else is asked for a password and may do what is granted.
            tell: Hears what takes long.
        """
        self.folder = folder.resolve()
        self._jars = (jars or folder).resolve()
        self._port = port
        self._controller_port: int | None = None
        self._heap_mb = heap_mb
        self._login = login
        self._tell = tell
        self._child: Child | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`.

        Raises:
            ServerError: it was never started, so it has none.
        """
        if self._port is None:
            raise ServerError("the local Kafka node has no address yet: start it first")
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process id of its Java."""
        if self._child is None:
            raise ServerError("the local Kafka node is not running: start it first")
        return self._child.pid

    def start(self) -> None:
        """Fetch the jars if need be, format the data once, start, wait until it answers.

        Raises:
            ServerError: Java or Maven is missing, or the node did not come up; the message
                carries the end of its log.
        """
        if self._child is not None and self._child.alive:
            return
        self.kill()  # what is left of one that ended by itself
        classpath = f"{fetch_jars(self._jars, self._tell)}/*"
        command = [java(), f"-Xms{self._heap_mb // 2}m", f"-Xmx{self._heap_mb}m", *JAVA_OPTIONS]
        command += [f"-Dlog4j2.configurationFile={self._logging}", "-cp", classpath]
        with locked(self.folder, "a local Kafka node") as lock:
            self._choose_ports()
            self._write_settings()
            if not (self._data / "meta.properties").exists():
                self._format(command)
            argv = [*command, "kafka.Kafka", str(self._settings)]
            self._child = Child("the local Kafka node", argv, log=self.folder / "kafka.log")
            self._child.start(lock=lock)
        self._wait(self._child)

    def stop(self) -> None:
        """End it in an orderly way: leaders resign, logs are closed."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """`kill -9`: what was acknowledged must still be there after the next `start`."""
        if self._child is not None:
            self._child.kill()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _settings(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _logging(self) -> Path:
        return self.folder / "log4j2.properties"

    def _choose_ports(self) -> None:
        last = self._settings.read_text() if self._settings.exists() else ""
        old = re.search(r"^listeners=\w+://\S+:(\d+),CONTROLLER://\S+:(\d+)$", last, re.M)
        if self._port is None:
            self._port = _if_free(old.group(1) if old else None)
        claim(self._port, "the local Kafka node")
        if self._controller_port is None or not is_free(self._controller_port):
            self._controller_port = _if_free(old.group(2) if old else None)

    def _write_settings(self) -> None:
        public, control = f"127.0.0.1:{self._port}", f"127.0.0.1:{self._controller_port}"
        self._logging.write_text(LOGGING)
        name = self._login.protocol
        self._settings.touch(mode=0o600)
        self._settings.write_text(
            f"{SETTINGS}log.dirs={self._data}\n"
            f"listeners={name}://{public},CONTROLLER://{control}\n"
            f"advertised.listeners={name}://{public}\n"
            f"controller.quorum.voters=1@{control}\n"
            + (secured_settings(self._login) if self._login.sasl else "")
        )

    def _format(self, command: list[str]) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # In one word: an id may begin with a dash.
        argv = [*command, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"]
        argv += ["--config", str(self._settings)]
        if self._login.sasl:
            argv += ["--add-scram", first_user(self._login)]
        tool = Child("kafka.tools.StorageTool", argv, log=self.folder / "format.log")
        tool.start()
        deadline = time.monotonic() + FORMAT_WAIT_S
        while tool.alive and time.monotonic() < deadline:
            time.sleep(POLL_S)
        tool.kill()
        if not (self._data / "meta.properties").exists():
            raise ServerError(
                f"could not format {self._data} for Kafka: see the tool's last lines; is the "
                f"folder writable and empty?\n{tool.log_tail()}"
            )

    def _wait(self, child: Child) -> None:
        deadline = time.monotonic() + START_WAIT_S
        while not self._answers():
            if child.alive and time.monotonic() < deadline:
                time.sleep(POLL_S)
                continue
            ended = "did not answer in time" if child.alive else "ended at once"
            child.kill()
            raise ServerError(
                f"the local Kafka node in {self.folder} {ended} (address {self.bootstrap}): is its "
                f"data whole, is memory short?\n{child.log_tail()}"
            )

    def _answers(self) -> bool:
        if self._port is None or not accepts(self._port):
            return False
        options = self._login.librdkafka_options()
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, **options})
        try:
            # The list holds only brokers that may lead: before that, topics cannot be created.
            return bool(client.list_topics(timeout=1.0).brokers)
        except KafkaException:
            return False


def _if_free(port: str | None) -> int:
    return int(port) if port is not None and is_free(int(port)) else free_port()
