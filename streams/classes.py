"""May an enterprise be given this class? Not one of tomorrow, nor one that its scheme has not."""

from __future__ import annotations

from schemas.inbound import SubjectClassified
from schemas.malformed import Malformed, shown
from schemas.policy import PolicyDocument
from schemas.reasons import Refusal
from streams.rules.calendar import day_of_text


def check_class(data: SubjectClassified, said_at: str, policy: PolicyDocument | None) -> None:
    """Return if the class may be taken in.

    A scheme of which the policy says nothing has whatever classes it has.

    Args:
        data: What is said.
        said_at: The event's own time, RFC 3339.
        policy: The policy in force, if there is one.

    Raises:
        Malformed: Its day lies after the event's, or its scheme has no such class.

    Source: art. 3 (three feeds, each with its own date).
    """
    said_on = day_of_text(said_at)
    if data.as_of > said_on:
        raise Malformed(
            Refusal.FUTURE_DAY, "as_of", f"{data.as_of} found: {said_on}, or earlier, expected"
        )
    schemes = policy.scheme if policy is not None else ()
    known = next((one.shares for one in schemes if one.id == data.scheme), None)
    if known is not None and data.class_ not in known:
        raise Malformed(
            Refusal.CLASS_OUT_OF_RANGE,
            "class",
            f"{shown(data.class_)} found: one of {', '.join(known)} expected for {data.scheme}",
        )
