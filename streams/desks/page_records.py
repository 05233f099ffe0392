"""How does what is pressed on the hub's own pages get into the journal? As records of the hub.

No inbound record asked for them: somebody stood at a door with a telephone. They are judged by the
fold like any other; an id that says what was done makes the same press twice one record.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.journal import Findings, JournalRecord, Origin
from streams.accept import ForJournal
from streams.changes import HUB_SOURCE
from streams.intake import journal_record
from streams.ports import Outgoing
from streams.registry import Registry

SCAN_PAGE = "hub.scan-page"
ENTERPRISE_PAGE = "hub.enterprise-page"


def page_record(
    registry: Registry, page: str, uscc: str, event: tuple[str, str, datetime], data: BaseModel
) -> Outgoing:
    """The journal record of what was pressed on a page.

    Args:
        registry: The registries as they stand.
        page: Which page, as the record's origin.
        uscc: The enterprise's credit code.
        event: Id, type and instant.
        data: The content.

    Raises:
        LookupError: there is no policy yet, so nothing can have been issued.
    """
    version = registry.policy_version
    if version is None:
        raise LookupError("no policy was published: nothing can have been issued")
    reading = read_credit_code(uscc)
    event_id, type_, at = event
    record = JournalRecord[BaseModel].model_construct(
        id=event_id,
        type=type_,
        time=at.isoformat(timespec="seconds"),
        dept=HUB_SOURCE,
        policy_version=version,
        origin=Origin(topic=page, partition=0, offset=0),
        findings=Findings(
            in_scope=reading.in_scope,
            check_digit_ok=reading.outcome is CreditCodeOutcome.VALID,
            subject=registry.subject(uscc),
        ),
        data=data,
    )
    return journal_record(ForJournal(uscc, record))
