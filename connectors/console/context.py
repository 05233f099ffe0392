"""What does a command know when it starts? Settings, where to write, addresses."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table

from connectors.address_files import BROKER_ADDRESS_FILE, REDIS_ADDRESS_FILE, STAND_INS_FILE
from connectors.console.terminal.safe_text import safe, safe_json
from schemas.settings import Settings, problems

if TYPE_CHECKING:
    import redis

    from connectors.kafka_admin import KafkaAdmin

REACH_WAIT_S = 4.0
_WIDTH_PIPED = 120
_STARTED_BY_THE_HUB = ("embedded", "local")


class Exit(IntEnum):
    """With which status a command ends."""

    DONE = 0
    FOUND = 1
    """Something is wrong with what was looked at, or what was asked is refused."""
    USAGE = 2
    """The command or the settings are wrong; nothing was done."""
    UNREACHABLE = 3
    """The broker or Redis does not answer."""


class CommandError(Exception):
    """A command cannot go on. The message says what happened, to which thing, and what to do."""

    def __init__(self, message: str, status: Exit = Exit.FOUND) -> None:
        super().__init__(message)
        self.status = status


def _console(*, stderr: bool) -> Console:
    # Into a file or a pipe rich would fold at 80 columns whatever the content.
    terminal = (os.isatty(2) if stderr else os.isatty(1)) or "COLUMNS" in os.environ
    return Console(
        stderr=stderr, highlight=False, soft_wrap=False, width=None if terminal else _WIDTH_PIPED
    )


@dataclass(frozen=True, slots=True)
class Context:
    """What every command gets.

    Attributes:
        settings: how this installation is set up.
        json: answer in JSON for scripts instead of tables for people.
        out: where the answer goes.
        err: where progress, notes and errors go.
    """

    settings: Settings
    json: bool = False
    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))

    def bootstrap(self) -> str:
        """The broker's address.

        Raises:
            CommandError: it is one that `hub up` starts, and none is running.
        """
        choice = self.settings.broker
        if choice not in _STARTED_BY_THE_HUB:
            return choice
        what = f"the {choice} broker"
        return self._address_of(BROKER_ADDRESS_FILE, what, "HUB_BROKER")

    def redis_url(self) -> str:
        """The address of Redis.

        Raises:
            CommandError: it is one that `hub up` starts, and none is running.
        """
        given = self.settings.redis_url
        return given or self._address_of(REDIS_ADDRESS_FILE, "the hub's own Redis", "HUB_REDIS_URL")

    def site_settings(self) -> Settings:
        """The settings, told of the stand-ins that `hub up` or the demo run beside this command.

        A system of which the settings themselves say anything is left as they say it.
        """
        try:
            text = (self.settings.data_dir / STAND_INS_FILE).read_text(encoding="utf-8")
        except OSError:
            return self.settings
        told: dict[str, str] = orjson.loads(text)
        given = {_system(name) for name in told if getattr(self.settings, name)}
        return self.settings.model_copy(
            update={name: value for name, value in told.items() if _system(name) not in given}
        )

    def admin(self) -> KafkaAdmin:
        """Connect to the broker for asking and arranging.

        Raises:
            BrokerUnreachable: it does not answer within a few seconds.
        """
        # Here, not above, as Redis below: many commands ask neither, and workers in their own ways.
        from connectors.kafka_admin import KafkaAdmin

        # It tells of every answer that took it long to read; that is nobody's business here.
        logging.getLogger("kafka").setLevel(logging.CRITICAL)
        return KafkaAdmin(self.bootstrap(), timeout_s=REACH_WAIT_S)

    @contextmanager
    def redis(self) -> Iterator[redis.Redis]:
        """A connection to Redis that gives up after a few seconds.

        Raises:
            CommandError: Redis does not answer, then or later.
        """
        import redis

        url = self.redis_url()
        wait = {"socket_connect_timeout": REACH_WAIT_S, "socket_timeout": 10 * REACH_WAIT_S}
        try:
            with redis.Redis.from_url(url, **wait) as client:
                client.ping()
                yield client
        except ValueError as cause:
            raise CommandError(f"HUB_REDIS_URL {shown_url(url)}: {cause}", Exit.USAGE) from cause
        except (redis.ConnectionError, redis.TimeoutError) as cause:
            raise CommandError(
                f"Redis at {shown_url(url)} does not answer ({cause}): is it running, and is the "
                "address right?",
                Exit.UNREACHABLE,
            ) from cause

    def emit(self, document: Any) -> None:  # noqa: ANN401 - any JSON
        """Write one JSON document for scripts; its keys are stable."""
        # Words of the vocabulary are keys too, and no exact `str`.
        plain = orjson.dumps(document, default=str, option=orjson.OPT_NON_STR_KEYS)
        typer.echo(safe_json(plain.decode()))

    def show(self, *parts: RenderableType) -> None:
        """Write something for people to read; a table stands apart from what follows."""
        for part in parts:
            self.out.print(
                Padding(part, (0, 0, 1, 0), expand=False) if isinstance(part, Table) else part
            )

    def note(self, text: str) -> None:
        """Say something beside the answer; it never mixes with it."""
        self.err.print(safe(text), markup=False)

    def _address_of(self, name: str, what: str, variable: str) -> str:
        path = self.settings.data_dir / name
        try:
            address = path.read_text(encoding="utf-8").strip()
        except OSError:
            address = ""
        if not address:
            raise CommandError(
                f"{what} is not running: no address in {path}. Start `hub up` first (with the "
                f"same HUB_DATA_DIR), or name an address in {variable}",
                Exit.UNREACHABLE,
            )
        return address


def _system(name: str) -> str:
    """Of which system a setting `site_<system>_<what>` speaks."""
    return name.split("_")[1]


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - whatever the command line gives
    """Read the settings from the environment; None among the overrides counts as not given.

    Every mistake is printed at once, and the program ends with the status for usage.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        err = _console(stderr=True)
        lines = problems(error)
        noun = "setting is" if len(lines) == 1 else "settings are"
        err.print(f"{len(lines)} {noun} wrong, nothing was started:", style="bold red")
        for line in lines:
            err.print(f"  {line}", markup=False)
        raise typer.Exit(Exit.USAGE) from None


def shown_url(url: str) -> str:
    """An address without the password that may be in it."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
