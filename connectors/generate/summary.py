"""What is in a generated file? Counts, repeats, refusals, and how many caps fill up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import orjson

from connectors.generate.flaws import flaw
from connectors.generate.policy import DEFAULT_CAP, EXEMPT_TRIGGERS
from schemas.enums import Choice
from schemas.identity import read_credit_code
from schemas.messages import (
    POLICY_PUBLISHED,
    REGISTRY_SUBJECT,
    TASK_CANCELLED,
    TASK_SUBMITTED,
)
from schemas.registry import REGISTRY_SOURCE


@dataclass(slots=True)
class Summary:
    """What was counted. `events` are the lines that are not from the registries.

    Attributes:
        repeated: Lines whose source and id came before: the same event again.
        resent: Lines with a new id whose type and content came before.
        conflicting: Tasks submitted again with other content.
        refused: Lines that intake must refuse, by reason.
        capped_pairs: Pairs of department and enterprise under the default cap with a task.
        full_pairs: Those of them whose cap is reached: by tasks that are on-site, not exempt, not
            deployed by a superior, not cancelled and not stopped at a prompt.
    """

    lines: int = 0
    registry_lines: int = 0
    events: int = 0
    repeated: int = 0
    resent: int = 0
    conflicting: int = 0
    types: Counter[str] = field(default_factory=Counter)
    triggers: Counter[str] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    capped_pairs: int = 0
    full_pairs: int = 0

    @property
    def duplicate_share(self) -> float:
        """Share of events that repeat an earlier one."""
        return (self.repeated + self.resent) / max(1, self.events)

    @property
    def refused_share(self) -> float:
        """Share of events that intake must refuse."""
        return self.refused.total() / max(1, self.events)

    @property
    def full_share(self) -> float:
        """Share of the capped pairs whose cap is reached."""
        return self.full_pairs / max(1, self.capped_pairs)

    def as_dict(self) -> dict[str, Any]:
        """Give the counts and shares in a form that JSON can carry."""
        shares = {
            "duplicate_share": round(self.duplicate_share, 4),
            "refused_share": round(self.refused_share, 4),
            "full_share": round(self.full_share, 4),
        }
        # Not asdict: it would build each Counter anew, by counting its pairs.
        counts = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            **{
                name: dict(held) if isinstance(held, Counter) else held
                for name, held in counts.items()
            },
            **shares,
        }

    def text(self) -> str:
        """Give the counts for people."""
        rows = [
            f"{self.lines:,} lines: {self.registry_lines:,} of the registries,"
            f" {self.events:,} events",
            f"repeats      {self.repeated:,} the same event, {self.resent:,} the same content"
            f" ({self.duplicate_share:.1%}); {self.conflicting:,} conflicting tasks",
            f"caps filled  {self.full_pairs:,} of {self.capped_pairs:,} pairs of department and"
            f" enterprise ({self.full_share:.1%})",
            f"refused      {self.refused_share:.2%}: {_row(self.refused)}",
            f"types        {_row(self.types)}",
            f"triggers     {_row(self.triggers)}",
            f"modes        {_row(self.modes)}",
            f"kinds        {_row(self.kinds)}",
        ]
        return "\n".join(rows)


def _row(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())


class Tally:
    """Counts lines one by one, so that a file can be written and counted in one pass."""

    def __init__(self) -> None:
        self._summary = Summary()
        self._begins: datetime | None = None
        self._codes: set[str] = set()
        self._seen_ids: set[int] = set()
        self._seen_contents: set[int] = set()
        self._tasks: dict[int, tuple[int, int]] = {}
        self._pairs: dict[int, int] = {}
        self._industries: dict[str, str] = {}
        self._cap: int | None = None
        self._capped_industries: tuple[str, ...] = ()

    def add(self, line: bytes) -> None:
        """Count one line."""
        event = orjson.loads(line)
        counted = self._summary
        counted.lines += 1
        if self._begins is None:
            self._begins = datetime.fromisoformat(event["time"])
        if event["source"] == REGISTRY_SOURCE:
            counted.registry_lines += 1
            counted.types[event["type"]] += 1
            self._learn(event)
            return
        counted.events += 1
        reason = flaw(event, self._begins, self._codes)
        if reason is not None:
            counted.refused[reason.value] += 1
            return
        counted.types[event["type"]] += 1
        if not self._is_repeat(event):
            self._count_content(event)

    def summary(self) -> Summary:
        """Give what was counted so far; cheap enough to ask after every line."""
        return self._summary

    def _learn(self, event: dict[str, Any]) -> None:
        data = event["data"]
        if event["type"] == REGISTRY_SUBJECT:
            self._codes.add(data["uscc"])
            self._industries[data["uscc"]] = data["industry"]
        if event["type"] == POLICY_PUBLISHED:
            for rule in data["cap"]:
                if rule["id"] == DEFAULT_CAP:
                    self._cap = rule["max"]
                    self._capped_industries = tuple(rule["match"]["industry"])

    def _is_repeat(self, event: dict[str, Any]) -> bool:
        """Count a repeat. Hashes stand for what was seen; a file is too long to keep."""
        event_id = hash((event["source"], event["id"]))
        content = hash((event["source"], event["type"], orjson.dumps(event["data"])))
        same_event, same_content = event_id in self._seen_ids, content in self._seen_contents
        self._seen_ids.add(event_id)
        self._seen_contents.add(content)
        self._summary.repeated += same_event
        self._summary.resent += same_content and not same_event
        return same_event or same_content

    def _count_content(self, event: dict[str, Any]) -> None:
        data = event["data"]
        if event["type"] == TASK_SUBMITTED:
            self._count_task(event["source"], data)
        elif event["type"] == TASK_CANCELLED or data.get("choice") == Choice.STOP:
            pair, counts = self._tasks.pop(hash(data["task_id"]), (0, 0))
            if counts:
                self._fill(pair, -counts)

    def _count_task(self, source: str, data: dict[str, Any]) -> None:
        counted = self._summary
        task = hash(data["task_id"])
        if task in self._tasks:
            counted.conflicting += 1
            return
        counted.triggers[data["trigger"]] += 1
        counted.modes[data["mode"]] += 1
        counted.kinds[data["kind"]] += 1
        code = read_credit_code(data["uscc"]).code
        pair = hash((source, code))
        is_capped = self._industries.get(code, "").startswith(self._capped_industries or "?")
        counts = int(is_capped and _is_counted(data))
        self._tasks[task] = (pair, counts)
        if is_capped:
            self._fill(pair, counts)

    def _fill(self, pair: int, change: int) -> None:
        """Count one more or one less for a pair that is under the cap."""
        counted, cap = self._summary, self._cap
        before = self._pairs.get(pair)
        used = (before or 0) + change
        self._pairs[pair] = used
        counted.capped_pairs += before is None
        if cap is not None:
            counted.full_pairs += (used >= cap) - (before is not None and before >= cap)


def _is_counted(data: dict[str, Any]) -> bool:
    exempt = data["trigger"] in EXEMPT_TRIGGERS and data["clue_no"] is not None
    return data["mode"] == "ONSITE" and data["trigger"] != "SUPERIOR_SPECIAL" and not exempt


def summary(lines: Iterable[bytes]) -> Summary:
    """Count the lines of a generated file."""
    tally = Tally()
    for line in lines:
        tally.add(line)
    return tally.summary()
