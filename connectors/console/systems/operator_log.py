"""Who did what to a site, and why? Written down before it is done, on a topic of its own."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError

from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.moments import now_ms
from connectors.console.traffic.logs import LogRecord, scan, spans_of
from connectors.publisher import KafkaPublisher, OutRecord
from schemas.operator import Action, OperatorAction
from schemas.topic_shape import topic_of
from schemas.topics import OPERATOR, spec_of

Reason = Annotated[str, typer.Option("--reason", help="Why; stays on record.")]
By = Annotated[str | None, typer.Option("--by", help="Who; default: your user name.")]


def write_down(
    hub: Context, site: str, action: Action, reason: str, by: str | None, about: Sequence[str] = ()
) -> OperatorAction:
    """Put an action on record; whoever calls this does it afterwards.

    Raises:
        CommandError: no reason is given.
    """
    if not reason.strip():
        raise CommandError("say why, it goes on record: --reason TEXT", Exit.USAGE)
    names = tuple(name.replace("\x1f", " ") for name in about)
    who = by or getpass.getuser()
    one = OperatorAction(
        site=site, action=action, reason=reason.strip(), by=who, at=now_ms(), about=names
    )
    with hub.admin() as admin:
        admin.apply([topic_of(spec_of("operator"), OPERATOR, hub.settings.sizing())])
    value = orjson.dumps(one.model_dump(mode="json"))
    asyncio.run(_publish(hub.bootstrap(), OutRecord(OPERATOR, 0, site.encode(), value)))
    return one


def actions(hub: Context, site: str | None) -> list[OperatorAction]:
    """What was done, to one site or to all, in order."""
    found: list[OperatorAction] = []

    def take(record: LogRecord) -> None:
        try:
            one = OperatorAction.model_validate_json(record.value or b"")
        except ValidationError:
            return
        if site in (None, one.site):
            found.append(one)

    with hub.admin() as admin:
        spans = spans_of(admin, [OPERATOR])
    scan(hub, spans, take, "reading the operators' log")
    return found


async def publish(bootstrap: str, records: Sequence[OutRecord]) -> None:
    """Publish and return when the broker has all of them."""
    publisher = KafkaPublisher(bootstrap, client_id="hub-operator")
    await publisher.start()
    try:
        await publisher.publish(records)
    finally:
        await publisher.stop()


async def _publish(bootstrap: str, record: OutRecord) -> None:
    await publish(bootstrap, [record])
