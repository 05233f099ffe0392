"""Where are the jars of a local Apache Kafka node, and what is missing to run them?"""

import os
import re
import shutil
import subprocess
from collections import deque
from functools import cache
from pathlib import Path
from threading import Timer

from connectors.child import LOG_TAIL_LINES, ServerError, Tell

POM = Path(__file__).with_name("pom.xml")
JAVA_MAJOR_MIN = 17
FETCH_WAIT_S = 900.0
FILES_PER_MESSAGE = 40


def kafka_version() -> str:
    """Say which version of Apache Kafka the pom names."""
    found = re.search(r"<kafka\.version>(.+?)</kafka\.version>", POM.read_text())
    if found is None:
        raise ServerError(f"{POM.name} names no kafka.version: restore the property")
    return found.group(1)


def jars_folder(folder: Path) -> Path:
    """Say where the jars of the pom's version lie below `folder`, fetched or not."""
    return folder / f"kafka-{kafka_version()}"


def why_no_node(folder: Path) -> str | None:
    """Say what this machine lacks to run a node with its jars in `folder`; None if nothing."""
    try:
        java()
        if not jars_folder(folder).exists():
            _maven()
    except ServerError as error:
        return str(error)
    return None


def java() -> str:
    """Find a Java that can run Kafka: `JAVA_HOME` first, then the PATH.

    Raises:
        ServerError: there is none, or it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    command = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if command is None:
        raise ServerError(
            f"no java {'in JAVA_HOME ' + home if home else 'on the PATH'}: a local Kafka node "
            f"needs Java {JAVA_MAJOR_MIN} or later; install it, or use the embedded broker"
        )
    told = _version_told(command)
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found.group(1)) < JAVA_MAJOR_MIN:
        raise ServerError(
            f"{command} is too old ({told.strip().splitlines()[:1]}): a local Kafka node "
            f"needs Java {JAVA_MAJOR_MIN} or later; set JAVA_HOME"
        )
    return command


@cache
def _version_told(command: str) -> str:
    """What a Java says of itself: asked once, not before every start of a node."""
    return subprocess.run(  # noqa: S603 - the java just found
        [command, "-version"], capture_output=True, text=True, timeout=60, check=False
    ).stderr


def fetch_jars(folder: Path, tell: Tell) -> Path:
    """Give the folder with the jars, fetching them with Maven the first time.

    Several processes may do so at once; one of them wins, nobody sees half a folder.

    Raises:
        ServerError: Maven is missing or failed.
    """
    ready = jars_folder(folder)
    if ready.exists():
        return ready
    command = _maven()
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{ready.name}.partial-{os.getpid()}"
    tell(f"Fetching Apache Kafka {kafka_version()} with Maven (about 55 MB, only once) …")
    try:
        _run_maven(command, partial, tell)
        _publish(partial, ready)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    tell(f"Apache Kafka {kafka_version()}: {len(list(ready.glob('*.jar')))} jars in {ready}")
    return ready


def _maven() -> str:
    command = shutil.which("mvn")
    if command is None:
        raise ServerError(
            "no mvn on the PATH: Maven fetches the jars of a local Kafka node; install it, or "
            "use the embedded broker"
        )
    return command


def _run_maven(command: str, target: Path, tell: Tell) -> None:
    argv = [command, "-B", "-f", str(POM), "dependency:copy-dependencies"]
    argv.append(f"-DoutputDirectory={target.resolve()}")
    process = subprocess.Popen(  # noqa: S603 - argv is built here
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    limit = Timer(FETCH_WAIT_S, process.kill)
    limit.start()
    tail: deque[str] = deque(maxlen=LOG_TAIL_LINES)
    files = 0
    try:
        for line in process.stdout or ():
            tail.append(line.rstrip())
            if "Downloaded from" in line:
                files += 1
                if files % FILES_PER_MESSAGE == 0:
                    tell(f"Apache Kafka {kafka_version()}: {files} files fetched …")
        code = process.wait()
    finally:
        limit.cancel()
        process.kill()
    if code != 0:
        raise ServerError(
            f"Maven could not fetch Apache Kafka {kafka_version()} (exit code {code}): see its "
            "last lines; is its repository reachable from here?\n" + "\n".join(tail)
        )


def _publish(partial: Path, ready: Path) -> None:
    try:
        partial.rename(ready)
    except OSError:
        # Another process was faster: its folder is as good as ours.
        if not ready.exists():
            raise
