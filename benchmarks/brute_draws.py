"""Who drew the same enterprise? Plain sets over a file's lines, without the hub's rules.

A plain reading of art. 2: a draw counts if it came within the window, of an active enterprise that
the object list knows, in the department's territory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from connectors.generate.days import burst_days

CITY = "120000"
IN_SCOPE = ("91", "92", "93")


@dataclass(slots=True)
class Overlaps:
    """What the draws of a file come to.

    Attributes:
        who: enterprise -> departments that drew it.
        lines: enterprise and department -> its lines of business that drew it.
        objects: drawn objects in all, those that do not count included; each draw once.
    """

    who: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    lines: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    objects: int = 0

    def shared(self) -> dict[str, set[str]]:
        """Enterprises that several departments drew, or several lines of one."""
        return {
            uscc: depts
            for uscc, depts in self.who.items()
            if len(depts) > 1 or any(len(self.lines[uscc, dept]) > 1 for dept in depts)
        }


def overlaps(lines: Iterable[bytes], year: int, quarter: int) -> Overlaps:
    """The overlaps of a file by plain sets."""
    departments: dict[str, dict[str, Any]] = {}
    subjects: dict[str, dict[str, Any]] = {}
    seen: set[tuple[str, str]] = set()
    found, end = Overlaps(), burst_days(year, quarter)[-1]
    for line in lines:
        event = orjson.loads(line)
        data = event["data"]
        if event["type"] == "registry.department":
            departments[data["dept"]] = data
        elif event["type"] == "registry.subject":
            subjects[data["uscc"]] = data
        elif event["type"] == "draw.submitted":
            name = (event["source"], data["draw_id"])
            if name in seen:
                continue
            seen.add(name)
            found.objects += len(set(data["objects"]))
            if date.fromisoformat(event["time"][:10]) > end:
                continue
            region = departments[event["source"]]["region"]
            for uscc in set(data["objects"]):
                known = subjects.get(uscc)
                if known is None or known["status"] != "ACTIVE" or uscc[:2] not in IN_SCOPE:
                    continue
                if region in (CITY, known["region"]):
                    found.who[uscc].add(event["source"])
                    found.lines[uscc, event["source"]].add(data["line"] or "")
    return found
