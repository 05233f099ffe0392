"""What does the hub do?

A seeded day of one district through a whole hub: decisions and codes, then results disclosed,
repaired and stopped at three publicity systems; shown and audited at the end.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.text import Text

from connectors.audit import AuditReport, Options, read_keys, read_site_journals, render, run_audit
from connectors.audit.dump import Dump
from connectors.audit.readers import journal_partitions, read_redis, read_topics
from connectors.child import free_port
from connectors.console.acts.raters import PageError, rate_all
from connectors.console.acts.stops import DOWN, Acts, as_json, site_figures, sites_table, split
from connectors.console.acts.together import Act, indicators_table, lines_together, told_of
from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.stories.cards import decision_card
from connectors.console.terminal.screen import SHANGHAI, progress, row, table
from connectors.console.traffic.decision_times import decision_times
from connectors.console.traffic.event_lines import LineReader
from connectors.console.traffic.generate import Preset, spec_of
from connectors.console.traffic.send import send
from connectors.console.traffic.taken_in import Intake
from connectors.departments.gateway.ways_in.token_file import OPERATORS_FILE_NAME, issue_token
from connectors.generate import generate
from connectors.generate.ratings import ratings
from connectors.generate.together import Together
from connectors.qr import qr_png
from connectors.stack import GATEWAY, ROLES, STATISTICS, WATCH, Stack
from connectors.stand_ins import StandIns
from schemas.decision import DecisionMade
from schemas.enums import Decision
from schemas.messages import DECISION_MADE, TASK_SUBMITTED
from schemas.operator import OperatorRole
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.statistics_view import StatsView
from schemas.topics import DLQ_PREFIX, IN_PREFIX, OUT_PREFIX

EVENTS_DEFAULT = 2_860
PATIENCE_S = 90.0
RATINGS_MAX = 40
QR_FILE = "inspection-code.png"
_CALLED = {
    "decision_ms_p50": "ms from event to decision, median",
    "decision_ms_p99": "ms from event to decision, 99 %",
    "seconds": "seconds for the day",
}


def register(app: typer.Typer) -> None:
    """Add `demo`."""
    command(app, "demo")(demo)


def demo(
    hub: Context,
    events: Annotated[int, typer.Option(min=100, help="How many events.")] = EVENTS_DEFAULT,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal days.")] = 1,
    rate: Annotated[float, typer.Option(min=1, help="Events a second.")] = 300.0,
) -> None:
    """Play a seeded day of a district through a whole hub of its own.

    Then audit everything it did.
    """
    home = hub.settings.data_dir / "demo"
    shutil.rmtree(home, ignore_errors=True)
    settings = _with_own_gateway(hub.settings.model_copy(update={"data_dir": home}))
    hub = replace(hub, settings=settings)
    roles = [*ROLES, GATEWAY, WATCH, STATISTICS]
    home.mkdir(parents=True)
    files = _write_day(hub, events, seed)
    day, departments = files.day, [*files.departments, files.together.filer]
    systems = StandIns(home / "stand-ins", licence=True)
    with Stack(settings, hub.note, roles=roles, departments=departments, stand_ins=systems):
        _tell_of_dashboard(hub)
        hub.note("1. the day: tasks, visits and results, department by department …")
        began = time.monotonic()
        _send(hub, day, rate)
        took_s = time.monotonic() - began
        act = Act(hub, files.together, lambda file: _send_quietly(hub, file), PATIENCE_S)
        _together(hub, act)
        acts = Acts(hub, systems, PATIENCE_S)
        acts.settle("results on their way to three systems")
        hub.note(f"3. {acts.listed()} results are disclosed, at three systems and on our own list")
        rated = _rate(hub, day, seed)
        hub.note(f"   {rated} ratings by enterprises, on their own pages")
        _stop(hub, acts, files.later, rate)
        counted = act.counted(files.year)
        hub.note("6. the auditor reads the topics, Redis and the systems' own journals …")
        dump = asyncio.run(read_topics(hub.bootstrap()))
        view = asyncio.run(read_redis(hub.redis_url(), journal_partitions(dump)))
    journals = read_site_journals(f"{site}={path}" for site, path in systems.journals().items())
    options = Options(site_journals=journals, is_settled=True)
    report = run_audit(dump, view, read_keys(settings.keys), options)
    _show(hub, dump, report, took_s, (files.together, counted))
    if not report.ok:
        raise typer.Exit(Exit.FOUND)


def _with_own_gateway(settings: Settings) -> Settings:
    """Settings of a gateway whose pages can be opened on this machine, at a port nobody has."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    more: dict[str, Any] = {"gateway_host": "127.0.0.1", "gateway_port": port, "base_url": address}
    # All enterprises of the demonstration come from one address.
    more |= {"gateway_lookups_burst": 10_000}
    # A demonstration does not wait a minute for the window of its draws to be found over.
    return settings.model_copy(update={**more, "expire_every_s": 1.0})


