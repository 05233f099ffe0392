"""What must follow from an event about a special inspection?

Source: semantics §14; art. 4-6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.audit.days import as_day, instant_ms, shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.ladder import reason
from connectors.audit.policies import Policy
from connectors.audit.special_filing import filed
from connectors.audit.special_notes import (
    Answer,
    barred,
    fault_of,
    level_of,
    not_open,
    refused,
    repeated,
    taken,
)
from connectors.audit.special_state import (
    CLAIMED,
    CLOSED,
    FILED,
    OVERDUE,
    PROPOSED,
    REFUSED,
    WAITING,
    Special,
)
from connectors.audit.state import Enterprise

STEPS_MAX = 1000


def handle_special(entry: Entry, state: Enterprise, _policy: Policy) -> Answer:
    """The facts of an event about a special inspection.

    Raises:
        KeyError: No such event type is known.
    """
    step = entry.type.removeprefix("special.")
    if step == "filed":
        return filed(entry, state.special)
    if step == "overdue":
        return _overdue(entry, state.special)
    if state.special is None:
        return refused(entry, "UNKNOWN_SPECIAL")
    return _STEPS[step](entry, state.special)


def _agreed(entry: Entry, special: Special) -> Answer:
    by, said = entry.dept, entry.data.get("plan_digest")
    if by not in special.others:
        return refused(entry, "NOT_A_PARTY")
    if by in special.agreed:
        return repeated(entry)
    if special.status == CLOSED:
        return refused(entry, "SPECIAL_CLOSED")
    if said is not None and said != special.digest:
        return refused(entry, "PLAN_DIFFERS")
    outstanding = set(special.others) - special.agreed - {by}
    return taken(entry, "AGREED", PROPOSED if outstanding else FILED)


def _published(entry: Entry, special: Special) -> Answer:
    if entry.dept != special.filer:
        return refused(entry, "OTHER_DEPARTMENT")
    if special.published:
        return repeated(entry)
    why = "CONFIDENTIAL" if special.is_confidential else not_open(special)
    return refused(entry, why) if why else taken(entry, "PUBLISHED", special.status)


def _dispatched(entry: Entry, special: Special) -> Answer:
    data, by = entry.data, entry.dept
    if by not in special.planners:
        return refused(entry, "NOT_A_PARTY")
    if (by, instant_ms(data["at"])) in special.dispatches:
        return repeated(entry)
    if why := not_open(special):
        return refused(entry, why)
    if len(special.dispatches) >= STEPS_MAX:
        return refused(entry, "TOO_MANY_DISPATCHED")
    to, due_on = list(dict.fromkeys(data["to"])), as_day(data["due_on"])
    against = [] if level_of(entry, by) == "CITY" else [reason("NOT_CITY_LEVEL")]
    against += [reason(why, name) for name in to if (why := _unfit(entry, special, name))]
    if due_on < shanghai_day(data["at"]):
        against.append(reason("DUE_BEFORE", due_on.isoformat()))
    if against:
        return barred(entry, against)
    return taken(entry, "DISPATCHED", special.status, named=to, due_on=due_on.isoformat())


def _unfit(entry: Entry, special: Special, name: str) -> str:
    """Why a department cannot be given it; empty if it can."""
    if fault := fault_of(entry, name):
        return fault
    if level_of(entry, name) not in ("DISTRICT", "STREET"):
        return "NOT_A_DISTRICT"
    party = special.parties.get(name)
    return "ALREADY_CLAIMED" if party and party.status == CLAIMED else ""


def _claimed(entry: Entry, special: Special) -> Answer:
    by, platform = entry.dept, entry.data.get("platform") or "CITY"
    party = special.parties.get(by)
    if party is None and by not in special.planners:
        return refused(entry, "NOT_A_PARTY")
    if party and party.status == CLAIMED and party.platform == platform:
        return repeated(entry)
    why = not_open(special)
    if not why and party and party.status in (CLAIMED, REFUSED):
        why = f"ALREADY_{party.status}"
    if why := why or fault_of(entry, by):
        return refused(entry, why)
    late = bool(party and party.due and shanghai_day(entry.data["at"]) > party.due)
    reasons = [reason("LATE_CLAIM")] if late else []
    return taken(entry, "CLAIMED", special.status, platform=platform, reasons=reasons)


def _refused(entry: Entry, special: Special) -> Answer:
    party, text = special.parties.get(entry.dept), entry.data["reason"]
    if party is None or party.dispatched_by is None:
        return refused(entry, "NOT_A_PARTY")
    if party.status == REFUSED or (entry.dept, instant_ms(entry.data["at"])) in special.refusals:
        return repeated(entry)
    why = not_open(special)
    if not why and party.status == CLAIMED:
        why = "ALREADY_CLAIMED"
    if not why and not text.strip():
        why = "REASON_MISSING"
    if not why and len(special.refusals) >= STEPS_MAX:
        why = "TOO_MANY_REFUSED"
    return refused(entry, why) if why else taken(entry, "REFUSED", special.status, reason=text)


def _overdue(entry: Entry, special: Special | None) -> Answer:
    name, on = entry.data["dept"], as_day(entry.data["on"])
    party = special.parties.get(name) if special and special.status != CLOSED else None
    if special is None or party is None or party.status != WAITING or not party.due:
        return repeated(entry, "NOT_OPEN")
    if on <= party.due:
        return repeated(entry, "NOT_OPEN")
    said = {"named": [name], "due_on": party.due.isoformat()}
    return taken(entry, "OVERDUE", special.status, instant_ms(entry.time), **said)


def _closed(entry: Entry, special: Special) -> Answer:
    if entry.dept != special.filer:
        return refused(entry, "OTHER_DEPARTMENT")
    if special.status == CLOSED:
        return repeated(entry)
    silent = [n for n, party in special.parties.items() if party.status in (WAITING, OVERDUE)]
    reasons = [reason("NOT_CLAIMED", name) for name in silent]
    reasons += [reason("RESULTS_OWED", name) for name in special.owing()]
    return taken(entry, "CLOSED", CLOSED, reason=entry.data.get("summary") or "", reasons=reasons)


_STEPS: Mapping[str, Callable[[Entry, Special], Answer]] = {
    "agreed": _agreed,
    "published": _published,
    "dispatched": _dispatched,
    "claimed": _claimed,
    "refused": _refused,
    "closed": _closed,
}
