"""Which messages travel on which topics, with which payload and headers? Rows for AsyncAPI.

Made from the tables of the vocabulary; nothing is said here that stands there already.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from schemas import avro_schemas
from schemas.avro_schemas import journal_subject
from schemas.codec import AVRO, JSON
from schemas.dead_letter import DEAD_LETTER
from schemas.facts import Decided
from schemas.feed import (
    DISCLOSURE,
    DISCLOSURE_DIGEST,
    DISCLOSURE_RECEIPT,
    Digest,
    Disclosure,
    Receipt,
)
from schemas.generations import JournalGenerations
from schemas.messages import (
    INBOUND,
    OUTBOUND,
    SUBJECT_CLASSIFIED,
    WHITELIST_CHANGED,
    InboundType,
    Place,
    Sender,
)
from schemas.operator import OperatorAction, ReplayMark

SCHEMA_REF = "#/components/schemas/{model}"
AVRO_FORMAT = "application/vnd.apache.avro+json;version=1.9.0"
ALSO_FROM_REGISTRY = frozenset({SUBJECT_CLASSIFIED, WHITELIST_CHANGED})
"""Sent by departments, and by the administrators too (art. 3)."""

HeaderSet = Literal["CloudEventHeaders", "ControlHeaders", "PlainHeaders", "DeadLetterHeaders"]

_CORRELATED_BY = ("task_id", "repair_id", "result_id", "event_id", "special_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message: a type in one encoding.

    Attributes:
        name: its name in the document: the event type, `.avro` behind it for the Avro encoding.
        type: the CloudEvents type; None where the record is no event.
        subject: its Avro subject; None for JSON.
        model: what its payload is; None where that is whatever bytes came.
    """

    name: str
    type: str | None
    model: builtins.type[BaseModel] | None
    content_type: str
    headers: HeaderSet = "CloudEventHeaders"
    subject: str | None = None

    def payload(self) -> dict[str, Any]:
        """The payload as the document says it: a schema, or the Avro schema with its format."""
        if self.subject is not None:
            return {"schemaFormat": AVRO_FORMAT, "schema": avro_schema(self.subject)}
        if self.model is None:
            return {"description": "The original value, whatever its bytes are."}
        return {"$ref": json_schemas()[1][self.model]}

    def correlation(self) -> str | None:
        """The field by which an answer is put to what it answers."""
        fields = self.model.model_fields if self.model else {}
        return next((name for name in _CORRELATED_BY if name in fields), None)


@cache
def channel_messages() -> Mapping[str, tuple[MessageRow, ...]]:
    """The messages of every family of topics."""
    inbound = [row for row in INBOUND.values() if row.sender is not Sender.HUB]
    journalled = [row.type for row in INBOUND.values() if row.place is Place.JOURNAL]
    return {
        "in": tuple(one for row in inbound for one in _both(row.type, row.model)),
        "journal": tuple(map(_journal, journalled)),
        "decided": (_record("decided", Decided, "PlainHeaders"),),
        "out": tuple(one for name, model in OUTBOUND.items() for one in _both(name, model)),
        "feed": (_json(DISCLOSURE, Disclosure), _json(DISCLOSURE_DIGEST, Digest)),
        "receipt": (_json(DISCLOSURE_RECEIPT, Receipt),),
        "ctl.policy": tuple(_control(Place.CTL_POLICY)),
        "ctl.registry": tuple(_control(Place.CTL_REGISTRY)),
        "dlq": (_record(DEAD_LETTER, None, "DeadLetterHeaders"),),
        "operator": (_record("operator.action", OperatorAction, "PlainHeaders"),),
        "replays": (_record("replay.mark", ReplayMark, "PlainHeaders"),),
        "generations": (_record("journal.generations", JournalGenerations, "PlainHeaders"),),
    }


def sent_by(sender: Sender) -> tuple[MessageRow, ...]:
    """What one kind of sender may put on its topic."""
    return tuple(
        row for row in channel_messages()["in"] if row.type and _may_send(sender, INBOUND[row.type])
    )


@cache
def json_schemas() -> tuple[dict[str, Any], dict[type[BaseModel], str]]:
    """All JSON schemas by name, and where each model's own lies in the document."""
    models = {
        row.model: _mode(row.model)
        for rows in channel_messages().values()
        for row in rows
        if row.model is not None and row.subject is None
    }
    pairs = list(models.items())
    found, definitions = models_json_schema(pairs, ref_template=SCHEMA_REF)
    named = {name: draft_07(schema) for name, schema in definitions["$defs"].items()}
    return named, {model: found[model, mode]["$ref"] for model, mode in pairs}


def avro_schema(subject: str) -> Any:  # noqa: ANN401 - any Avro schema
    """The Avro schema a subject is written with."""
    file = avro_schemas.AVRO_DIR / avro_schemas.newest(subject).name
    return json.loads(file.read_text(encoding="utf-8"))


def draft_07(schema: Any) -> Any:  # noqa: ANN401 - any JSON schema
    """Say a schema in the words of JSON Schema draft 7, on which AsyncAPI 3.0 is built."""
    if isinstance(schema, list):
        return [draft_07(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    said = {name: draft_07(part) for name, part in schema.items()}
    if "prefixItems" in said:
        said["items"] = said.pop("prefixItems")
    if isinstance(said.get("discriminator"), dict):
        said["discriminator"] = said["discriminator"]["propertyName"]
    return said


def _may_send(sender: Sender, row: InboundType) -> bool:
    return row.sender is sender or (sender is Sender.REGISTRY and row.type in ALSO_FROM_REGISTRY)


def _mode(model: type[BaseModel]) -> JsonSchemaMode:
    """What the hub writes has every field; what it reads may leave out those with a default."""
    return "validation" if model in {row.model for row in INBOUND.values()} else "serialization"


def _both(name: str, model: type[BaseModel]) -> tuple[MessageRow, MessageRow]:
    in_avro = MessageRow(
        name=f"{name}.avro", type=name, model=model, content_type=AVRO, subject=name
    )
    return _json(name, model), in_avro


def _json(name: str, model: type[BaseModel]) -> MessageRow:
    return MessageRow(name=name, type=name, model=model, content_type=JSON)


def _journal(name: str) -> MessageRow:
    subject = journal_subject(name)
    model = avro_schemas.subjects()[subject]
    return MessageRow(name=subject, type=name, model=model, content_type=AVRO, subject=subject)


def _record(name: str, model: type[BaseModel] | None, headers: HeaderSet) -> MessageRow:
    content_type = JSON if model else "application/octet-stream"
    return MessageRow(name=name, type=None, model=model, content_type=content_type, headers=headers)


def _control(place: Place) -> Iterator[MessageRow]:
    for row in INBOUND.values():
        if row.place is place or (place is Place.CTL_REGISTRY and row.type == WHITELIST_CHANGED):
            yield _record(f"ctl.{row.type}", row.model, "ControlHeaders")
