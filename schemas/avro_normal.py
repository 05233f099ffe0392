"""Are two Avro schemas the same? Compared in a normal form, for every library writes them its way.

Java leaves the namespace of a nested name out and writes `{"type": "string"}` with properties of
its own; what neither reading nor writing depends on does not count here. Defaults count.
"""

from __future__ import annotations

from typing import Any

from schemas.avro_shape import Plain

_NAMED = frozenset({"record", "enum", "fixed", "error"})
_PRIMITIVE = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_KEPT = ("symbols", "size", "logicalType", "precision", "scale")


class NoAvroSchema(ValueError):  # noqa: N818 - it says what was found
    """Not an Avro schema; the message says where it stops being one."""


def normal(schema: Plain, namespace: str = "") -> Plain:
    """Write a schema in its normal form: full names, no documentation, nothing said in two ways.

    Raises:
        NoAvroSchema: it is none.
    """
    if isinstance(schema, str):
        return schema if schema in _PRIMITIVE else _full(schema, namespace)
    if isinstance(schema, list):
        return [normal(branch, namespace) for branch in schema]
    if not isinstance(schema, dict) or "type" not in schema:
        raise NoAvroSchema("an object with a type expected")
    kind = schema["type"]
    if not isinstance(kind, str):
        return normal(kind, namespace)
    if kind in _NAMED:
        return _named(schema, namespace)
    held: dict[str, Any] = {"type": kind if kind in _PRIMITIVE else _full_or_kind(kind, namespace)}
    for part in ("items", "values"):
        if part in schema:
            held[part] = normal(schema[part], namespace)
    held |= {name: schema[name] for name in _KEPT if name in schema}
    return held["type"] if len(held) == 1 else held


def full_name(schema: Plain) -> str:
    """The full name of a record's schema.

    Raises:
        NoAvroSchema: it names nothing.
    """
    if not isinstance(schema, dict) or not isinstance(schema.get("name"), str):
        raise NoAvroSchema("a name expected")
    return _full(schema["name"], str(schema.get("namespace") or ""))


def _named(schema: dict[str, Any], namespace: str) -> Plain:
    name = _full(full_name(schema), namespace)
    inner = name.rpartition(".")[0]
    held = {"type": schema["type"], "name": name}
    held |= {key: schema[key] for key in _KEPT if key in schema}
    if "fields" in schema:
        if not isinstance(schema["fields"], list):
            raise NoAvroSchema(f"the fields of {name} are no list")
        held["fields"] = [_field(field, inner) for field in schema["fields"]]
    return held


def _field(field: Plain, namespace: str) -> Plain:
    if not isinstance(field, dict) or not isinstance(field.get("name"), str):
        raise NoAvroSchema("a field without a name")
    held = {"name": field["name"], "type": normal(field.get("type"), namespace)}
    return held | ({"default": field["default"]} if "default" in field else {})


def _full_or_kind(kind: str, namespace: str) -> str:
    return kind if kind in ("array", "map") else _full(kind, namespace)


def _full(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"
