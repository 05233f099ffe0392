"""Which Avro schemas exist, and under which ids? `schemas/avro/ids.json` and the files it names.

An id is given once and for ever. A message type may have several versions; the newest is written,
all are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import fastavro
from pydantic import BaseModel

from schemas.avro_shape import Plain
from schemas.dead_letter import DEAD_LETTER, DeadLetter
from schemas.journal import JournalRecord
from schemas.messages import INBOUND, OUTBOUND, Place

AVRO_DIR = Path(__file__).parent / "avro"
IDS_FILE = AVRO_DIR / "ids.json"
JOURNAL_PREFIX = "journal."

_FILE_NAME = re.compile(r"(?P<subject>.+)\.v(?P<version>[1-9]\d*)\.avsc")


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One schema: its id, the subject it describes, and which version of that it is."""

    schema_id: int
    subject: str
    version: int

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.subject}.v{self.version}.avsc"


def journal_subject(type_name: str) -> str:
    """Name the schema of an event type's journal records."""
    return JOURNAL_PREFIX + type_name


def journal_model(type_name: str) -> type[JournalRecord[BaseModel]]:
    """Find the journal record's model for an event type.

    Raises:
        KeyError: no such type goes to the journal.
    """
    return _JOURNAL_MODELS[type_name]


@cache
def subjects() -> Mapping[str, type[BaseModel]]:
    """List everything that has an Avro schema, with its model, in the order ids are given."""
    return {
        **{row.type: row.model for row in INBOUND.values()},
        **OUTBOUND,
        **{journal_subject(name): model for name, model in _JOURNAL_MODELS.items()},
        DEAD_LETTER: DeadLetter,
    }


def parse_file_name(name: str) -> tuple[str, int]:
    """Say which subject and version a schema's file name stands for.

    Raises:
        ValueError: it is not the name of a schema file.
    """
    match = _FILE_NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} names no schema: SUBJECT.vNUMBER.avsc expected")
    return match["subject"], int(match["version"])


@cache
def by_id() -> Mapping[int, SchemaFile]:
    """List every schema by its id."""
    ids: dict[str, str] = json.loads(IDS_FILE.read_text(encoding="utf-8"))
    return {int(number): SchemaFile(int(number), *parse_file_name(ids[number])) for number in ids}


@cache
def newest(subject: str) -> SchemaFile:
    """Find the schema a subject is written with.

    Raises:
        KeyError: the subject has no schema.
    """
    versions = [file for file in by_id().values() if file.subject == subject]
    if not versions:
        raise KeyError(f"{subject} has no Avro schema: run `python -m schemas.avro_derive`")
    return max(versions, key=lambda file: file.version)


@cache
def parsed(schema_id: int) -> Plain:
    """Load a schema, ready for fastavro."""
    text = (AVRO_DIR / by_id()[schema_id].name).read_text(encoding="utf-8")
    return fastavro.parse_schema(json.loads(text))


_JOURNAL_MODELS: dict[str, type[JournalRecord[BaseModel]]] = {
    row.type: JournalRecord[row.model]  # type: ignore[name-defined]  # known at run time only
    for row in INBOUND.values()
    if row.place is Place.JOURNAL
}
