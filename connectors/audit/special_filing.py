"""Must this special inspection be put on record? Whole, or not at all.

Source: semantics §14; art. 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from connectors.audit.compare import normal_code
from connectors.audit.days import as_day, instant_ms, shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.ladder import Reasons, reason
from connectors.audit.special_notes import Answer, barred, fault_of, refused, repeated, taken
from connectors.audit.special_state import FILED, PROPOSED, Special

_SYMBOLS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
_LENGTH = 18


def filed(entry: Entry, known: Special | None) -> Answer:
    """`special.filed`: all that stands against it is named, and then none of it is done."""
    data, by = entry.data, entry.dept
    listed = list(dict.fromkeys(str(normal_code(code)) for code in data.get("objects") or ()))
    digest = _digest(by, data, listed)
    if known is not None:
        if known.filer != by:
            return refused(entry, "OTHER_DEPARTMENT")
        return repeated(entry) if known.digest == digest else refused(entry, "SPECIAL_EXISTS")
    others = [name for name in dict.fromkeys(data.get("departments") or ()) if name != by]
    against = [
        reason(fault, name) for name in (by, *others) if (fault := fault_of(entry, name))
    ] + _missing(data)
    if against:
        return barred(entry, against)
    secret = bool(data.get("confidential"))
    plan = {
        "dept": by,
        "departments": others,
        "title": "" if secret else data["title"],
        "listed": listed,
        "basis": [one["sha256"] for one in data["basis_docs"]],
        "confidential": secret,
        "superior": bool(data.get("deployed_by_superior")),
        "survey": bool(data.get("survey")),
        "starts_on": as_day(data["starts_on"]).isoformat(),
        "ends_on": as_day(data["ends_on"]).isoformat(),
        "digest": digest,
    }
    return taken(entry, "FILED", PROPOSED if others else FILED, instant_ms(entry.time), plan=plan)


def _missing(data: Mapping[str, Any]) -> Reasons:
    """What a filing lacks, and which of its objects are none."""
    approval, against = data.get("approval"), []
    if not approval:
        against.append(reason("NO_APPROVAL"))
    elif not all(approval.get(name) for name in ("no", "by", "at")):
        against.append(reason("APPROVAL_INCOMPLETE"))
    elif shanghai_day(approval["at"]) > as_day(data["starts_on"]):
        against.append(reason("APPROVED_AFTERWARDS"))
    if not data.get("basis_docs"):
        against.append(reason("NO_BASIS"))
    objects = list(data.get("objects") or ())
    if not objects and not data.get("confidential") and not data.get("survey"):
        against.append(reason("NO_OBJECTS"))
    odd = [code for code in dict.fromkeys(objects) if not _is_credit_code(code)]
    return against + [reason("OBJECT_CODE", code) for code in odd]


def _is_credit_code(text: str) -> bool:
    """Whether it has the length and the symbols of one; its check character may be wrong."""
    code = str(normal_code(text))
    return len(code) == _LENGTH and set(code) <= _SYMBOLS


def _digest(by: str, data: Mapping[str, Any], listed: Sequence[str]) -> str:
    approval, names = data.get("approval"), ("title", "reference", "sha256")
    docs = [
        [*(one[name] for name in names), bool(one.get("confidential"))]
        for one in data.get("basis_docs") or ()
    ]
    content = [
        by,
        data["title"],
        sorted(docs),
        [approval.get("no"), approval.get("by"), approval.get("mode") or "PRIOR"]
        if approval
        else None,
        *(data[name] for name in ("content", "scope", "requirements")),
        bool(data.get("confidential")),
        sorted(listed),
        sorted(set(data.get("departments") or ())),
        *(bool(data.get(name)) for name in ("deployed_by_superior", "survey")),
        *(as_day(data[name]).isoformat() for name in ("starts_on", "ends_on")),
    ]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]
