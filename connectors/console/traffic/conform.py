"""Does a department's integration do what the contract asks? `hub conform`, to be run by it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.stories.recent import NEWEST_DEFAULT, scan_newest
from connectors.console.terminal.screen import SHANGHAI, card, progress
from connectors.console.traffic.event_lines import LineFault, LineReader, Posting
from connectors.console.traffic.logs import LogRecord, headers_of, scan, spans_of
from connectors.departments.conform.evidence import Evidence, Finding, Sent, Verdict, finding
from connectors.departments.conform.gather import Gathering
from connectors.departments.conform.table import judge
from connectors.departments.sdk.events import Event
from connectors.departments.sdk.over_http import HttpTransport
from connectors.departments.sdk.transport import NotNow, Refused
from schemas.identity import dept_fault
from schemas.messages import POLICY_PUBLISHED
from schemas.topics import CTL_POLICY, CTL_REGISTRY, in_topic, out_topic

TRIED_OUT_MAX = 200
_STYLE = {Verdict.RIGHT: "green", Verdict.ADVICE: "yellow", Verdict.FIX: "bold red"}


def register(app: typer.Typer) -> None:
    """Add `conform`."""
    command(app, "conform")(conform)


def conform(
    hub: Context,
    dept: Annotated[str, typer.Option(help="The department's registry code.")],
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.jsonl", exists=True, dir_okay=False,
            help="Judge these events, one CloudEvent a line, instead of those on the topic.",
        ),
    ] = None,
    newest: Annotated[
        int, typer.Option(min=1, help="How many of the newest events to look at.")
    ] = NEWEST_DEFAULT,
    http: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Also ask this gateway what it would say to them."),
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Its bearer token.")
    ] = None,
) -> None:  # fmt: skip
    """Check what a department sends against the contract. Ends with 1 if something must be fixed.

    Reads the topic, registries and answers; with --file nothing but the file. Changes nothing.
    """
    fault = dept_fault(dept)
    if fault is not None:
        raise CommandError(f"--dept {dept!a} {fault}", Exit.USAGE)
    gathering = Gathering(dept, datetime.now(SHANGHAI).date())
    if file is None:
        _from_topics(hub, gathering, newest)
    else:
        _from_file(gathering, file, newest)
    evidence = gathering.evidence()
    findings = judge(evidence)
    if http is not None:
        findings.append(_tried_out(hub, evidence, http, token_file))
    _tell(hub, evidence, findings)
    if any(one.verdict is Verdict.FIX for one in findings):
        raise typer.Exit(Exit.FOUND)


def _from_topics(hub: Context, gathering: Gathering, newest: int) -> None:
    def event(record: LogRecord) -> None:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        gathering.event(place, record.headers, record.value, record.key, record.timestamp)

    def control(record: LogRecord) -> None:
        name = (record.key or b"").decode("utf-8", "replace")
        kind = POLICY_PUBLISHED if record.topic == CTL_POLICY else name.partition(":")[0]
        gathering.control(kind, record.value or b"")

    def answer(record: LogRecord) -> None:
        gathering.answer(headers_of(record).get("ce_type") or "", record.value)

    with hub.admin() as admin:
        if in_topic(gathering.dept) not in admin.partition_counts():
            raise CommandError(
                f"there is no topic {in_topic(gathering.dept)}, or you may not read it: is the "
                "department registered? With --file events of a file are judged"
            )
        registries = spans_of(admin, [CTL_REGISTRY, CTL_POLICY])
    scan(hub, registries, control, "reading the registries")
    scan_newest(hub, [in_topic(gathering.dept)], newest, event)
    scan_newest(hub, [out_topic(gathering.dept)], 2 * newest, answer)


def _from_file(gathering: Gathering, file: Path, newest: int) -> None:
    reader = LineReader()
    kept: list[Posting] = []
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            try:
                posting = reader.read(line, number)
            except LineFault:
                # What cannot even be sent is shown as an event without attributes.
                posting = Posting(gathering.dept, "", None, line, [], line=number)
            if posting.from_registry:
                gathering.control(posting.type, posting.value or b"")
            elif posting.dept == gathering.dept:
                kept.append(posting)
    for posting in kept[-newest:]:
        key = posting.key
        gathering.event(f"line {posting.line}", posting.headers, posting.value, key, None)


def _tried_out(hub: Context, evidence: Evidence, url: str, token_file: Path | None) -> Finding:
    """What the gateway would say to the newest events."""
    try:
        transport = HttpTransport(url, evidence.dept, token_file=token_file)
    except ValueError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause
    events = [(sent, event) for sent in evidence.events if (event := _event(sent)) is not None]
    events = events[-TRIED_OUT_MAX:]
    wrong: list[tuple[Sent, str]] = []
    with progress(hub.err, "asking the gateway", len(events)) as bar:
        for number, (sent, event) in enumerate(events, 1):
            said = transport.try_out(event)
            if isinstance(said, NotNow):
                raise CommandError(
                    f"{url} did not answer as a gateway: {said.message}", Exit.UNREACHABLE
                )
            if isinstance(said, Refused):
                wrong.append((sent, f"{said.code}: {said.message}"))
            bar.at(number)
    transport.close()
    return finding("gateway", len(events), wrong, "put right what the gateway names")


def _event(sent: Sent) -> Event | None:
    if sent.envelope is None or sent.data is None:
        return None
    data = sent.data.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Event(sent.envelope.type, data, sent.envelope.id, sent.envelope.time)


def _tell(hub: Context, evidence: Evidence, findings: list[Finding]) -> None:
    counts = {verdict: sum(1 for one in findings if one.verdict is verdict) for verdict in Verdict}
    if hub.json:
        hub.emit(
            {
                "dept": evidence.dept,
                "events": len(evidence.events),
                "counts": {verdict.value: count for verdict, count in counts.items()},
                "checks": [asdict(one) for one in findings],
            }
        )
        return
    hub.show(*(_card(one) for one in findings))
    hub.show(
        f"{evidence.dept}: {len(evidence.events):,} events looked at; "
        f"{counts[Verdict.RIGHT]} checks right, {counts[Verdict.ADVICE]} with advice, "
        f"{counts[Verdict.FIX]} to fix, "
        f"{counts[Verdict.NOT_SEEN]} not seen"
    )


def _card(one: Finding) -> RenderableType:
    heading = Text.assemble(
        (f"{one.verdict.value:<8}", _STYLE.get(one.verdict, "dim")), f" {one.check}"
    )
    of = f"{one.wrong:,} of {one.looked_at:,}" if one.wrong else None
    rows: list[tuple[str, RenderableType | None]] = [("wrong", of)]
    rows += [("such as", example) for example in one.examples]
    rows.append(("to do", one.to_do or None))
    return card(heading, rows, apart=False)
