"""A real PostgreSQL on a loopback port, in a folder of its own, as a user without rights."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg
from waiting import until

DEBIAN = Path("/usr/lib/postgresql")
USER = "hub"
NOBODY = "nobody"
"""The server refuses to run as root."""


def find_binaries() -> Path | None:
    """The folder with initdb and postgres; None if there is no server to be had."""
    folders = sorted(DEBIAN.glob("*/bin"), key=lambda one: int(one.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).parent)
    return next((one for one in folders if (one / "initdb").exists()), None)


class PostgresServer:
    """One server, from `start` to `stop`."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="hub-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, str] = {"user": NOBODY, "group": "nogroup"} if os.geteuid() == 0 else {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    def __enter__(self) -> Self:
        if self._as:
            shutil.chown(self._folder, **self._as)
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [self._binaries / "postgres", "-D", data, "-p", str(self.port), "-h", "127.0.0.1",
             "-c", "unix_socket_directories=", "-c", "fsync=off"],
            stdout=log, stderr=log, cwd=self._folder, **self._as,
        )  # fmt: skip
        until(self._answers, "PostgreSQL to answer")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self, name: str) -> str:
        """An empty database; returns its address as settings name it."""
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, dbname="postgres", autocommit=True,
            connect_timeout=2,
        )  # fmt: skip

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [self._binaries / program, *map(str, arguments)],
            capture_output=True, cwd=self._folder, **self._as,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
