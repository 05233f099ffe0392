"""Is the code that was scanned good today? Asked by the enterprise at its door.

Source: art. 8.
"""

from __future__ import annotations

from datetime import date

from schemas.desk import ScanVerdict
from schemas.enums import CodeState
from streams.rules.entry.tokens import ReadToken, TokenFault
from streams.rules.letters import CODE_STATE_OF
from streams.rules.state import TaskState

_BY_STATE = {
    CodeState.REVOKED: ScanVerdict.REVOKED,
    CodeState.CANCELLED: ScanVerdict.CANCELLED,
    CodeState.COMPLETED: ScanVerdict.USED,
}


def judge_scan(token: ReadToken | TokenFault, task: TaskState | None, today: date) -> ScanVerdict:
    """What to tell whoever scanned a token.

    A refusal to scan and a failed check of the licence leave a code good: either may be put right.

    Args:
        token: What the token says.
        task: The task of its code, as the hub knows it.
        today: A day in Asia/Shanghai.

    Source: art. 8 (the enterprise verifies what it is shown; forged and void codes are told).
    """
    if isinstance(token, TokenFault):
        return ScanVerdict.FORGED
    if task is None or task.code != token.code:
        return ScanVerdict.UNKNOWN
    state = CODE_STATE_OF[task.state]
    if state in _BY_STATE:
        return _BY_STATE[state]
    if token.valid_until.year < today.year:
        return ScanVerdict.LAST_YEAR
    if state is CodeState.EXPIRED or token.is_expired(today):
        return ScanVerdict.EXPIRED
    return ScanVerdict.SCANNED if state is CodeState.SCANNED else ScanVerdict.GOOD