def _rate(hub: Context, day: Path, seed: int) -> int:
    """Some enterprises rate their visits."""
    wanted = list(islice(ratings(day.read_bytes().splitlines(), seed), RATINGS_MAX))
    try:
        return rate_all(hub.settings.base_url, wanted)
    except (OSError, PageError) as cause:
        raise CommandError(f"the enterprises' pages: {cause}", Exit.UNREACHABLE) from cause


def _tell_of_dashboard(hub: Context) -> None:
    """Say where the day can be watched, and give a way in that lasts as long as a day."""
    settings, expires = hub.settings, int(time.time()) + 86_400
    path = settings.gateway / OPERATORS_FILE_NAME
    token, _ = issue_token(path, "demo", expires, role=OperatorRole.VIEWER)
    address = f"http://{settings.gateway_host}:{settings.gateway_port}/ops"
    hub.note(f"dashboard, as long as this runs: {address}")
    hub.note(f"   sign in with {token}")


def _stop(hub: Context, acts: Acts, later: Path, rate: float) -> None:
    """Repairs are decided while one system is down; then it comes back."""
    acts.take_down()
    hub.note(f"4. {SITES[DOWN].title} is down; departments approve repairs and order stops …")
    _send(hub, later, rate)
    acts.settle("stops on their way to the others", but=[DOWN])
    owed = acts.owed()[DOWN]
    hub.note(
        f"   done everywhere else; {owed} deliveries are owed to {SITES[DOWN].title}, none lost"
    )
    acts.bring_back()
    hub.note(f"5. {SITES[DOWN].title} is back …")
    acts.settle(f"{SITES[DOWN].title} catches up")


def _together(hub: Context, act: Act) -> None:
    """A draw comes to a joint inspection; a special inspection is carried out."""
    lines, members = act.lines, len(act.lines.members)
    hub.note(
        f"2. {members} departments draw one enterprise for {lines.quarter}; the city dispatches a "
        "special inspection to a district …"
    )
    if act.play():
        hub.note("   one visit instead of three: a joint inspection, one code, a result of each")
    else:
        hub.note("   the quarter's window for draws is open today: they are compared after it")
    hub.note("   the special inspection is claimed, carried out and closed")


def _send_quietly(hub: Context, file: Path) -> None:
    """Publish a few lines and wait until they are decided; nothing is said of them."""
    nowhere = Console(file=StringIO(), quiet=True)
    _send(replace(hub, json=False, out=nowhere, err=nowhere), file, None)


def _send(hub: Context, file: Path, rate: float | None) -> None:
    """Publish a file and wait until all of it is decided."""
    # With --json the answer is one document: what `send` says goes beside it.
    beside = replace(hub, json=False, out=hub.err) if hub.json else hub
    send(beside, file, rate=rate, wait_s=PATIENCE_S)
    with hub.admin() as admin:
        intake = Intake(admin, patience_s=PATIENCE_S)
        intake.wait({name.removeprefix(IN_PREFIX) for name in admin.list_in_topics()})
        intake.wait_decided()


class Files(NamedTuple):
    """The day, what is repaired and ordered after it, what departments do together, and who."""

    day: Path
    later: Path
    together: Together
    departments: list[str]
    year: int


