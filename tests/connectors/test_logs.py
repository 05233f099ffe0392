"""Logs hold no credit code, whoever wrote the line; one enterprise has one name in all of them."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import structlog

from connectors.logs import code_hash, hide_credit_codes, set_up_logs

CODE, OTHER = "91120116MA0000003A", "91120116MA000002XU"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process writes to standard error, set up as a role does."""
    kept, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    monkeypatch.setattr(sys, "stderr", kept)
    set_up_logs("info", json=True)
    yield kept
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_every_line_of_a_collectors_log_is_json_and_says_when_in_one_zone(written: io.StringIO):
    structlog.contextvars.bind_contextvars(role="decide")
    try:
        raise LookupError("two\nlines")
    except LookupError:
        logging.getLogger("aiokafka").exception("offsets of %s", "insp.journal")
    structlog.get_logger().info("stage is up")
    structlog.contextvars.clear_contextvars()
    theirs, ours = (json.loads(line) for line in written.getvalue().splitlines())

    assert (theirs["event"], theirs["logger"]) == ("offsets of insp.journal", "aiokafka")
    assert (theirs["role"], theirs["level"]) == (ours["role"], "error")
    assert "LookupError: two\nlines" in theirs["exception"]
    for one in (theirs, ours):
        assert datetime.fromisoformat(one["timestamp"]).utcoffset() == timedelta(0)


def test_a_code_is_replaced_wherever_it_stands_in_a_line(written: io.StringIO):
    structlog.get_logger().error(
        f"no decision on task T-1 of {CODE}", key=CODE.encode(), keys=[CODE, OTHER],
        nested={"uscc": CODE}, event_id="E-1", partition=3,
    )  # fmt: skip
    line = json.loads(written.getvalue())

    assert CODE not in written.getvalue()
    assert OTHER not in written.getvalue()
    assert line["key"] == line["keys"][0] == line["nested"]["uscc"] == code_hash(CODE)
    assert line["keys"][1] == code_hash(OTHER) != code_hash(CODE)
    assert (line["event_id"], line["partition"]) == ("E-1", 3)


def test_a_traceback_quotes_no_code(written: io.StringIO):
    try:
        raise LookupError(f"the view has no decision on task T-1 of {CODE}")
    except LookupError:
        structlog.get_logger().exception("request failed")

    assert "LookupError" in written.getvalue()
    assert CODE not in written.getvalue()


def test_what_a_library_says_is_hidden_too(written: io.StringIO):
    logging.getLogger("aiokafka").error("cannot send the record with key %s", CODE)

    assert CODE not in written.getvalue()
    assert code_hash(CODE) in written.getvalue()


@pytest.mark.parametrize(
    "text", ["insp.in.WJW-120116", "WJW-2026-000123456789", "2026-03-16T09:00:00+08:00", "0" * 40]
)
def test_what_is_no_credit_code_stays(text: str):
    assert hide_credit_codes(None, "info", {"event": text})["event"] == text
