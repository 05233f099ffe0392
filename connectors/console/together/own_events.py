"""How does a department's own event leave a command? Under an id that follows from its content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from connectors.console.context import CommandError, Context
from connectors.console.terminal.screen import SHANGHAI
from connectors.console.traffic.event_lines import Posting
from connectors.console.traffic.sender import Sender
from connectors.console.traffic.taken_in import Intake
from connectors.kafka_admin import KafkaAdmin
from schemas.codec import encode_json
from schemas.envelope import Envelope, write_headers
from schemas.topics import in_topic


class OwnEvent(NamedTuple):
    """One event of a department. The same `type` and `name` get the same id every time."""

    dept: str
    type: str
    name: str
    data: BaseModel
    key: str


def publish_own(hub: Context, admin: KafkaAdmin, events: Sequence[OwnEvent], wait_s: float) -> None:
    """Publish the events on their departments' topics, and return when intake has taken them in.

    Sent twice they are known as repeats.

    Raises:
        CommandError: a department has no topic, or intake does not get on.
    """
    topics = admin.partition_counts()
    for dept in {one.dept for one in events}:
        if in_topic(dept) not in topics:
            raise CommandError(
                f"department {dept} has no topic {in_topic(dept)}: enter it first "
                "(`hub registry import departments`)"
            )
    sender, now = Sender(hub.bootstrap()), datetime.now(SHANGHAI).isoformat(timespec="milliseconds")
    for dept, type_, name, data, key in events:
        envelope = Envelope(id=f"{type_}:{name}", source=dept, type=type_, time=now)
        sender.send(Posting(dept, type_, key, encode_json(data), write_headers(envelope)))
    sender.flush()
    Intake(admin, patience_s=wait_s).wait({one.dept for one in events})
