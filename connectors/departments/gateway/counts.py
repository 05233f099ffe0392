"""How often did what happen? Counters of this process, in the text form that Prometheus reads."""

from __future__ import annotations

from collections import Counter

_HELP = {
    "events": "Events by outcome.",
    "answers": "HTTP answers by status.",
    "foreign": "Events in another department's name.",
    "denied": "Requests without good credentials, by reason.",
    "scans": "Scan pages by verdict.",
    "entries": "Entries recorded by the page.",
    "personal_reads": "Reads of a personal field.",
}


class Counts:
    """Counters by name and one label. No label ever holds a personal name or a credit code."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, label: str, count: int = 1) -> None:
        """Count something that happened."""
        self._counts[name, label] += count

    def of(self, name: str, label: str) -> int:
        """How often it happened."""
        return self._counts[name, label]

    def text(self) -> str:
        """All of it, in the exposition format."""
        lines = []
        for name, meaning in _HELP.items():
            lines += [f"# HELP insp_gateway_{name}_total {meaning}"]
            lines += [f"# TYPE insp_gateway_{name}_total counter"]
            lines += [
                f'insp_gateway_{name}_total{{what="{label}"}} {count}'
                for (one, label), count in sorted(self._counts.items())
                if one == name
            ]
        return "\n".join(lines) + "\n"
