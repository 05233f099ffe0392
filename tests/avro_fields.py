"""The fields of an Avro schema by their paths, and data that fill a schema."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

Schema = Any
Fields = dict[str, tuple[str, str]]
"""Path of a field -> its type without what is in it, and its default as JSON, "" for none."""

_FILLED: dict[str, Any] = {
    "string": "文",
    "boolean": True,
    "long": 7,
    "date": date(2026, 3, 2),
    "timestamp-millis": datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
}


def fields_of(schema: Schema) -> Fields:
    """All fields, those of records in it too."""
    found: Fields = {}
    _walk(schema, "", found, {})
    return found


def filled(schema: Schema) -> Any:
    """A datum that leaves nothing out: each list has an entry, each optional field a value."""
    return _fill(schema, {})


def _walk(schema: Schema, path: str, found: Fields, records: dict[str, Schema]) -> str:
    if isinstance(schema, list):
        return "|".join(_walk(one, path, found, records) for one in schema)
    if isinstance(schema, str):
        name = schema.rpartition(".")[2]
        return _walk(records[name], path, found, records) if name in records else schema
    if schema["type"] == "array":
        return f"[{_walk(schema['items'], path, found, records)}]"
    if schema["type"] != "record":
        return str(schema["logicalType"])
    records[schema["name"]] = schema
    for field in schema["fields"]:
        at = f"{path}.{field['name']}"
        kind = _walk(field["type"], at, found, records)
        found[at] = kind, json.dumps(field["default"]) if "default" in field else ""
    return "record"


def _fill(schema: Schema, records: dict[str, Schema]) -> Any:
    if isinstance(schema, list):
        return _fill(schema[-1], records)
    if isinstance(schema, str):
        name = schema.rpartition(".")[2]
        return _fill(records[name], records) if name in records else _FILLED[schema]
    if schema["type"] == "array":
        return [_fill(schema["items"], records)]
    if schema["type"] != "record":
        return _FILLED[schema["logicalType"]]
    records[schema["name"]] = schema
    return {field["name"]: _fill(field["type"], records) for field in schema["fields"]}
