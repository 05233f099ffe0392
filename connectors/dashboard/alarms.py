"""Is anything wrong, at one look? Pure: what was seen in, what to say of it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from connectors.console.dead_letters.letter_acts import LettersSeen
from connectors.console.systems.site_acts import SitesSeen
from connectors.dashboard.comparing import Compared
from connectors.watch.store import Pictures
from schemas.watch import Departments, Snapshot, StageView, Verdict, level

LISTED_MAX = 6
OF_DEPARTMENTS = "alarm_departments"
PAUSED = (Verdict.PAUSED_BY_BREAKER, Verdict.PAUSED_BY_OPERATOR)


class Level(IntEnum):
    """How bad it is: nothing, look at it today, act now."""

    FINE = 0
    LOOK = 1
    ACT = 2


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong. `key` names the sentence, `about` fills it in, `href` leads on."""

    level: Level
    key: str
    href: str
    about: dict[str, Any] = field(default_factory=dict)


def worst(alarms: list[Alarm]) -> Level:
    """How bad it is altogether."""
    return max((one.level for one in alarms), default=Level.FINE)


def listed(alarms: list[Alarm]) -> list[Alarm]:
    """Those that stand on the strip: the first, and departments whatever else is wrong."""
    return [one for at, one in enumerate(alarms) if at < LISTED_MAX or one.key == OF_DEPARTMENTS]


def alarms_of(
    pictures: Pictures,
    sites: SitesSeen | None,
    letters: LettersSeen | None,
    faults: list[str],
    compared: Mapping[str, Compared],
    now_ms: int,
    name_of: Callable[[str], str] = str,
) -> list[Alarm]:
    """All that is wrong; None where that could not be seen (`faults` say why)."""
    picture, departments = pictures
    found = [Alarm(Level.ACT, "alarm_unseen", "/ops", {"fault": fault}) for fault in faults]
    found += _watch_alarms(picture, now_ms)
    found += _site_alarms(sites)
    found += _department_alarms(departments, name_of)
    found += _comparison_alarms(compared)
    if letters is not None and (letters.waiting or letters.strange):
        count = letters.waiting + len(letters.strange)
        found.append(Alarm(Level.LOOK, "alarm_letters", "/ops/letters", {"n": count}))
    return sorted(found, key=lambda one: -one.level)


def _watch_alarms(picture: Snapshot | None, now_ms: int) -> Iterator[Alarm]:
    if picture is None or picture.stale(now_ms):
        key = "alarm_no_watch" if picture is None else "alarm_stale_watch"
        yield Alarm(Level.ACT, key, "/ops")
    if picture is None:
        return
    for one in picture.stages:
        yield from _stage_alarms(one)
    if picture.calendar_ends is not None:
        yield Alarm(Level.LOOK, "alarm_calendar", "/ops/policy", {"day": picture.calendar_ends})
    if picture.canary is not None and picture.canary.fault:
        about = {"fault": picture.canary.fault, "n": picture.canary.failed}
        yield Alarm(Level(level(picture.canary.verdict)), "alarm_canary", "/ops", about)
    for fault in picture.faults:
        yield Alarm(Level.LOOK, "alarm_unmeasured", "/ops", {"fault": fault})


def _stage_alarms(one: StageView) -> Iterator[Alarm]:
    about: dict[str, Any] = {"stage": one.stage.value, "site": one.site}
    if one.overdue:
        yield Alarm(Level.ACT, "alarm_overdue", "/ops/deadlines", {**about, "n": one.overdue})
    if one.will_miss:
        yield Alarm(Level.ACT, "alarm_will_miss", "/ops/deadlines", {**about, "n": one.will_miss})
    # Pauses are told once, with their reason, from the site itself.
    if level(one.verdict) and one.verdict not in PAUSED:
        about |= {"verdict": one.verdict, "lag": one.lag}
        yield Alarm(Level(level(one.weighs)), "alarm_stage", "/ops", about)


def _comparison_alarms(compared: Mapping[str, Compared]) -> Iterator[Alarm]:
    for site, one in compared.items():
        href, fault = f"/ops/sites/{site}", one.fault or (one.found.fault if one.found else "")
        if one.found is not None and one.found.known_differing:
            about = {"site": site, "n": one.found.known_differing}
            yield Alarm(Level.ACT, "alarm_differ", href, about)
        elif fault:
            yield Alarm(Level.LOOK, "alarm_not_compared", href, {"site": site, "fault": fault})


def _department_alarms(
    departments: Departments | None, name_of: Callable[[str], str]
) -> Iterator[Alarm]:
    """One a verdict: how many departments it is said of, and which, by name."""
    for verdict in Verdict:
        some = [
            name_of(one.dept)
            for one in (departments.departments if departments else ())
            if one.verdict is verdict
        ]
        if some and level(verdict):
            about = {"dept_verdict": verdict, "n": len(some), "depts": tuple(some)}
            yield Alarm(Level(level(verdict)), OF_DEPARTMENTS, "/ops/departments", about)


def _site_alarms(sites: SitesSeen | None) -> Iterator[Alarm]:
    if sites is None:
        return
    for site, one in sites.ledgers.items():
        href = f"/ops/sites/{site}"
        if one.breaker_state != "CLOSED":
            about = {"site": site, "state": one.breaker_state}
            yield Alarm(Level.ACT, "alarm_breaker", href, about)
        if one.pause is not None:
            about = {"site": site, "why": one.pause["reason"], "who": one.pause["who"]}
            yield Alarm(Level.LOOK, "alarm_paused", href, about)
        if one.lanes["rejected"]:
            refused = {"site": site, "n": one.lanes["rejected"]}
            yield Alarm(Level.ACT, "alarm_refused", href, refused)
        if one.feed_next is None and one.feed_end:
            yield Alarm(Level.ACT, "alarm_no_ledger", href, {"site": site})