def _write_day(hub: Context, events: int, seed: int) -> Files:
    """Write the day, and what is repaired and ordered after it; and name its departments."""
    now = datetime.now(SHANGHAI)
    spec = spec_of(Preset.DISTRICT_DAY, now.date(), events, now, annotate=False)
    with progress(hub.err, "writing the day", None):
        parts = split(generate(spec, seed))
        together = lines_together(spec, seed, now, [*parts[0], *parts[1]])
    files = hub.settings.data_dir / "day.jsonl", hub.settings.data_dir / "stops.jsonl"
    for file, lines in zip(files, parts, strict=True):
        file.write_bytes(b"".join(map(together.with_draws, lines)))
    postings = map(LineReader().read, parts[0])
    departments = sorted({one.registers for one in postings if one.registers is not None})
    return Files(*files, together, departments, now.year)


def _show(
    hub: Context, dump: Dump, report: AuditReport, took_s: float, more: tuple[Together, StatsView]
) -> None:
    made = _decisions(dump)
    figures = _figures(dump, made, took_s)
    sites = site_figures(dump)
    picture = _write_qr(hub.settings.data_dir, made)
    together, counted = more
    told = told_of(dump, made, together)
    if hub.json:
        shares = {one.indicator.name: one.rate for one in counted.shares}
        rest = {**told.as_dict(), "indicators": shares, "audit": report.as_dict()}
        hub.emit({**figures, "sites": as_json(sites), "qr_file": str(picture), **rest})
        return
    for title, decision in (
        ("an enterprise within its cap", Decision.ISSUED),
        ("an enterprise over its cap", Decision.INTERCEPTED_OVER_CAP),
    ):
        shown = next((one for one in made if one.decision is decision and one.rule), None)
        if shown is not None:
            hub.show(Text(f"\n{title}", style="bold"), decision_card(shown))
    hub.show(*told.parts())
    totals = table("the day", "#")
    for name, value in figures.items():
        row(totals, _CALLED.get(name, name.replace("_", " ")), value)
    hub.show(
        totals,
        indicators_table(counted),
        sites_table(sites),
        f"QR picture of the issued code: {picture}",
    )
    hub.out.print(Text(render(report, width=hub.out.width)), end="", soft_wrap=True)
    if idle := [one.name for one in report.checks if not one.looked_at]:
        hub.note(f"not looked at, because the day had nothing of the kind: {', '.join(idle)}")
    hub.note("next: run a hub of your own with `hub.py up --stand-ins` (README.md)")


def _decisions(dump: Dump) -> list[DecisionMade]:
    """First decisions, as the departments got them."""
    first: dict[tuple[str, str], DecisionMade] = {}
    for _, _, records in dump.walk(OUT_PREFIX):
        for record in records:
            if record.header("ce_type") == DECISION_MADE and record.value is not None:
                one = DecisionMade.model_validate_json(record.value)
                first.setdefault((one.uscc, one.task_id), one)
    return list(first.values())


def _figures(dump: Dump, made: list[DecisionMade], took_s: float) -> dict[str, Any]:
    decisions = Counter(one.decision for one in made)
    tasks_in = sum(
        record.header("ce_type") == TASK_SUBMITTED
        for _, _, records in dump.walk(IN_PREFIX)
        for record in records
    )
    refused = sum(n for d, n in decisions.items() if d.startswith(("REJECTED", "REFUSED")))
    recorded = sum(n for d, n in decisions.items() if d.startswith("RECORDED"))
    times_ms = decision_times(dump)
    return {
        "tasks_in": tasks_in,
        "tasks_decided": len(made),
        "issued": decisions[Decision.ISSUED],
        "intercepted": decisions[Decision.INTERCEPTED_OVER_CAP],
        "refused": refused,
        "recorded_without_code": recorded,
        "cancelled_before": decisions[Decision.CANCELLED],
        "warned": sum(bool(one.warnings) for one in made),
        "dead_letters": sum(len(records) for _, _, records in dump.walk(DLQ_PREFIX)),
        "decision_ms_p50": times_ms.p50,
        "decision_ms_p99": times_ms.p99,
        "seconds": round(took_s, 1),
    }


def _write_qr(home: Path, made: list[DecisionMade]) -> Path:
    issued = next((one for one in made if one.qr_text is not None), None)
    if issued is None or issued.qr_text is None:
        raise CommandError("the day issued no code: try another --seed")
    picture = home / QR_FILE
    picture.write_bytes(qr_png(issued.qr_text))
    return picture
