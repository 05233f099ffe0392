"""Can one schema read what was written with another? The Avro project's own checker answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.schema import parse

from schemas.messages import INBOUND, OUTBOUND


class Level(StrEnum):
    """What a new version must stand by, against all released ones."""

    FULL = "FULL_TRANSITIVE"
    """It reads what they wrote, and they read what it writes: departments upgrade as they like."""
    BACKWARD = "BACKWARD_TRANSITIVE"
    """It reads what they wrote."""


def level_of(type_name: str) -> Level:
    """The level of a message: full for what departments and systems send or read.

    An answer is read by whoever has not upgraded yet, and one of years ago by whoever has. The
    journal and the dead letters are read by the hub alone.
    """
    return Level.FULL if type_name in INBOUND or type_name in OUTBOUND else Level.BACKWARD


def problems(reader: Any, written: Any) -> list[str]:  # noqa: ANN401 - any Avro schema
    """What stands in the way of reading with the first what was written with the second.

    Raises:
        ValueError: one of them is no Avro schema.
    """
    try:
        ours, theirs = parse(json.dumps(reader)), parse(json.dumps(written))
    except (AvroException, TypeError, RecursionError) as cause:
        raise ValueError(f"no Avro schema: {cause}") from cause
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call] # it has no types
    found = checker.get_compatibility(ours, theirs)
    if found.compatibility is SchemaCompatibilityType.compatible:
        return []
    return sorted(map(str, found.messages)) or ["not compatible"]


def stands_by(schema: Any, released: Iterable[Any], level: Level) -> list[str]:  # noqa: ANN401
    """What a new schema breaks with its predecessors at a level.

    Raises:
        ValueError: it is no Avro schema.
    """
    found: list[str] = []
    for former in released:
        found += problems(schema, former)
        if level is Level.FULL:
            found += problems(former, schema)
    return sorted(set(found))
