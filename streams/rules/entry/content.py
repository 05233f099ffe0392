"""Is this the same task as before, or another one under the same name?"""

from __future__ import annotations

from hashlib import sha256

import orjson

from schemas.inbound import TaskSubmitted

DIGEST_BYTES = 16


def content_digest(dept: str, task: TaskSubmitted) -> str:
    """The digest of all that makes a task this task, in 32 hex digits.

    The entity's name is not part of it (a renamed enterprise is inspected under the same task), nor
    are unknown fields. Order and repetition of items and officers do not matter.

    Source: docs/semantics.md §2; art. 7 (one task, one code).
    """
    # Twenty attributes of a pydantic model cost more than the digest; its dictionary costs nothing.
    of = vars(task)
    approval = of["approval"]
    content = (
        dept,
        of["mode"],
        of["kind"],
        of["trigger"],
        of["clue_no"],
        _canonical(of["items"]),
        of["planned_on"],
        of["premises_region"],
        of["assist_letter_no"],
        _canonical(of["officers"]),
        of["plan_code"],
        None if approval is None else (approval.no, approval.by, approval.mode),
        of["special_id"],
        of["joint_id"],
        of["survey"],
        of["backfill"],
    )
    return sha256(orjson.dumps(content)).hexdigest()[: 2 * DIGEST_BYTES]


def _canonical(names: tuple[str, ...]) -> tuple[str, ...] | list[str]:
    return names if len(names) < 2 else sorted(set(names))
