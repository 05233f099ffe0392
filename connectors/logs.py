"""How do the hub's processes log?

One structured line an event, on standard error; never a personal name.
"""

from __future__ import annotations

import logging
import sys

import structlog

_NOISY = ("faust", "mode", "aiokafka", "kafka")


def set_up_logs(level: str, *, json: bool) -> None:
    """Set logging up for this process: `level` for us, warnings and worse from the libraries."""
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
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
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
