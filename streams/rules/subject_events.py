"""What follows from what is said about the enterprise: its class, the whitelist, a joint task?

None of it touches a code already issued; it bears on the decisions that follow.
"""

from __future__ import annotations

from typing import cast

from schemas.facts import ClassifiedFact, Fact, WhitelistedFact
from schemas.inbound import JointFormed, SubjectClassified, WhitelistChanged
from schemas.joint_facts import JointFact
from schemas.journal import JournalEvent
from streams.rules.calendar import instant_ms
from streams.rules.notes import repeated
from streams.rules.state import SubjectState


def classified(state: SubjectState, event: JournalEvent) -> tuple[Fact, ...]:
    """The newest class counts; of two of one day, the later word.

    Source: art. 3 (classes are recomputed and pushed by each department).
    """
    data = cast("SubjectClassified", event.record.data)
    rated = state.classes.get(data.scheme)
    if rated is not None and data.as_of.toordinal() < rated.as_of:
        return repeated(None, "OLDER")
    fact = {"scheme": data.scheme, "class": data.class_, "as_of": data.as_of}
    return (ClassifiedFact.model_validate(fact),)


def whitelisted(state: SubjectState, event: JournalEvent) -> tuple[Fact, ...]:
    """The newest word, by the event's own time, on the enterprise's place on the whitelist.

    Source: art. 3.
    """
    data = cast("WhitelistChanged", event.record.data)
    said_at_ms = instant_ms(event.record.time)
    if state.whitelist is not None and said_at_ms < state.whitelist.said_at_ms:
        return repeated(None, "OLDER")
    fact = {
        "said_at_ms": said_at_ms,
        "listed": data.listed,
        "from": data.from_,
        "until": data.until,
    }
    return (WhitelistedFact.model_validate(fact),)


def joint_formed(state: SubjectState, event: JournalEvent) -> tuple[Fact, ...]:
    """A joint task was formed; it is formed once.

    Source: art. 2.
    """
    data = cast("JointFormed", event.record.data)
    if data.joint_id in state.joints:
        return repeated(None)
    fact = JointFact(
        joint_id=data.joint_id, quarter=data.quarter, members=data.members, lead=data.lead
    )
    return (fact,)
