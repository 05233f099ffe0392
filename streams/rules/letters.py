"""How are the words of the contract abbreviated in the stored state?

Stored states outlive a release: a letter, once given, keeps its meaning for ever, and a new word
gets a new letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product

from schemas.enums import CodeState, Decision, Kind, Mode, Trigger

MODE = {Mode.ONSITE: "O", Mode.OFFSITE: "F"}
KIND = {Kind.DAILY: "D", Kind.SPECIAL: "S", Kind.CASE: "C"}
TRIGGER = {
    Trigger.PLAN: "P",
    Trigger.COMPLAINT: "C",
    Trigger.TRANSFER: "T",
    Trigger.DATA_MONITORING: "D",
    Trigger.ENTERPRISE_REQUEST: "E",
    Trigger.OFFSITE_FINDING: "F",
    Trigger.MEDIA: "M",
    Trigger.RECTIFICATION_REVIEW: "R",
    Trigger.LICENSING_VERIFY: "L",
    Trigger.SUPERIOR_SPECIAL: "S",
    Trigger.URGENT: "U",
}
EVIDENCE = {True: "+", False: "-"}
OF_SURVEY = {"+": "S", "-": "s"}
"""Evidence of a visit to an object that a survey came upon."""

UNDECIDED = "-"
"""The task itself was never seen: a tombstone, or an entry or result that came first."""

DECISION = {
    Decision.CONFLICT: "K",
    Decision.CANCELLED: "C",
    Decision.REJECTED_UNQUALIFIED: "Q",
    Decision.REJECTED_NO_APPROVAL: "A",
    Decision.REJECTED_OUT_OF_TERRITORY: "T",
    Decision.RECORDED_OUT_OF_SCOPE: "S",
    Decision.RECORDED_OFFSITE: "F",
    Decision.RECORDED_BACKFILL: "B",
    Decision.REFUSED_JOINT_MEMBER: "J",
    Decision.REFUSED_WHITELISTED: "W",
    Decision.INTERCEPTED_OVER_CAP: "X",
    Decision.ISSUED: "I",
}
CODE_STATE = {
    CodeState.NONE: "N",
    CodeState.ISSUED: "I",
    CodeState.SHOWN: "H",
    CodeState.SCANNED: "S",
    CodeState.SCAN_REFUSED: "R",
    CodeState.LICENCE_FAILED: "L",
    CodeState.COMPLETED: "D",
    CodeState.CANCELLED: "C",
    CodeState.EXPIRED: "E",
    CodeState.REVOKED: "V",
}
DECISION_OF = {letter: word for word, letter in DECISION.items()}
_MODE_OF = {letter: word for word, letter in MODE.items()}
_KIND_OF = {letter: word for word, letter in KIND.items()}
_TRIGGER_OF = {letter: word for word, letter in TRIGGER.items()}
CODE_STATE_OF = {letter: word for word, letter in CODE_STATE.items()}


@cache  # as many entries as there are natures: 132
def nature(mode: Mode, kind: Kind, trigger: Trigger, evidence: bool) -> str:  # noqa: FBT001 - a key
    """What sort of task it is, in four letters: mode, kind, trigger, and whether a clue was given.

    >>> nature(Mode.ONSITE, Kind.DAILY, Trigger.COMPLAINT, True)
    'ODC+'
    """
    return MODE[mode] + KIND[kind] + TRIGGER[trigger] + EVIDENCE[evidence]


def words_of(task_nature: str) -> tuple[Mode, Kind, Trigger, bool]:
    """Mode, kind, trigger, and whether a clue was given, of a nature in four letters.

    >>> words_of("OSC+")[3]
    True
    """
    has_clue = task_nature[3] in (EVIDENCE[True], OF_SURVEY[EVIDENCE[True]])
    return _MODE_OF[task_nature[0]], _KIND_OF[task_nature[1]], _TRIGGER_OF[task_nature[2]], has_clue


def of_survey(task_nature: str) -> str:
    """The same sort of task, of a visit to an object that a survey came upon.

    >>> of_survey("OSP-")
    'OSPs'
    """
    return task_nature[:-1] + OF_SURVEY[task_nature[-1]]


def natures(
    modes: Iterable[Mode],
    kinds: Iterable[Kind],
    barred: Iterable[Trigger],
    exempt: Iterable[Trigger],
    *,
    surveys: bool = True,
) -> frozenset[str]:
    """The natures that a cap rule sees.

    Args:
        modes: The modes that count.
        kinds: The kinds that count.
        barred: Triggers that the rule neither counts nor blocks.
        exempt: Triggers that are exempt, given a clue.
        surveys: Whether it sees visits to objects that a survey came upon.
    """
    seen = set(Trigger) - set(barred)
    lifted = set(exempt)
    found = frozenset(
        nature(mode, kind, trigger, evidence)
        for mode, kind, trigger, evidence in product(modes, kinds, seen, (True, False))
        if not (evidence and trigger in lifted)
    )
    return found | frozenset(map(of_survey, found)) if surveys else found


def is_onsite(task_nature: str) -> bool:
    """Whether a task of this nature is an on-site visit."""
    return task_nature[0] == "O"
