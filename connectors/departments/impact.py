"""Whom would a changed schema break? Judged by what each department was last seen to use.

Pure: what was seen goes in, who would break comes out.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.departments.compatibility import problems
from connectors.departments.json_fit import misfits
from connectors.departments.schema_catalogue import Catalogue
from schemas.avro_normal import normal
from schemas.avro_wire import HEAD_BYTES, MAGIC
from schemas.codec import AVRO
from schemas.envelope import Headers, read_record
from schemas.malformed import Malformed
from schemas.messages import INBOUND, OUTBOUND
from schemas.topics import dept_of_in_topic

SAMPLES_MAX = 50


@dataclass(slots=True)
class Use:
    """How one department sends one type: with a schema, or as JSON (`schema_id` None).

    `samples` are the newest JSON values; `last` is the place of the newest record.
    """

    dept: str
    type: str
    schema_id: int | None
    records: int = 0
    last: str = ""
    last_at_ms: int = -1
    samples: deque[Any] = field(default_factory=lambda: deque(maxlen=SAMPLES_MAX))


@dataclass(frozen=True, slots=True)
class Impact:
    """What a changed schema means to one department; `breaks` is empty if it goes on as before."""

    dept: str
    encoding: str
    schema_id: int | None
    records: int
    last: str
    last_at_ms: int
    breaks: tuple[str, ...]


class Seen:
    """What departments were seen to send."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._uses: dict[tuple[str, str, int | None], Use] = {}
        self.unreadable = 0
        """Records that intake refuses anyway: nobody relies on them."""

    def take(
        self, topic: str, at: tuple[int, int], time_ms: int, headers: Headers, value: bytes | None
    ) -> None:
        """Look at one record of a department's topic; `at` is its partition and offset."""
        dept = dept_of_in_topic(topic)
        if dept is None:
            return
        try:
            envelope, content = read_record(headers, value)
            schema_id, sample = self._encoding(content.value, content.type)
        except (Malformed, ValueError, LookupError):
            self.unreadable += 1
            return
        key = (dept, envelope.type, schema_id)
        use = self._uses.setdefault(key, Use(*key))
        use.records += 1
        if schema_id is None:
            use.samples.append(sample)
        if time_ms >= use.last_at_ms:
            use.last, use.last_at_ms = f"{topic}/{at[0]}/{at[1]}", time_ms

    def of(self, type_name: str) -> list[Use]:
        """Who sends this type, by department."""
        found = [use for use in self._uses.values() if use.type == type_name]
        return sorted(found, key=lambda use: (use.dept, use.schema_id or 0))

    def _encoding(self, value: bytes, media_type: str | None) -> tuple[int | None, Any]:
        is_avro = media_type.startswith(AVRO) if media_type else value[:1] == bytes([MAGIC])
        if not is_avro:
            return None, json.loads(value)
        schema_id = int.from_bytes(value[1:HEAD_BYTES])
        return self._catalogue.by_id[schema_id].schema_id, None


def senders_impact(schema: Any, uses: Iterable[Use], catalogue: Catalogue) -> list[Impact]:  # noqa: ANN401
    """What a new schema of an inbound type means to those who send it.

    Raises:
        ValueError: it is no Avro schema.
    """
    found = []
    for use in uses:
        if use.schema_id is None:
            breaks = sorted({text for sample in use.samples for text in misfits(schema, sample)})
        else:
            breaks = problems(schema, catalogue.by_id[use.schema_id].schema)
        encoding = "JSON" if use.schema_id is None else "AVRO"
        found.append(
            Impact(
                use.dept, encoding, use.schema_id, use.records, use.last, use.last_at_ms,
                tuple(breaks),
            )
        )  # fmt: skip
    return found


def readers_impact(
    schema: Any,  # noqa: ANN401 - any JSON
    type_name: str,
    formats: Mapping[str, str],
    catalogue: Catalogue,
) -> list[Impact]:
    """What a new schema of an answer means to those who read it; `formats`: JSON or AVRO each.

    Raises:
        ValueError: it is no Avro schema.
    """
    newest = catalogue.newest(type_name)
    if newest is None:
        return []
    breaks = {"AVRO": problems(newest.schema, schema), "JSON": _gone(newest.schema, schema)}
    return [
        Impact(
            dept, held, newest.schema_id if held == "AVRO" else None, 0, "", -1,
            tuple(breaks[held]),
        )
        for dept, held in sorted(formats.items())
    ]  # fmt: skip


def concerns_departments(type_name: str) -> bool:
    """Does any department send or read this message?"""
    return type_name in INBOUND or type_name in OUTBOUND


def _gone(former: Any, schema: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Fields that a reader of JSON relies on and would no longer find, or find changed."""
    now = {one["name"]: one["type"] for one in normal(schema).get("fields", ())}
    was = {one["name"]: one["type"] for one in normal(former)["fields"]}
    return [
        f"`{name}` is no longer sent" if name not in now else f"`{name}` is another type"
        for name, kind in was.items()
        if now.get(name) != kind
    ]
