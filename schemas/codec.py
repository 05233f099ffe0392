"""How does a message become bytes, and bytes a message? JSON, or Avro in the Confluent wire format.

Whatever the bytes are, reading ends in a model or in `Malformed`, never in anything else.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from schemas import avro_schemas, avro_wire
from schemas.avro_schemas import JOURNAL_PREFIX, journal_model
from schemas.border import (
    VALUE_SIZE_MAX_BYTES,
    check_depth,
    check_model,
    check_size,
    load_json,
    validator,
)
from schemas.journal import JournalRecord
from schemas.malformed import Malformed, from_validation, shown, visible
from schemas.reasons import Refusal

__all__ = [
    "AVRO",
    "JSON",
    "VALUE_SIZE_MAX_BYTES",
    "Malformed",
    "decode",
    "decode_journal",
    "encode_avro",
    "encode_journal",
    "encode_json",
]

ModelT = TypeVar("ModelT", bound=BaseModel)

JSON = "application/json"
AVRO = "application/avro"


def encode_json(model: BaseModel) -> bytes:
    """Write a message as JSON in UTF-8, under its names on the wire."""
    encoded: bytes = model.__pydantic_serializer__.to_json(model, by_alias=True)
    return encoded


def encode_avro(model: BaseModel, type_name: str) -> bytes:
    """Write a message as Avro with the newest schema of its type.

    Instants are cut to milliseconds.

    Raises:
        KeyError: the type has no schema.
    """
    write, head = avro_wire.writer(type_name)
    return write(model, head)


def encode_journal(record: JournalRecord[Any]) -> bytes:
    """Write a journal record as Avro with the newest schema of its event type.

    Raises:
        KeyError: no such type goes to the journal.
    """
    write, head = avro_wire.writer(JOURNAL_PREFIX + record.type)
    return write(record, head)


def decode(value: bytes | None, content_type: str | None, type_name: str) -> BaseModel:
    """Read a message that came over the border.

    Args:
        value: the bytes, whatever they are.
        content_type: as the sender says; None: Avro if the first byte says so, else JSON.
        type_name: the event type, such as `inspection.task.submitted`.

    Raises:
        Malformed: it is no such message; says which field is at fault and what was expected.
    """
    value = check_size(value)
    model = avro_schemas.subjects().get(type_name)
    if model is None:
        raise Malformed(Refusal.UNKNOWN_TYPE, "type", f"{shown(type_name)} found")
    if _is_avro(value, content_type):
        decoded = _validated(model, avro_wire.read_plain(value, type_name))
        check_model(decoded)
    else:
        decoded = _read_json(value, model)
        check_model(decoded, value)
    return decoded


def decode_journal(
    value: bytes | None, content_type: str | None = None
) -> JournalRecord[BaseModel]:
    """Read a journal record. In the newest Avro schema it is taken as intake checked and wrote it.

    Raises:
        Malformed: it is no journal record.
    """
    if not value:
        raise Malformed(Refusal.EMPTY, "", "a journal record without a value was found")
    if not _is_avro(value, content_type):
        return _read_journal_json(value)
    type_name, record = avro_wire.read_journal(value)
    if isinstance(record, dict):
        record = _validated(journal_model(type_name), record)
    assert isinstance(record, JournalRecord)  # noqa: S101 - for the type checker: its schema says so
    if record.type != type_name:
        found = f"{shown(record.type)} found in a record with the schema of {type_name}"
        raise Malformed(Refusal.UNKNOWN_TYPE, "type", found)
    return record


def _read_journal_json(value: bytes) -> JournalRecord[BaseModel]:
    check_depth(value)
    content = load_json(value)
    type_name = content.get("type") if isinstance(content, dict) else None
    try:
        model = journal_model(str(type_name))
    except KeyError:
        found = f"{shown(type_name)} found, a type that goes to the journal expected"
        raise Malformed(Refusal.UNKNOWN_TYPE, "type", found) from None
    return _read_json(value, model)


def _is_avro(value: bytes, content_type: str | None) -> bool:
    if content_type == JSON:
        return False
    if content_type is None:
        return value[0] == avro_wire.MAGIC
    media_type, _, parameters = content_type.lower().partition(";")
    charset = parameters.replace('"', "").replace(" ", "")
    if media_type.strip() not in (JSON, AVRO) or charset not in ("", "charset=utf-8"):
        found = f'"{visible(content_type, 80)}" found, {JSON} or {AVRO} expected'
        raise Malformed(Refusal.UNDECODABLE, "content-type", found)
    return media_type.strip() == AVRO


def _read_json(value: bytes, model: type[ModelT]) -> ModelT:
    try:
        decoded: ModelT = validator(model).validate_json(value)
    except ValidationError as error:
        check_depth(value)  # pydantic gives up on depth as well, later and in other words
        raise from_validation(error) from None
    return decoded


def _validated(model: type[ModelT], content: dict[str, Any]) -> ModelT:
    try:
        # Not strict: days and instants are there already, words and lists are still plain.
        decoded: ModelT = validator(model).validate_python(content, strict=False)
    except ValidationError as error:
        raise from_validation(error) from None
    return decoded
