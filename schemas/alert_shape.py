"""What is said of an alert? When it fires, how bad it is, and where it is explained."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody must look."""

    PAGE = "page"
    """Now, at night too: a deadline or an exactness is at stake."""
    TICKET = "ticket"
    """Within a working day."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Attributes:
        name: as it is shown; begins with `Hub`.
        expr: in PromQL, over metrics of the table alone.
        wait: how long it must hold, as Prometheus writes it.
        summary: one sentence, with labels as `{{ $labels.x }}`.
        page: its page in docs/runbooks, without `.md`.
    """

    name: str
    expr: str
    wait: str
    severity: Severity
    summary: str
    page: str
