"""How does the hub start a server beside itself, and make sure it is gone when the hub is?"""

import fcntl
import random
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

Tell = Callable[[str], None]
"""Where a long step says how far it is: one line of text for a person."""

# Outside the range the kernel lends to outgoing connections. A client that keeps knocking on the
# port of a killed server may otherwise be lent that very port, connect to itself, and hold it.
PORTS = range(20_000, 32_000)
PORT_TRIES_MAX = 200
LOG_TAIL_LINES = 15


class ServerError(RuntimeError):
    """A server could not be started: which, why, and what to do about it."""


class Server(ABC):
    """Something that is started, has an address, and is stopped; usable with `with`."""

    @abstractmethod
    def start(self) -> None:
        """Bring it up and wait until it answers. Starting twice changes nothing."""

    @abstractmethod
    def stop(self) -> None:
        """Take it down in an orderly way. Stopping twice changes nothing."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Child:
    """One process of ours, on a leash: when we die, even by `kill -9`, it is killed too."""

    def __init__(
        self, name: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self._name = name
        self._argv = tuple(argv)
        self._log = log
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Is the process running?"""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id, for faults that only a signal can cause.

        Raises:
            ServerError: it is not running.
        """
        if self._process is None or self._process.poll() is not None:
            raise ServerError(f"{self._name} is not running: start it first")
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended: its exit status, or minus the signal; None while it runs or before."""
        return None if self._process is None else self._process.poll()

    def terminate(self) -> None:
        """Ask it to end, without waiting for it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def start(self, *, lock: int | None = None) -> None:
        """Start the process; its output is appended to the log file.

        Args:
            lock: What `locked` gave; the process holds it too, for as long as it lives.
        """
        if self.alive:
            return
        self._reap()
        # A group of its own: Ctrl-C at the terminal reaches us only, and we stop in order.
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - argv is built here, no shell
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
                pass_fds=() if lock is None else (lock,),
                start_new_session=True,
            )
        # It waits for the end of a pipe that only we hold open, then ends the whole group: a fork
        # that rewrites a file, say, and nobody who was lent the number since.
        self._leash = subprocess.Popen(  # noqa: S603 - a fixed line, the pid is its only argument
            ["/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$1"', "leash", str(self._process.pid)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop(self, *, wait_s: float = 20.0) -> None:
        """Ask it to end; after `wait_s` seconds make it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(wait_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._reap()

    def kill(self) -> None:
        """End it without warning (`kill -9`), as a fault."""
        if self._process is not None:
            self._process.kill()
        self._reap()

    def log_tail(self) -> str:
        """Give the last lines it wrote, for an error message."""
        if not self._log.exists():
            return "(nothing was logged)"
        lines = self._log.read_text(errors="replace").splitlines()
        # Java's stack frames would push out the line that says what happened.
        lines = [line for line in lines if not line.startswith("\tat ")]
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()
        if self._leash is not None:
            # Killed, not released: a released leash would kill whoever has the process id by now.
            self._leash.kill()
            self._leash.communicate()
        self._process = self._leash = None


@contextmanager
def locked(folder: Path, name: str) -> Iterator[int]:
    """Take a folder for one server; two on the same data would destroy it.

    Kafka for one locks its data only after it has written to it.

    Yields:
        The lock, to be handed to `Child.start`: it lasts until that process is gone too, even if
        we are killed in between.

    Raises:
        ServerError: another server holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServerError(
                f"the folder {folder} is in use by another server, {name} cannot have it too: end "
                "that one, or choose another folder"
            ) from error
        yield handle.fileno()


def free_port() -> int:
    """Find a port of 127.0.0.1 that nobody uses and no outgoing connection can be lent.

    Raises:
        ServerError: none was free in so many tries.
    """
    for _ in range(PORT_TRIES_MAX):
        port = random.choice(PORTS)
        if is_free(port):
            return port
    raise ServerError(
        f"no free port on 127.0.0.1 in {PORT_TRIES_MAX} tries between {PORTS.start} and "
        f"{PORTS.stop}: see what is listening there, or name a port"
    )


def is_free(port: int) -> bool:
    """Could a server listen on this port of 127.0.0.1 now?"""
    with socket.socket() as probe:
        # As servers do: connections of the last one that are still fading away do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def claim(port: int, name: str) -> None:
    """Make sure a server would be the one that answers on this port of 127.0.0.1.

    Raises:
        ServerError: somebody else listens there.
    """
    if not is_free(port):
        raise ServerError(
            f"port {port} of 127.0.0.1 is taken, {name} cannot listen there: end what holds it, "
            "or name another port"
        )


def accepts(port: int) -> bool:
    """Does somebody accept connections on this port of 127.0.0.1?"""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
