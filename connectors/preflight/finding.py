"""What was found out about an environment? One line for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    FAIL = "FAIL"
    """Something can be lost, or nothing can be done: put it right first."""
    WARN = "WARN"
    """It will do, but not for ever, or not for the real thing."""
    OK = "OK"


class Check(StrEnum):
    """What is looked at; the order is that of the answer."""

    SETTINGS = "settings"
    BROKER = "broker"
    TOPICS = "topics"
    ACCESS = "access"
    REDIS = "redis"
    CLOCK = "clock"
    CALENDAR = "calendar"
    KEYS = "keys"
    POLICY = "policy"
    SITES = "sites"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        about: which thing.
        found: how it is.
        todo: what to do about it; empty: nothing.
    """

    check: Check
    level: Level
    about: str
    found: str
    todo: str = ""


def fail(check: Check, about: str, found: str, todo: str) -> Finding:
    """Something that must be put right."""
    return Finding(check, Level.FAIL, about, found, todo)


def warn(check: Check, about: str, found: str, todo: str) -> Finding:
    """Something that should be put right."""
    return Finding(check, Level.WARN, about, found, todo)


def fine(check: Check, about: str, found: str) -> Finding:
    """Something that is as it must be."""
    return Finding(check, Level.OK, about, found)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst of them; OK of none."""
    levels = {one.level for one in findings}
    return next((level for level in Level if level in levels), Level.OK)
