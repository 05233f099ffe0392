"""Whose result is this, and what is its next version?

Source: art. 5, 9, 13; docs/semantics.md §9.
"""

from __future__ import annotations

import msgspec

from schemas.feed import Cause, Content, DisclosureState
from schemas.public_facts import DisclosureFact
from streams.rules.built import builder
from streams.rules.calendar import day_at
from streams.rules.publicity.grounds import ground_fact, ranked, state_of
from streams.rules.publicity.state import GroundState, ResultState
from streams.rules.state import SubjectState, public_of

_content, _disclosure = builder(Content), builder(DisclosureFact)


class KnownResult(msgspec.Struct, frozen=True):
    """A result on record: whose, and what is disclosed of it; None if it was never published."""

    dept: str
    disclosed: ResultState | None


def known_result(state: SubjectState, result_id: str) -> KnownResult | None:
    """The result of an id: the disclosed one, else that of the first task that has it.

    Source: art. 9 (one result of one department).
    """
    disclosed = public_of(state).results.get(result_id)
    if disclosed is not None:
        return KnownResult(disclosed.dept, disclosed)
    for task in state.tasks.values():
        if task.result_id == result_id:
            return KnownResult(task.dept, None)
    return None


def content_of(result: ResultState) -> Content:
    """What is said of a result by its last version."""
    return _content(
        {
            "task_id": result.task_id,
            "dept": result.dept,
            "inspected_on": day_at(result.inspected_on),
            "outcomes": result.outcomes,
            "found_problem": result.found_problem,
            "negative": result.negative,
            "entity_name": result.entity_name,
            "follow_up": result.follow_up,
        }
    )


def next_version(
    result_id: str,
    before: ResultState | None,
    cause: Cause,
    grounds: tuple[GroundState, ...],
    *,
    content: Content | None = None,
    changed: str | None = None,
    at: int | None = None,
) -> DisclosureFact:
    """The fact of a change of content or grounds.

    Args:
        result_id: The result.
        before: What was disclosed of it so far; None if nothing was.
        cause: Why it changes.
        grounds: All that stand from now on.
        content: From now on; None: as before.
        changed: Name of the ground put or taken.
        at: Instant of the correction or resumption.

    Source: art. 13 (versions only rise; a result stopped before it was disclosed is on no feed).
    """
    if content is None:
        if before is None:
            raise ValueError(f"result {result_id}: a first version needs its content")
        content = content_of(before)
    standing = ranked(grounds)
    state = state_of(standing)
    version = 0 if before is None else before.version
    if version or state is DisclosureState.DISCLOSED:
        version += 1
    leading = standing[0] if standing else None
    return _disclosure(
        {
            "fact": "DISCLOSURE",
            "result_id": result_id,
            "version": version,
            "state": state,
            "cause": cause,
            "content": content,
            "reason": None if leading is None else leading.reason,
            "scope": None if leading is None else leading.scope,
            "decision_no": None if leading is None else leading.decision_no,
            "said_at": None if leading is None else leading.said_at,
            "due_on": None if leading is None else day_at(leading.due_on),
            "provisional": None if leading is None else leading.provisional,
            "grounds": tuple(ground_fact(ground) for ground in standing),
            "changed": changed,
            "at": at,
        }
    )
