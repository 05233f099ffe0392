"""How can a record be refused? One way a function, each with the refusal that intake must give."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import orjson

from connectors.generate.envelope import (
    EXPECT_EXTENSION,
    RAW_EXTENSION,
    TOPIC_EXTENSION,
    Line,
    write_attributes,
)
from connectors.generate.subjects import credit_code, with_wrong_check
from schemas.reasons import Refusal

FAR_FUTURE = "2099-01-01T00:00:00.000+08:00"
_DEPTH = 2_000
_LONG = 10_000
_UNKNOWN_SERIAL = 31**6 - 1
"""Serial numbers from the end of the range: no enterprise of the object list has them."""

Attributes = dict[str, Any]
Fault = tuple[Refusal, Callable[[Attributes], None]]


def _set(attributes: Attributes, **fields: Any) -> None:  # noqa: ANN401 - any JSON, that is the point
    attributes["data"].update(fields)


def _raw(attributes: Attributes, value: bytes, content_type: str = "application/json") -> None:
    del attributes["data"]
    attributes["datacontenttype"] = content_type
    attributes[RAW_EXTENSION] = base64.b64encode(value).decode()


def _truncated(attributes: Attributes) -> None:
    whole = orjson.dumps(attributes["data"])
    _raw(attributes, whole[: len(whole) // 2])


def _not_utf8(attributes: Attributes) -> None:
    text = orjson.dumps(attributes["data"]).decode()
    _raw(attributes, text.encode("gb18030", errors="replace").replace(b'"', b'"\xff', 1))


def _not_a_number(attributes: Attributes) -> None:
    whole = orjson.dumps(attributes["data"])
    _raw(attributes, whole[:-1] + b',"risk_score":NaN}')


def _named_twice(attributes: Attributes) -> None:
    whole = orjson.dumps(attributes["data"])
    _raw(attributes, b'{"task_id":"OTHER",' + whole[1:])


def _unknown_credit_code(attributes: Attributes) -> None:
    code = credit_code("91", "120116", _UNKNOWN_SERIAL - len(attributes["id"]))
    _set(attributes, uscc=with_wrong_check(code))


def _foreign(attributes: Attributes) -> None:
    attributes[TOPIC_EXTENSION] = attributes["source"]
    attributes["source"] = "ZZZ-129999"


FAULTS: tuple[Fault, ...] = (
    (Refusal.INVALID_FIELD, lambda event: _set(event, planned_on=20260316)),
    (Refusal.INVALID_FIELD, lambda event: event["data"].pop("items")),
    (Refusal.INVALID_FIELD, lambda event: _set(event, officers="TJ0001")),
    (Refusal.INVALID_FIELD, lambda event: _set(event, mode="ON_SITE")),
    (Refusal.INVALID_FIELD, lambda event: _set(event, entity_name="示例\u0007名称")),
    (Refusal.INVALID_FIELD, lambda event: _set(event, entity_name="示例\u202e名称")),
    (Refusal.INVALID_FIELD, lambda event: _set(event, task_id="T" * _LONG)),
    (Refusal.INVALID_FIELD, lambda event: _set(event, task_id="TASK|1")),
    (Refusal.INVALID_FIELD, lambda event: _set(event, planned_on="2026-02-30")),
    (Refusal.INVALID_FIELD, lambda event: event["data"].pop("uscc")),
    (Refusal.CREDIT_CODE, lambda event: _set(event, uscc="91120116MAOO00000I")),
    (Refusal.CREDIT_CODE, lambda event: _set(event, uscc="91120116MA05")),
    (Refusal.OLD_REGISTRATION_NUMBER, lambda event: _set(event, uscc="120116000012345")),
    (Refusal.CREDIT_CODE_CHECK_DIGIT, _unknown_credit_code),
    (Refusal.UNKNOWN_TYPE, lambda event: event.update(type="inspection.task.created")),
    (Refusal.NOT_FOR_DEPARTMENTS, lambda event: event.update(type="registry.officer")),
    (Refusal.NOT_FOR_DEPARTMENTS, lambda event: event.update(type="inspection.code.expired")),
    (Refusal.FUTURE_TIME, lambda event: event.update(time=FAR_FUTURE)),
    (Refusal.ENVELOPE, lambda event: event.pop("time")),
    (Refusal.ENVELOPE, lambda event: event.update(time=event["time"][:19])),
    (Refusal.ENVELOPE, lambda event: event.update(specversion="0.3")),
    (Refusal.FOREIGN_SOURCE, _foreign),
    (Refusal.UNDECODABLE, _truncated),
    (Refusal.UNDECODABLE, _not_utf8),
    (Refusal.UNDECODABLE, _named_twice),
    (Refusal.INVALID_FIELD, _not_a_number),
    (Refusal.UNDECODABLE, lambda event: _raw(event, b"\x00\x01", "text/plain")),
    (Refusal.TOO_DEEP, lambda event: _raw(event, b"[" * _DEPTH + b"]" * _DEPTH)),
    (Refusal.EMPTY, lambda event: _raw(event, b"")),
    (
        Refusal.UNKNOWN_SCHEMA,
        lambda event: _raw(event, b"\x00\x00\x0f\x42\x3f\x02\x04", "application/avro"),
    ),
)
"""Every way to be refused that a line of a file can show, with the reason intake must give."""


class Spoiler:
    """Writes lines that must be refused, each fault in turn."""

    def __init__(self, *, annotate: bool) -> None:
        self._annotate = annotate
        self._written = 0

    def spoil(self, template: Line, time: str) -> bytes:
        """Write a line that would be a good task but for one fault.

        It has a task id of its own, so that nothing of an accepted task changes when it is refused.
        """
        self._written += 1
        reason, fault = FAULTS[self._written % len(FAULTS)]
        task_id = f"{template.source}-F-{self._written:06d}"
        attributes: Attributes = {
            "specversion": "1.0",
            "id": task_id,
            "source": template.source,
            "type": template.type,
            "time": time,
        }
        if self._annotate:
            attributes[EXPECT_EXTENSION] = f"DLQ:{reason}"
        attributes["data"] = {**orjson.loads(template.data), "task_id": task_id}
        fault(attributes)
        return write_attributes(attributes)
