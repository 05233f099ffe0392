"""What does the hub send and receive, for machines? One AsyncAPI 3.0 document, from the tables.

Said from the hub's side, as AsyncAPI wants it: the hub *receives* on `insp.in.<dept>`,
so a department sends there; the hub *sends* on `insp.out.<dept>`, so a department receives there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.asyncapi_messages import (
    MessageRow,
    avro_schema,
    channel_messages,
    json_schemas,
    sent_by,
)
from schemas.avro_schemas import by_id
from schemas.dead_letter import header_names
from schemas.messages import Sender
from schemas.topics import DAY_MS, TABLE, Cleanup, TopicSpec

ASYNCAPI_VERSION = "3.0.0"
CONTRACT_VERSION = "1"
KAFKA_BINDING = "0.5.0"

_PARAMETERS = {
    "in": "A department's registry code, such as `WJW-120116`; `REGISTRY` for the administrators.",
    "out": "A department's registry code; `REGISTRY` for the administrators.",
    "feed": "A publicity system's code, such as `CREDIT-TJ`.",
    "receipt": "A publicity system's code, such as `CREDIT-TJ`.",
    "dlq": "The stage that could not process a record: intake, decide or deliver.",
}
_SERVER = {
    "host": "{bootstrap}",
    "protocol": "kafka-secure",
    "description": "Any broker of the installation. Every address is a placeholder here.",
    "variables": {
        "bootstrap": {
            "description": "HOST:PORT as the operators give it to you.",
            "default": "kafka.hub.example:9093",
        }
    },
    "security": [
        {"$ref": "#/components/securitySchemes/scram"},
        {"$ref": "#/components/securitySchemes/certificate"},
    ],
}
_SECURITY = {
    "scram": {
        "type": "scramSha512",
        "description": "SASL/SCRAM-SHA-512 over TLS. The principal is the department; literal ACLs "
        "let it write its own `in` topic and read its own `out` topic only.",
    },
    "certificate": {"type": "X509", "description": "A client certificate of the department."},
}


def asyncapi() -> dict[str, Any]:
    """Write the whole contract as one AsyncAPI document."""
    specs = {spec.family: spec for spec in TABLE}
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": {"kafka": _SERVER},
        "channels": {family: _channel(spec) for family, spec in specs.items()},
        "operations": {name: operation for spec in TABLE for name, operation in _operations(spec)},
        "components": {
            "messages": {
                row.name: _message(row) for rows in channel_messages().values() for row in rows
            },
            "schemas": _headers() | json_schemas()[0],
            "correlationIds": _correlation_ids(),
            "securitySchemes": _SECURITY,
        },
    }


def _info() -> dict[str, Any]:
    return {
        "title": "Inspection hub",
        "version": CONTRACT_VERSION,
        "description": "Inspection events of departments in, decisions and inspection codes out, "
        "disclosures to the publicity systems. CloudEvents 1.0 in Kafka's binary mode. Operations "
        "are named from the hub's side: what it receives, others send. Names are binding and "
        "change by addition only. docs/integration.md says how a department connects.",
        "license": {"name": "Apache-2.0"},
    }


def _channel(spec: TopicSpec) -> dict[str, Any]:
    code = "{code}" in spec.template
    channel: dict[str, Any] = {
        "address": spec.template,
        "title": spec.family,
        "description": f"Written by: {spec.writers}. Read by: {spec.readers}. "
        f"Key: {spec.key_meaning}. Partitions: {spec.partitions.value}.",
        "messages": {
            row.name: _ref("messages", row.name) for row in channel_messages()[spec.family]
        },
    }
    if code:
        channel["parameters"] = {"code": {"description": _PARAMETERS[spec.family]}}
    channel["bindings"] = {"kafka": _topic_binding(spec)}
    return channel


def _topic_binding(spec: TopicSpec) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "cleanup.policy": [spec.cleanup.value],
        "max.message.bytes": spec.message_bytes_max,
    }
    if spec.cleanup is Cleanup.DELETE and spec.retention_days is not None:
        settings["retention.ms"] = spec.retention_days * DAY_MS
    if "delete.retention.ms" in spec.extra_configs:
        settings["delete.retention.ms"] = int(spec.extra_configs["delete.retention.ms"])
    binding: dict[str, Any] = {"topicConfiguration": settings, "bindingVersion": KAFKA_BINDING}
    return binding if "{code}" in spec.template else {"topic": spec.template, **binding}


def _operations(spec: TopicSpec) -> Iterable[tuple[str, dict[str, Any]]]:
    """What the hub does on a family. Only `that department` and `that site` are not the hub."""
    family, rows = spec.family, channel_messages()[spec.family]
    if family == "in":
        for sender in (Sender.DEPARTMENT, Sender.REGISTRY):
            name = f"receive.in.{sender.value.lower()}"
            yield name, _receive_in(sender)
        return
    if _is_hub(spec.writers):
        yield f"send.{family}", _operation("send", spec, rows)
    if _is_hub(spec.readers):
        yield f"receive.{family}", _operation("receive", spec, rows)


def _receive_in(sender: Sender) -> dict[str, Any]:
    who = "A department" if sender is Sender.DEPARTMENT else "The administrators (REGISTRY)"
    spec = next(spec for spec in TABLE if spec.family == "in")
    operation = _operation("receive", spec, sent_by(sender))
    operation["summary"] = f"The hub receives. {who} sends these under its own code only."
    # What is said by one is answered to the same; what cannot be accepted is told there as well.
    operation["reply"] = {
        "channel": {"$ref": "#/channels/out"},
        "messages": [_in_channel("out", row) for row in channel_messages()["out"]],
    }
    return operation


def _operation(action: str, spec: TopicSpec, rows: Iterable[MessageRow]) -> dict[str, Any]:
    others = spec.readers if action == "send" else spec.writers
    says = "sends; readers" if action == "send" else "receives; writers"
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{spec.family}"},
        "summary": f"The hub {says}: {others}.",
        "bindings": {"kafka": {"bindingVersion": KAFKA_BINDING}},
        "messages": [_in_channel(spec.family, row) for row in rows],
    }


def _is_hub(who: str) -> bool:
    """Whether a part of the hub is among them that works on it; others only look on."""
    parts = [part.strip() for part in who.split(",")]
    return any(part not in ("audit", "watch") and not part.startswith("that ") for part in parts)


def _message(row: MessageRow) -> dict[str, Any]:
    message: dict[str, Any] = {"name": row.type or row.name, "title": row.name}
    text = (row.model.__doc__ or "").split("\n\n")[0] if row.model else ""
    if text:
        message["summary"] = " ".join(text.split())
    message |= {"contentType": row.content_type, "headers": _message_headers(row)}
    message["payload"] = row.payload()
    field = row.correlation()
    if field is not None:
        message["correlationId"] = _ref("correlationIds", field)
    message["bindings"] = {"kafka": _record_binding(row)}
    return message


def _message_headers(row: MessageRow) -> dict[str, Any]:
    common = _ref("schemas", row.headers)
    if row.type is None:
        return common
    said = {"ce_type": {"const": row.type}, "content-type": {"const": row.content_type}}
    return {"allOf": [common, {"type": "object", "properties": said}]}


def _record_binding(row: MessageRow) -> dict[str, Any]:
    spec = next(s for s in TABLE if row in channel_messages()[s.family])
    binding: dict[str, Any] = {"key": {"type": "string", "description": spec.key_meaning}}
    if row.subject is not None:
        schema = avro_schema(row.subject)
        ids = [str(number) for number, file in by_id().items() if file.subject == row.subject]
        binding["key"]["description"] += (
            f". Value: a zero byte, the schema id in four bytes ({' or '.join(ids)}), then "
            f"{schema['namespace']}.{schema['name']}"
        )
        binding |= {"schemaIdLocation": "payload", "schemaIdPayloadEncoding": "confluent"}
        binding["schemaLookupStrategy"] = "RecordNameStrategy"
    return {**binding, "bindingVersion": KAFKA_BINDING}


def _headers() -> dict[str, Any]:
    text = {"type": "string"}
    content_type = {**text, "description": "application/json, or application/avro."}
    return {
        "CloudEventHeaders": {
            "type": "object",
            "description": "CloudEvents 1.0 in Kafka's binary mode; each value is UTF-8 as it "
            "stands. `ce_source` and `ce_id` together are the key under which repeats are known.",
            "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
            "properties": {
                "ce_specversion": {"const": "1.0"},
                "ce_id": {**text, "minLength": 1, "maxLength": 128},
                "ce_source": {**text, "pattern": "^[A-Za-z0-9_-]{1,64}$"},
                "ce_type": text,
                "ce_time": {**text, "format": "date-time", "description": "With its offset."},
                "ce_subject": text,
                "content-type": content_type,
                "traceparent": text,
            },
        },
        "ControlHeaders": {
            "type": "object",
            "properties": {
                "content-type": content_type,
                "hub-origin": {**text, "description": "TOPIC/PARTITION/OFFSET it came from."},
            },
        },
        "PlainHeaders": {"type": "object", "properties": {"content-type": content_type}},
        "DeadLetterHeaders": {
            "type": "object",
            "description": "What and why; the original's own headers follow as `original-…`.",
            "properties": dict.fromkeys(header_names(), text),
        },
    }


def _correlation_ids() -> dict[str, Any]:
    fields = {row.correlation() for rows in channel_messages().values() for row in rows} - {None}
    return {
        str(field): {
            "description": f"An answer carries the `{field}` of what it answers.",
            "location": f"$message.payload#/{field}",
        }
        for field in sorted(map(str, fields))
    }


def _in_channel(family: str, row: MessageRow) -> dict[str, str]:
    return {"$ref": f"#/channels/{family}/messages/{row.name}"}


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
