"""How does a person read the report? As a table, the violations below it, one line at the end."""

from __future__ import annotations

import io

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.audit.report import AuditReport, Check

_SHOWN_MAX = 5


def render(report: AuditReport, *, width: int = 120, shown_max: int = _SHOWN_MAX) -> str:
    """The report as text; the last line is `audit: N checks, M records, V violations`.

    Args:
        report: What was found.
        width: Columns of the terminal.
        shown_max: How many violations of a check are written out.
    """
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, soft_wrap=False)
    console.print(_table(report))
    for check in report.checks:
        for violation in check.violations[:shown_max]:
            console.print(
                f"{escape(violation.check)} at {escape(violation.where)}: {escape(violation.what)}",
                soft_wrap=True,
            )
        for owed in check.owed[:shown_max]:
            text = f"{owed.check}: owed at {owed.where}: {owed.what}"
            console.print(escape(text), soft_wrap=True)
        if check.violations_total > min(shown_max, len(check.violations)):
            more = check.violations_total - min(shown_max, len(check.violations))
            console.print(f"{escape(check.name)}: {more} more")
    console.print(report.last_line, soft_wrap=True)
    return out.getvalue()


def _table(report: AuditReport) -> Table:
    table = Table(title="audit of topics and Redis")
    table.add_column("check", no_wrap=True)
    table.add_column("promise")
    table.add_column("looked at", justify="right", no_wrap=True)
    table.add_column("violations", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for check in report.checks:
        title = f"{check.title} ({check.note})" if check.note else check.title
        table.add_row(
            check.name,
            escape(title),
            f"{check.looked_at:,}",
            f"{check.violations_total:,}",
            _verdict(check),
        )
    return table


def _verdict(check: Check) -> str:
    if check.violations_total:
        return "VIOLATED"
    if check.saw_nothing:
        return "SAW NOTHING"
    if check.looked_at:
        return f"holds, {check.owed_total} owed" if check.owed_total else "holds"
    return "none there" if check.is_asked else "not looked at"
