"""Which Avro schemas follow from the models? `python -m schemas.avro_derive` writes them.

A schema that was released never changes, nor does its id: a model that changed gets a new version
with an id of its own. With `--release` the newest versions become released ones.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.avro_schemas import AVRO_DIR, IDS_FILE, parse_file_name, subjects
from schemas.avro_shape import (
    UNKNOWN,
    Many,
    Maybe,
    Plain,
    Record,
    Scalar,
    Shape,
    Word,
    record_shape,
)

NAMESPACE = "inspection"
RELEASED_DIR = "released"

_AVRO: dict[Scalar, Any] = {
    Scalar.TEXT: "string",
    Scalar.FLAG: "boolean",
    Scalar.WHOLE: "long",
    Scalar.DAY: {"type": "int", "logicalType": "date"},
    Scalar.INSTANT: {"type": "long", "logicalType": "timestamp-millis"},
}


def derive(record: Record) -> dict[str, Any]:
    """Write a shape as an Avro schema. A record used twice is spelled out once."""
    schema: dict[str, Any] = _avro(record, set())
    schema["namespace"] = NAMESPACE
    return {key: schema[key] for key in ("type", "name", "namespace", "fields")}


def derive_all() -> dict[str, dict[str, Any]]:
    """Derive the schema of every subject."""
    return {subject: derive(record_shape(model)) for subject, model in subjects().items()}


def plan_versions(
    derived: Mapping[str, dict[str, Any]], released: Mapping[str, Mapping[int, dict[str, Any]]]
) -> dict[str, int]:
    """Say which version each derived schema is: the newest released one if equal, else the next."""
    versions = {}
    for subject, schema in derived.items():
        last = max(released.get(subject, {}), default=0)
        unchanged = last > 0 and released[subject][last] == schema
        versions[subject] = last if unchanged else last + 1
    return versions


def plan_ids(ids: Mapping[str, str], names: list[str]) -> dict[str, str]:
    """Give an id to every file that has none; ids once given stay."""
    planned = dict(ids)
    following = max(map(int, ids), default=0) + 1
    for name in names:
        if name not in planned.values():
            planned[str(following)] = name
            following += 1
    return planned


def read_released(folder: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """Read the schemas that were released: subject, version, schema."""
    released: dict[str, dict[int, dict[str, Any]]] = {}
    for file in sorted(folder.glob("*.avsc")):
        subject, version = parse_file_name(file.name)
        released.setdefault(subject, {})[version] = json.loads(file.read_text(encoding="utf-8"))
    return released


def render(folder: Path = AVRO_DIR) -> dict[Path, str]:
    """Say which files must lie in the folder, and what each holds. Touches nothing."""
    derived = derive_all()
    versions = plan_versions(derived, read_released(folder / RELEASED_DIR))
    names = {subject: f"{subject}.v{versions[subject]}.avsc" for subject in derived}
    ids_file = folder / IDS_FILE.name
    ids = json.loads(ids_file.read_text(encoding="utf-8")) if ids_file.exists() else {}
    files = {folder / names[subject]: _text(schema) for subject, schema in derived.items()}
    return {**files, ids_file: _text(plan_ids(ids, list(names.values())))}


def moved_ids(folder: Path) -> list[str]:
    """Which released ids name another schema than they were released with."""
    given, released = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for path in (folder / IDS_FILE.name, folder / RELEASED_DIR / IDS_FILE.name)
    )
    return [number for number, name in released.items() if given.get(number) != name]


def main(arguments: list[str], folder: Path = AVRO_DIR) -> int:
    """Write the schemas; with `--release`, freeze the newest versions as well."""
    if arguments not in ([], ["--release"]):
        sys.stderr.write("usage: python -m schemas.avro_derive [--release]\n")
        return 2
    files = render(folder)
    if moved := moved_ids(folder):
        sys.stderr.write(
            f"other schemas than were released bear the ids {', '.join(moved)}: records that were "
            f"written would be read wrongly; put {IDS_FILE.name} back\n"
        )
        return 1
    changed = [path for path, text in files.items() if _write(path, text)]
    if arguments:
        # All ids there are: what has one and lies in the folder is released with this.
        frozen = {path.parent / RELEASED_DIR / path.name: text for path, text in files.items()}
        changed += [path for path, text in frozen.items() if _write(path, text)]
    sys.stdout.write("".join(f"wrote {path.relative_to(folder)}\n" for path in changed))
    sys.stdout.write(f"{len(files) - 1} schemas, {len(changed)} files written\n")
    return 0


def _avro(shape: Shape, defined: set[str]) -> Plain:
    if isinstance(shape, Maybe):
        return ["null", _avro(shape.item, defined)]
    if isinstance(shape, Many):
        return {"type": "array", "items": _avro(shape.item, defined)}
    if isinstance(shape, Word):
        return "string"
    if isinstance(shape, Record):
        return _avro_record(shape, defined)
    return _AVRO[shape]


def _avro_record(shape: Record, defined: set[str]) -> Plain:
    if shape.name in defined:
        return f"{NAMESPACE}.{shape.name}"
    defined.add(shape.name)
    fields: list[dict[str, Any]] = []
    for member in shape.members:
        field = {"name": member.wire, "type": _avro(member.shape, defined)}
        fields.append(field | ({"default": member.default} if member.has_default else {}))
    if shape.keeps_unknown:
        fields.append({"name": UNKNOWN, "type": ["null", "string"], "default": None})
    return {"type": "record", "name": shape.name, "fields": fields}


def _text(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
