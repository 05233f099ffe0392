"""Have a department's events the form that the contract asks for?"""

from __future__ import annotations

from datetime import timedelta

from connectors.departments.conform.evidence import Evidence, Finding, Sent, Verdict, finding
from schemas.envelope import CLOCK_AHEAD_MAX_MS
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.malformed import shown
from schemas.messages import INBOUND, Sender
from schemas.reasons import REFUSALS
from schemas.special_words import SURVEY_PREFIX, log_named

REPEATED_SHARE_MAX = 0.05
LATE_MAX_MS = 24 * 3600 * 1000
CHINA = timedelta(hours=8)

Wrong = list[tuple[Sent, str]]


def envelope(evidence: Evidence) -> Finding:
    """Can every event's attributes be read?"""
    wrong = [(s, str(s.fault)) for s in evidence.events if s.envelope is None]
    to_do = "give id, source, type, specversion 1.0 and an RFC 3339 time with offset in every event"
    return finding("envelope", len(evidence.events), wrong, to_do)


def source(evidence: Evidence) -> Finding:
    """Does every event name its own department?"""
    events = list(evidence.readable())
    wrong = [
        (sent, f"source {shown(head.source)}") for sent, head in events
        if head.source != evidence.dept
    ]  # fmt: skip
    return finding("source", len(events), wrong, f"write {evidence.dept} as source, nothing else")


def schema(evidence: Evidence) -> Finding:
    """Is every message what its type says, and one that a department may send?"""
    events = list(evidence.readable())
    wrong: Wrong = []
    advice: list[str] = []
    for sent, head in events:
        row = INBOUND.get(head.type)
        if sent.fault is not None:
            wrong.append((sent, str(sent.fault)))
            advice.append(REFUSALS[sent.fault.reason][1])
        elif row is not None and row.sender is not Sender.DEPARTMENT:
            wrong.append((sent, f"{head.type} is not for departments to send"))
            advice.append("send only what docs/integration.md lists")
    return finding("schema", len(events), wrong, "; ".join(dict.fromkeys(advice)))


def ids(evidence: Evidence) -> Finding:
    """Has every event an id of its own?"""
    firsts: dict[str, Sent] = {}
    wrong: Wrong = []
    for sent, head in evidence.readable():
        first = firsts.setdefault(head.id, sent)
        if first.digest != sent.digest:
            wrong.append((sent, f"id {shown(head.id)} has other content at {first.place}"))
    to_do = "never use an id twice; send a repeat exactly as it was"
    return finding("ids", len(firsts), wrong, to_do)


def repeats(evidence: Evidence) -> Finding:
    """Are events sent again only when they must be?"""
    seen: set[tuple[str, str]] = set()
    wrong: Wrong = []
    looked_at = 0
    for sent, head in evidence.readable():
        looked_at += 1
        if (head.id, sent.digest) in seen:
            wrong.append((sent, f"id {shown(head.id)} again"))
        seen.add((head.id, sent.digest))
    if len(wrong) <= REPEATED_SHARE_MAX * looked_at:
        return finding("repeats", looked_at, [], "")
    to_do = (
        f"more than {REPEATED_SHARE_MAX:.0%} are repetitions: harmless, but look at your retries "
        "(idempotent producer on, wait longer than the broker's answer takes)"
    )
    return finding("repeats", looked_at, wrong, to_do, verdict=Verdict.ADVICE)


def keys(evidence: Evidence) -> Finding:
    """Is the record's key the credit code, so that one enterprise keeps one order?"""
    looked_at, foreign, weak = 0, [], []
    for sent in evidence.events:
        own_log = _own_log(sent)
        uscc = own_log or getattr(sent.data, "uscc", None)
        if uscc is None:
            continue
        looked_at += 1
        key = None if sent.key is None else sent.key.decode("utf-8", "replace")
        code = read_credit_code(uscc).code
        if key is not None and (key == own_log or (code and read_credit_code(key).code == code)):
            continue
        task_id = uscc.partition(":")[2] if own_log else getattr(sent.data, "task_id", None)
        if key is None or key == task_id:
            weak.append((sent, "no key" if key is None else "the task id is the key"))
        else:
            foreign.append((sent, f"key {shown(key)} for {shown(uscc)}"))
    if foreign:
        to_do = "the key names another enterprise: use the message's own credit code"
        return finding("keys", looked_at, foreign, to_do)
    to_do = "use the credit code as key, else events of one enterprise may overtake each other"
    return finding("keys", looked_at, weak, to_do, verdict=Verdict.ADVICE)


def _own_log(sent: Sent) -> str | None:
    """Key of the special inspection's or survey's log that an event belongs to, if to any."""
    if sent.envelope is None or sent.data is None:
        return None
    return log_named(sent.envelope.type, vars(sent.data))


def credit_codes(evidence: Evidence) -> Finding:
    """Are the credit codes ones of GB 32100-2015?"""
    looked_at, bad, odd = 0, [], []
    for sent in evidence.events:
        uscc = getattr(sent.data, "uscc", None)
        if uscc is None or uscc.startswith(SURVEY_PREFIX):
            continue
        looked_at += 1
        reading = read_credit_code(uscc)
        if reading.outcome is CreditCodeOutcome.CHECK_DIGIT:
            odd.append((sent, f"{shown(uscc)}: {reading.problem}"))
        elif reading.outcome is not CreditCodeOutcome.VALID:
            bad.append((sent, f"{shown(uscc)}: {reading.problem}"))
    if bad:
        return finding("credit codes", looked_at, bad, "send the 18 characters of the code")
    to_do = "compare with the licence; the hub takes such a code only if the object list knows it"
    return finding("credit codes", looked_at, odd, to_do, verdict=Verdict.ADVICE)


def clock(evidence: Evidence) -> Finding:
    """Does the sending system's clock go right, and does it send soon?"""
    looked_at, ahead, late = 0, [], []
    for sent in evidence.events:
        if sent.at_ms is None or sent.instant is None:
            continue
        looked_at += 1
        skew_ms = sent.instant.timestamp() * 1000 - sent.at_ms
        if skew_ms > CLOCK_AHEAD_MAX_MS:
            ahead.append((sent, f"{skew_ms / 1000:.0f} s ahead of the broker"))
        elif -skew_ms > LATE_MAX_MS:
            late.append((sent, f"sent {-skew_ms / 3_600_000:.0f} h after its own time"))
    if ahead:
        return finding("clock", looked_at, ahead, "set the clock of the sending system (NTP)")
    to_do = "send events when they happen: a cap is only kept by what the hub knows"
    return finding("clock", looked_at, late, to_do, verdict=Verdict.ADVICE)


def offsets(evidence: Evidence) -> Finding:
    """Are instants written with China's offset, or in UTC?"""
    events = [(sent, sent.instant) for sent in evidence.events if sent.instant is not None]
    wrong = [
        (sent, f"time {instant.isoformat()}")
        for sent, instant in events
        if instant.utcoffset() not in (CHINA, timedelta(0))
    ]
    to_do = "write +08:00 or Z; another offset often means that local time was mislabelled"
    return finding("offsets", len(events), wrong, to_do, verdict=Verdict.ADVICE)


def unknown_fields(evidence: Evidence) -> Finding:
    """Are there fields that the hub does not know?"""
    events = [sent for sent in evidence.events if sent.data is not None]
    wrong = [(s, ", ".join(s.unknown_fields[:5])) for s in events if s.unknown_fields]
    to_do = "kept and warned of, never judged: mind the spelling, or drop them"
    return finding("unknown fields", len(events), wrong, to_do, verdict=Verdict.ADVICE)
