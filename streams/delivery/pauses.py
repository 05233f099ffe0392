"""Is the site paused? The operators' topic knows, also when Redis has been wiped (decision 0007).

An operator's pause is on record before it is in Redis. A process that takes a ledger over looks
there, so that nothing is sent to a site that somebody has parked.
"""

from __future__ import annotations

import json

import structlog
from pydantic import ValidationError

from schemas.operator import Action, OperatorAction
from schemas.topics import OPERATOR
from streams.delivery.ports import Ledger
from streams.ports import Log

log = structlog.get_logger()

PAUSE = "pause"


async def restore_pause(site: str, ledger: Ledger, logs: Log, fence: str) -> None:
    """Park the site again if its last pause was never ended, and Redis does not know of it."""
    first, end = await logs.span(OPERATOR, 0)
    last = await _last(site, logs, first, end)
    while True:
        known = (await ledger.control()).get(PAUSE)
        if last is None or bool(known) is (last.action is Action.PAUSE):
            return
        if last.action is Action.RESUME and not _is_older(known, last):
            return
        paused = last.action is Action.PAUSE
        await ledger.keep(fence, PAUSE, _content(last) if paused else b"")
        log.warning("an operator's word restored from the log", site=site, action=last.action)
        # Somebody may have ended the pause meanwhile: what is said last holds.
        start, (_, end) = end, await logs.span(OPERATOR, 0)
        last = await _last(site, logs, start, end) or last


def is_paused(kept: bytes | None) -> bool:
    """Whether what is kept of a site's pause is one; nothing and an ended one are none."""
    return bool(kept)


async def _last(site: str, logs: Log, start: int, end: int) -> OperatorAction | None:
    """The last pause or resumption of the site in a stretch of the log."""
    found: OperatorAction | None = None
    async for records in logs.scan(OPERATOR, 0, start, end):
        for record in records:
            try:
                one = OperatorAction.model_validate_json(record.value or b"")
            except ValidationError:
                continue
            if one.site == site and one.action in (Action.PAUSE, Action.RESUME):
                found = one
    return found


def _content(action: OperatorAction) -> bytes:
    content = {"reason": action.reason, "who": action.by, "since": action.at}
    return json.dumps(content, ensure_ascii=False).encode()


def _is_older(known: bytes | None, resumed: OperatorAction) -> bool:
    """Whether the pause that Redis has began before it was ended."""
    try:
        since = json.loads(known or b"{}").get("since", resumed.at)
    except (ValueError, AttributeError):
        return False
    return isinstance(since, int) and since < resumed.at
