"""Are Redis, the clocks, the calendar and the key files as they must be?"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.keys import KeyRingError, open_key_ring
from connectors.preflight.finding import Check, Finding, fail, fine, warn
from connectors.redis_server import RedisProblem

SKEW_WARN_S, SKEW_FAIL_S = 1.0, 5.0
REDIS_VERSION_MIN = (6, 2)
FULL_FROM = 0.8
CALENDAR_FAIL_DAYS = 21
"""Three working days span up to twelve calendar days; a notice must be entered before that."""
_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Clocks:
    """What clocks said at the same moment, in Unix seconds; None: not known.

    `broker_s`: the newest time that the broker ever gave a record: never in the future.
    """

    ours_s: float
    redis_s: float | None = None
    broker_s: float | None = None


def judge_redis(problems: Sequence[RedisProblem], info: Mapping[str, object]) -> Iterator[Finding]:
    """What may make a Redis forget, or stop."""
    for problem in problems:
        yield fail(
            Check.REDIS, problem.fault.value, problem.text,
            "put it right, then `hub rebuild` if it may have forgotten",
        )  # fmt: skip
    version = str(info.get("redis_version", ""))
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if parts < REDIS_VERSION_MIN:
        wanted = ".".join(map(str, REDIS_VERSION_MIN))
        yield fail(Check.REDIS, "version", version or "not told", f"run Redis {wanted} or later")
    used, most = _bytes(info, "used_memory"), _bytes(info, "maxmemory")
    if most and used > FULL_FROM * most:
        yield warn(
            Check.REDIS, "memory", f"{used / most:.0%} of what it may use",
            "raise maxmemory: full, it refuses every write and the stages wait",
        )  # fmt: skip
    elif not problems:
        yield fine(Check.REDIS, "settings", f"Redis {version} forgets nothing")


def judge_clocks(clocks: Clocks) -> Iterator[Finding]:
    """Whether the clocks agree: deadlines and windows are counted by them."""
    wrong = False
    if clocks.redis_s is not None:
        skew = clocks.redis_s - clocks.ours_s
        if abs(skew) > SKEW_WARN_S:
            wrong = True
            made = fail if abs(skew) > SKEW_FAIL_S else warn
            yield made(
                Check.CLOCK, "Redis", f"is {abs(skew):.1f} s {'ahead' if skew > 0 else 'behind'}",
                "let both hosts follow one time service (chrony, NTP)",
            )  # fmt: skip
    if clocks.broker_s is not None and clocks.broker_s - clocks.ours_s > SKEW_WARN_S:
        wrong = True
        ahead = clocks.broker_s - clocks.ours_s
        yield fail(
            Check.CLOCK, "broker", f"its newest record is {ahead:.1f} s in our future",
            "let all hosts follow one time service: the journal's time is a fact for ever",
        )  # fmt: skip
    if not wrong:
        yield fine(Check.CLOCK, "clocks", "agree within a second")


def judge_calendar(today: date, ends: date | None) -> Iterator[Finding]:
    """Whether the calendar of working days reaches far enough (art. 12, 13)."""
    if ends is None:
        yield fine(Check.CALENDAR, "working days", "known for more than 40 working days")
        return
    left = (ends - today).days
    made = fail if left < CALENDAR_FAIL_DAYS else warn
    yield made(
        Check.CALENDAR, "working days", f"known until {ends.isoformat()}, {max(left, 0)} days more",
        "enter the State Council's notice: `hub calendar publish FILE.toml`",
    )  # fmt: skip


def judge_code_keys(folder: Path, today: date) -> Iterator[Finding]:
    """Whether codes of this year and of the next can be made, and nobody else can make them."""
    try:
        ring = open_key_ring(folder)
    except KeyRingError as cause:
        for line in str(cause).splitlines():
            yield fail(Check.KEYS, str(folder), line, "see docs/runbooks/rotate-keys.md")
        return
    years = {key.year for key in ring.code_keys.values()}
    if today.year not in years:
        yield fail(
            Check.KEYS, str(folder), f"no key for codes of {today.year}",
            f"`hub keys init --year {today.year}`",
        )  # fmt: skip
    if today.year + 1 not in years:
        december = 12
        made = fail if today.month == december else warn
        yield made(
            Check.KEYS, str(folder), f"no key for codes of {today.year + 1}",
            f"`hub keys init --year {today.year + 1}`: tasks of next year are planned in this one",
        )  # fmt: skip
    if not ring.signers:
        yield fail(Check.KEYS, str(folder), "no key that signs QR codes", "`hub keys init`")
    yield from judge_folder(folder)
    if {today.year, today.year + 1} <= years and ring.signers:
        found = f"{len(ring.code_keys)} code keys, {len(ring.signers)} signing keys"
        yield fine(Check.KEYS, str(folder), found)


def judge_folder(folder: Path) -> Iterator[Finding]:
    """Whether others may look into a folder of secrets."""
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & _OPEN_TO_OTHERS:
        yield warn(
            Check.KEYS, str(folder), f"has mode {mode:04o}: others may look into it",
            f"chmod 0700 {folder}",
        )  # fmt: skip


def judge_secret_file(path: Path) -> Iterator[Finding]:
    """Whether a secret is its owner's alone."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (_OPEN_TO_OTHERS | stat.S_IWUSR | stat.S_IXUSR):
        yield fail(
            Check.KEYS, str(path), f"has mode {mode:04o}, 0400 expected", f"chmod 0400 {path}"
        )
    else:
        yield fine(Check.KEYS, str(path), "is its owner's alone")


def _bytes(info: Mapping[str, object], name: str) -> int:
    value = info.get(name, 0)
    return value if isinstance(value, int) else 0
