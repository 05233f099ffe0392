"""How do a commitment, a seed and a draw get published? As the department's own events."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import BaseModel

from connectors.console.context import CommandError, Context
from connectors.console.draw_gather import Registered, registered
from connectors.console.event_lines import Posting
from connectors.console.screen import SHANGHAI
from connectors.console.sender import Sender
from connectors.console.taken_in import Intake
from connectors.draws.told import revealed, submitted
from connectors.kafka_admin import KafkaAdmin
from schemas.codec import encode_json
from schemas.draw import DrawDocument
from schemas.envelope import Envelope, write_headers
from schemas.inbound_draw import DrawCommitted
from schemas.messages import DRAW_COMMITTED, DRAW_REVEALED, DRAW_SUBMITTED
from schemas.topics import in_topic

SEEN_WAIT_S = 10.0
_POLL_S = 0.1


def publish_committed(
    hub: Context, admin: KafkaAdmin, data: DrawCommitted, wait_s: float
) -> DrawCommitted:
    """Publish a commitment; the same one published before stands as it was.

    Raises:
        CommandError: intake does not take it.
    """
    known = registered(hub, admin).commitments.get(data.draw_id)
    if known is not None:
        if known.frame_sha256 != data.frame_sha256 or known.seed_sha256 != data.seed_sha256:
            raise CommandError(
                f"{data.draw_id} was committed to by {known.dept} with other content: give this "
                "draw another draw_id"
            )
        return known
    _send(hub, admin, [(data.dept, DRAW_COMMITTED, data.draw_id, data)], wait_s)
    _wait_seen(hub, admin, data.dept, lambda found: found.commitments.get(data.draw_id) == data)
    return data


def publish_revealed(hub: Context, admin: KafkaAdmin, draw: DrawDocument, wait_s: float) -> None:
    """Publish the seed, then submit what was drawn. What was published before is not sent again.

    Raises:
        CommandError: intake does not take it.
    """
    frame = draw.frame
    known = registered(hub, admin).seeds.get(frame.draw_id)
    if known is None:
        data = revealed(draw)
        _send(hub, admin, [(frame.dept, DRAW_REVEALED, frame.draw_id, data)], wait_s)
        _wait_seen(hub, admin, frame.dept, lambda found: found.seeds.get(frame.draw_id) == data)
    events = [(frame.dept, DRAW_SUBMITTED, part.draw_id, part) for part in submitted(draw)]
    _send(hub, admin, events, wait_s)


def _send(
    hub: Context,
    admin: KafkaAdmin,
    events: Sequence[tuple[str, str, str, BaseModel]],
    wait_s: float,
) -> None:
    sender, now = Sender(hub.bootstrap()), datetime.now(SHANGHAI).isoformat(timespec="milliseconds")
    for dept, type_, name, data in events:
        if in_topic(dept) not in admin.partition_counts():
            raise CommandError(
                f"department {dept} has no topic {in_topic(dept)}: enter it first "
                "(`hub registry import departments`)"
            )
        # The same draw gets the same ids: what is sent twice is known as a repeat.
        envelope = Envelope(id=f"{type_}:{name}", source=dept, type=type_, time=now)
        sender.send(Posting(dept, type_, name, encode_json(data), write_headers(envelope)))
    sender.flush()
    Intake(admin, patience_s=wait_s).wait({dept for dept, *_ in events})


def _wait_seen(
    hub: Context, admin: KafkaAdmin, dept: str, is_there: Callable[[Registered], bool]
) -> None:
    deadline = time.monotonic() + SEEN_WAIT_S
    while not is_there(registered(hub, admin)):
        if time.monotonic() >= deadline:
            raise CommandError(
                f"intake took it from {in_topic(dept)} but did not publish it: it was refused; see "
                f"`hub dlq ls --dept {dept}`"
            )
        time.sleep(_POLL_S)
