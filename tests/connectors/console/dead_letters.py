"""Dead letters to lay down on a broker."""

from console_fakes import write

from schemas.dead_letter import DeadLetter, to_headers
from schemas.reasons import Refusal
from schemas.topics import DLQ_PREFIX, in_topic

DEPT, OTHER = "WJW-120116", "XFJ-120116"
VALUE = b'{"task_id":"T-1","entity_name":"\xe5\xa4\xa9\xe6\xb4\xa5"}'
ORIGINAL = [("ce_id", b"E-1"), ("ce_type", b"inspection.task.submitted"), ("odd", b"\xff\x00")]


def a_letter(number: int = 0, **changes) -> DeadLetter:
    return DeadLetter(
        **{
            "stage": "intake", "reason": Refusal.INVALID_FIELD, "field": "items", "message": "none",
            "topic": in_topic(DEPT), "partition": 0, "offset": number, "timestamp_ms": 1000,
            "event_type": "inspection.task.submitted", "dept": DEPT, "first_failed_at_ms": 1000,
        }
        | changes
    )  # fmt: skip


def put(bootstrap: str, *letters: DeadLetter, value: bytes | None = VALUE, original=ORIGINAL):
    for letter in letters:
        record = {
            "value": value,
            "key": b"K",
            "headers": to_headers(letter, original),
            "partition": 0,
        }
        write(bootstrap, DLQ_PREFIX + letter.stage, [record])
