"""How do the hub's processes log?

One structured line an event, on standard error; never a personal name, and no credit code: whoever
knows one finds its lines by `hub code-hash CODE`, nobody reads an enterprise out of them.
"""

from __future__ import annotations

import hashlib
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from json import dumps
from typing import Any

import structlog

_NOISY = ("faust", "mode", "aiokafka", "kafka", "asyncio")
# kafka-python tells of every slow turn of its own loop; on a busy machine that is every second one.
_SILENCED = ("kafka.net.selector",)
RARELY_S = 10.0
_SAID_MAX = 1000
# GB 32100-2015: kind and category, region, organisation code, check character.
_CREDIT_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Y]{2}\d{6}[0-9A-Y]{10}(?![0-9A-Za-z])")
_HASH_LENGTH = 12


def set_up_logs(level: str, *, json: bool) -> None:
    """Set logging up for this process: `level` for us, warnings and worse from the libraries."""
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        # The other kind of traceback prints every local variable: personal data, and for seconds.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            # A collector reads lines of hosts with several clocks' zones; a person reads his own.
            structlog.processors.TimeStamper(fmt="iso", utc=json),
            # Before codes are hidden: a traceback may quote one.
            *([structlog.processors.format_exc_info] if json else []),
            hide_credit_codes,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(Rarely())
        handler.setFormatter(_Hidden(_AsJson() if json else handler.formatter))
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    for name in _SILENCED:
        logging.getLogger(name).setLevel(logging.ERROR)


def code_hash(credit_code: str) -> str:
    """What stands in logs instead of a credit code.

    >>> code_hash("91120116MA0000003A")
    'enterprise:98ccf8130958'
    """
    digest = hashlib.sha256(credit_code.encode()).hexdigest()
    return f"enterprise:{digest[:_HASH_LENGTH]}"


def hide_credit_codes(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    """Put hashes in place of credit codes, wherever in a line (a processor of structlog's)."""
    return {name: _hidden(value) for name, value in event.items()}


def _hidden(value: Any) -> Any:  # noqa: ANN401 - whatever is logged
    if isinstance(value, str):
        return _CREDIT_CODE.sub(lambda found: code_hash(found[0]), value)
    if isinstance(value, bytes):
        return _hidden(value.decode("utf-8", "backslashreplace"))
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden(one) for one in value]
    if isinstance(value, Mapping):
        return {_hidden(name): _hidden(one) for name, one in value.items()}
    return value


class _AsJson(logging.Formatter):
    """What libraries say in the form of our own lines, so that a collector reads all of them."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, a traceback in it."""
        said = {
            "event": record.getMessage(),
            "logger": record.name,
            **structlog.contextvars.get_contextvars(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return dumps(said, ensure_ascii=False, default=str)


class _Hidden(logging.Formatter):
    """What libraries say, without credit codes: they may quote a key."""

    def __init__(self, formatter: logging.Formatter | None) -> None:
        super().__init__()
        self._formatter = formatter or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """One line, or several with a traceback."""
        return str(_hidden(self._formatter.format(record)))


class Rarely(logging.Filter):
    """Lets a library say the same thing once in ten seconds: a lost broker fills no disk."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written."""
        text = record.getMessage()
        if record.created - self._said.get(text, float("-inf")) < RARELY_S:
            return False
        if len(self._said) > _SAID_MAX:
            self._said.clear()
        self._said[text] = record.created
        return True
