"""Which schemas can a consumer ask for? Every released version, under its id and under two names.

The names are the record's full name, `inspection.TaskSubmitted` (what clients call
RecordNameStrategy), and the event type, `inspection.task.submitted`. See docs/decisions/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from connectors.departments.compatibility import Level, level_of
from schemas import avro_schemas
from schemas.avro_normal import full_name, normal


@dataclass(frozen=True, slots=True)
class Released:
    """One version of one message's schema; `type` is its event type, `text` the file's content."""

    schema_id: int
    type: str
    version: int
    text: str

    @property
    def schema(self) -> dict[str, Any]:
        """The schema itself."""
        schema: dict[str, Any] = json.loads(self.text)
        return schema

    @property
    def subjects(self) -> tuple[str, str]:
        """Both names under which it can be asked for."""
        return full_name(self.schema), self.type


class Catalogue:
    """Finds released schemas by id, by name and version, and by their content."""

    def __init__(self, released: Iterable[Released]) -> None:
        self.by_id: Mapping[int, Released] = {one.schema_id: one for one in released}
        self._by_subject: dict[str, dict[int, Released]] = {}
        for one in sorted(self.by_id.values(), key=lambda one: one.version):
            for subject in one.subjects:
                self._by_subject.setdefault(subject, {})[one.version] = one

    def subjects(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._by_subject)

    def versions(self, subject: str) -> Mapping[int, Released]:
        """The versions of a subject, oldest first; empty if there is no such subject."""
        return self._by_subject.get(subject, {})

    def newest(self, subject: str) -> Released | None:
        """The version a subject is written with today."""
        return max(self.versions(subject).values(), key=lambda one: one.version, default=None)

    def same(self, subject: str, schema: Any) -> Released | None:  # noqa: ANN401 - any JSON
        """The version of a subject that says the same as this schema, the newest first.

        Raises:
            NoAvroSchema: it is none.
        """
        wanted = normal(schema)
        found = (one for one in self.versions(subject).values() if normal(one.schema) == wanted)
        return max(found, key=lambda one: one.version, default=None)

    def level(self, subject: str) -> Level | None:
        """What a subject's next version must stand by; None if there is no such subject."""
        newest = self.newest(subject)
        return level_of(newest.type) if newest else None


@cache
def shipped() -> Catalogue:
    """The schemas of this version of the hub."""
    return Catalogue(
        Released(
            file.schema_id,
            file.subject,
            file.version,
            (avro_schemas.AVRO_DIR / file.name).read_text(encoding="utf-8"),
        )
        for file in avro_schemas.by_id().values()
    )
