"""What do these bytes say? JSON, or Avro in the Confluent wire format, as plain dictionaries."""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import fastavro
import orjson

from connectors.audit.dump import Record
from connectors.audit.wire import CONTENT_TYPE

SCHEMAS = Path(__file__).parents[2] / "schemas" / "avro"
"""Where the writer schemas lie: data, read as such."""

T = TypeVar("T")

_MAGIC = 0
_WIRE_HEADER = struct.Struct(">bI")


class UnreadableError(Exception):
    """Bytes that are no message; the text says why."""


class Decoder:
    """Reads values; knows the writer schemas of one folder."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the folder with `ids.json`; None takes the one that the contract ships with."""
        self._folder = folder or SCHEMAS
        self._schemas: dict[int, dict[str, Any]] = {}
        self._names: dict[str, str] | None = None

    def body(self, record: Record) -> dict[str, Any]:
        """The message in a record.

        Raises:
            UnreadableError: It is none.
        """
        value = record.value
        if not value:
            raise UnreadableError("it has no value")
        content_type = record.header(CONTENT_TYPE) or ""
        if value[0] == _MAGIC and "json" not in content_type:
            return self._avro(value)
        try:
            body = orjson.loads(value)
        except orjson.JSONDecodeError as cause:
            raise UnreadableError(f"it is not JSON: {cause}") from cause
        if not isinstance(body, dict):
            raise UnreadableError("it is JSON, but no object")
        return body

    def _avro(self, value: bytes) -> dict[str, Any]:
        if len(value) < _WIRE_HEADER.size:
            raise UnreadableError("it is shorter than the Avro wire header")
        _, schema_id = _WIRE_HEADER.unpack_from(value)
        schema = self._schema(schema_id)
        stream = io.BytesIO(value)
        stream.seek(_WIRE_HEADER.size)
        try:
            body = fastavro.schemaless_reader(stream, schema, None)
        except Exception as cause:  # fastavro raises whatever the bytes provoke
            raise UnreadableError(f"it is not Avro of schema {schema_id}: {cause!r}") from cause
        if stream.tell() != len(value):
            raise UnreadableError(f"{len(value) - stream.tell()} bytes follow the Avro body")
        if not isinstance(body, dict):
            raise UnreadableError("it is Avro, but no record")
        return body

    def _schema(self, schema_id: int) -> dict[str, Any]:
        found = self._schemas.get(schema_id)
        if found is None:
            if self._names is None:
                self._names = _read_ids(self._folder)
            name = self._names.get(str(schema_id))
            if name is None:
                raise UnreadableError(f"Avro schema id {schema_id} is not in ids.json")
            loaded = fastavro.schema.load_schema(str(self._folder / name))
            if not isinstance(loaded, dict):
                raise UnreadableError(f"{name} is no schema of a record")
            found = loaded
            self._schemas[schema_id] = found
        return found


@dataclass(slots=True)
class Entry:
    """One journal record, decoded, where it lies.

    Attributes:
        rank: its place in the order of its key, over all generations of the journal.
        shard: the number that the codes of its key begin with.
    """

    key: str
    partition: int
    offset: int
    at_ms: int
    digest: str
    id: str
    type: str
    time: str
    dept: str
    policy_version: str
    origin: tuple[str, int, int]
    findings: Mapping[str, Any]
    data: Mapping[str, Any]
    rank: int = -1
    shard: int = -1

    def __post_init__(self) -> None:
        """In a journal that never grew the place says it all."""
        self.rank = self.offset if self.rank < 0 else self.rank
        self.shard = self.partition if self.shard < 0 else self.shard


def read_entry(decoder: Decoder, partition: int, record: Record) -> Entry:
    """A journal record as the fold needs it.

    Raises:
        UnreadableError: It is none.
    """
    body = decoder.body(record)
    try:
        origin = body["origin"]
        return Entry(
            key=record.key_text(),
            partition=partition,
            offset=record.offset,
            at_ms=record.timestamp_ms,
            digest=digest_of(record.value or b""),
            id=_of(str, body["id"]),
            type=_of(str, body["type"]),
            time=_of(str, body["time"]),
            dept=_of(str, body["dept"]),
            policy_version=_of(str, body["policy_version"]),
            origin=read_place(origin),
            findings=_of(dict, body.get("findings") or {}),
            data=_of(dict, body["data"]),
        )
    except (KeyError, TypeError) as cause:
        raise UnreadableError(f"it is no journal record: {cause!r}") from cause


def read_place(found: Mapping[str, Any]) -> tuple[str, int, int]:
    """Topic, partition and offset of a message that names a record.

    Raises:
        KeyError, TypeError: It names none.
    """
    return _of(str, found["topic"]), _of(int, found["partition"]), _of(int, found["offset"])


def _of(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.80} where {kind.__name__} is expected")
    return value


def digest_of(value: bytes) -> str:
    """The first 16 hex digits of the SHA-256 of a record's value."""
    return hashlib.sha256(value).hexdigest()[:16]


def _read_ids(folder: Path) -> dict[str, str]:
    path = folder / "ids.json"
    if not path.is_file():
        raise UnreadableError(f"it is Avro, but {path.name} with the schema ids is missing")
    ids = orjson.loads(path.read_bytes())
    return {str(key): str(name) for key, name in ids.items()}
