"""How do a commitment, a seed and a draw get published? As the department's own events."""

from __future__ import annotations

import time
from collections.abc import Callable

from connectors.console.context import CommandError, Context
from connectors.console.together.draw_gather import Registered, registered
from connectors.console.together.own_events import OwnEvent, publish_own
from connectors.draws.told import revealed, submitted
from connectors.kafka_admin import KafkaAdmin
from schemas.draw import DrawDocument
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.inbound_joint import DrawSubmitted
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
    known = registered(hub, admin).draws.commitments.get(data.draw_id)
    if known is not None:
        if known.frame_sha256 != data.frame_sha256 or known.seed_sha256 != data.seed_sha256:
            raise CommandError(
                f"{data.draw_id} was committed to by {known.dept} with other content: give this "
                "draw another draw_id"
            )
        return known
    publish_own(hub, admin, [_event(data.dept, DRAW_COMMITTED, data)], wait_s)
    _wait_seen(hub, admin, data.dept, lambda found: found.draws.standing(data) == data)
    return data


def publish_revealed(hub: Context, admin: KafkaAdmin, draw: DrawDocument, wait_s: float) -> None:
    """Publish the seed, then submit what was drawn. What was published before is not sent again.

    Raises:
        CommandError: intake does not take it.
    """
    frame = draw.frame
    known = registered(hub, admin).draws.seeds.get(frame.draw_id)
    if known is None:
        data = revealed(draw)
        publish_own(hub, admin, [_event(frame.dept, DRAW_REVEALED, data)], wait_s)
        _wait_seen(hub, admin, frame.dept, lambda found: found.draws.standing(data) == data)
    events = [_event(frame.dept, DRAW_SUBMITTED, part) for part in submitted(draw)]
    publish_own(hub, admin, events, wait_s)


def _event(dept: str, type_: str, data: DrawCommitted | DrawRevealed | DrawSubmitted) -> OwnEvent:
    return OwnEvent(dept, type_, data.draw_id, data, data.draw_id)


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
