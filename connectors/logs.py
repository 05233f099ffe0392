"""How do the hub's processes log?

One structured line an event, on standard error; never a personal name.
"""

from __future__ import annotations

import logging
import sys

import structlog

_NOISY = ("faust", "mode", "aiokafka", "kafka", "asyncio")
# kafka-python tells of every slow turn of its own loop; on a busy machine that is every second one.
_SILENCED = ("kafka.net.selector",)
RARELY_S = 10.0
_SAID_MAX = 1000


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
            structlog.processors.TimeStamper(fmt="iso", utc=False),
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
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    for name in _SILENCED:
        logging.getLogger(name).setLevel(logging.ERROR)


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
