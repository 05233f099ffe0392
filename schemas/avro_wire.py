"""How is a value in the Confluent wire format read and written? Zero byte, schema id, Avro datum.

The newest schema of a subject goes through code compiled for it. What was written with an older one
is resolved by fastavro.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import fastavro
from fastavro.read import SchemaResolutionError
from pydantic import BaseModel

from schemas import avro_schemas
from schemas.avro_compile import (
    Reader,
    Writer,
    compile_model_reader,
    compile_plain_reader,
    compile_writer,
)
from schemas.avro_schemas import JOURNAL_PREFIX, SchemaFile
from schemas.avro_shape import UNKNOWN, Many, Maybe, Plain, Record, Shape, parts, record_shape
from schemas.border import check_depth, load_json
from schemas.malformed import Malformed, visible
from schemas.reasons import Refusal

MAGIC = 0
HEAD_BYTES = 5

# What crooked bytes make of the readers: past the end, no such word, no such day, no UTF-8.
_CROOKED = (LookupError, EOFError, ValueError, OverflowError, SchemaResolutionError)


@cache
def writer(subject: str) -> tuple[Writer, bytes]:
    """Find what writes a subject in its newest schema, and the first bytes of every such value.

    Raises:
        KeyError: the subject has no schema.
    """
    shape = record_shape(avro_schemas.subjects()[subject])
    schema_id = avro_schemas.newest(subject).schema_id
    return compile_writer(shape), bytes([MAGIC]) + schema_id.to_bytes(HEAD_BYTES - 1)


def read_plain(value: bytes, subject: str) -> dict[str, Any]:
    """Read a value into a dict under its names on the wire, for validation.

    Raises:
        Malformed: the value is not of this subject, or not Avro.
    """
    file = _schema_of(value)
    if file.subject != subject:
        raise _wrong_schema(file.schema_id, f"{file.subject} found, {subject} expected")
    shape = record_shape(avro_schemas.subjects()[subject])
    try:
        if file == avro_schemas.newest(subject):
            content = _plain_reader(subject)(value, HEAD_BYTES)
        else:
            content = _read_older(value, file)
        spread: dict[str, Any] = _spread(content, shape, known_stays=False)
    except _CROOKED as cause:
        raise _crooked(cause) from None
    return spread


def read_journal(value: bytes) -> tuple[str, BaseModel | dict[str, Any]]:
    """Read a journal record: its event type, and the model, or what is to be validated first.

    Raises:
        Malformed: the value is no journal record, or not Avro.
    """
    type_name, read = _journal_reader(value[:HEAD_BYTES])
    try:
        return type_name, read(value, HEAD_BYTES)
    except _CROOKED as cause:
        raise _crooked(cause) from None


@cache
def _plain_reader(subject: str) -> Reader:
    return compile_plain_reader(record_shape(avro_schemas.subjects()[subject]))


@cache
def _journal_reader(head: bytes) -> tuple[str, Reader]:
    file = _schema_of(head)
    type_name = file.subject.removeprefix(JOURNAL_PREFIX)
    if type_name == file.subject:
        raise _wrong_schema(file.schema_id, f"{file.subject} found, a journal record expected")
    shape = record_shape(avro_schemas.subjects()[file.subject])
    if file == avro_schemas.newest(file.subject):
        return type_name, compile_model_reader(shape, _unknown)

    def read_older(value: bytes, _at: int) -> Plain:
        return _spread(_read_older(value, file), shape, known_stays=True)

    return type_name, read_older


def _read_older(value: bytes, file: SchemaFile) -> Plain:
    """Read with a schema of former days, if writing it again gives the same bytes."""
    written = avro_schemas.parsed(file.schema_id)
    newest = avro_schemas.parsed(avro_schemas.newest(file.subject).schema_id)
    datum, again = io.BytesIO(value[HEAD_BYTES:]), io.BytesIO()
    fastavro.schemaless_writer(again, written, fastavro.schemaless_reader(datum, written, None))
    if again.getvalue() != datum.getvalue():
        raise ValueError("bytes after the end, or not the plain encoding of what they hold")
    datum.seek(0)
    return fastavro.schemaless_reader(datum, written, newest)


def _spread(content: Plain, shape: Shape, *, known_stays: bool) -> Plain:
    """Put the fields kept as text back beside the others, here and in all parts.

    A name that the newest schema knows is refused; with `known_stays` it stays in the log unseen:
    what the rules of its day did not see, those of today do not see either.
    """
    if content is None:
        return None
    if isinstance(shape, Maybe):
        return _spread(content, shape.item, known_stays=known_stays)
    if isinstance(shape, Many):
        return [_spread(item, shape.item, known_stays=known_stays) for item in content]
    if not isinstance(shape, Record):
        return content
    for member in shape.members:
        if parts(member.shape):
            held = content[member.wire]
            content[member.wire] = _spread(held, member.shape, known_stays=known_stays)
    kept = content.pop(UNKNOWN) if shape.keeps_unknown else None
    if kept is not None:
        content |= _unknown(kept, shape, known_stays=known_stays)
    return content


def _unknown(text: str, shape: Record, *, known_stays: bool = True) -> dict[str, Any]:
    encoded = text.encode()
    check_depth(encoded)
    kept = load_json(encoded)
    if not isinstance(kept, dict):
        raise Malformed(Refusal.INVALID_FIELD, UNKNOWN, "a JSON object as text expected")
    known = {member.wire for member in shape.members} & kept.keys()
    if known and not known_stays:
        found = "this field has a place of its own in the schema: use that"
        raise Malformed(Refusal.INVALID_FIELD, f"{UNKNOWN}.{min(known)}", found)
    return {name: held for name, held in kept.items() if name not in known}


def _schema_of(value: bytes) -> SchemaFile:
    if value[0] != MAGIC or len(value) < HEAD_BYTES:
        found = f"a value of {len(value)} bytes that begins with {value[:1].hex()} found"
        raise Malformed(Refusal.UNDECODABLE, "", f"{found}, 00 and a schema id expected")
    schema_id = int.from_bytes(value[1:HEAD_BYTES])
    file = avro_schemas.by_id().get(schema_id)
    if file is None:
        raise _wrong_schema(schema_id, "no schema has this id")
    return file


def _wrong_schema(schema_id: int, what: str) -> Malformed:
    return Malformed(Refusal.UNKNOWN_SCHEMA, "", f"schema id {schema_id}: {what}")


def _crooked(cause: Exception) -> Malformed:
    if isinstance(cause, IndexError | EOFError):
        found = "it ends too early, or has a branch or a truth value that does not exist"
    elif isinstance(cause, KeyError):
        found = f"the word {visible(str(cause))} is not one of its list"
    else:
        found = visible(str(cause), 120)
    return Malformed(Refusal.UNDECODABLE, "", f"not Avro: {found}")
