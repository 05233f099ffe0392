"""Which numbers are in force, and how do they change? Check, compare and publish a policy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import RenderableType

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import SHANGHAI, card, row, table
from connectors.console.traffic.event_lines import Posting
from connectors.console.traffic.logs import LogRecord, scan, spans_of
from connectors.console.traffic.sender import Sender
from connectors.console.traffic.taken_in import Intake
from connectors.kafka_admin import KafkaAdmin
from schemas.envelope import Envelope, write_headers
from schemas.messages import POLICY_PUBLISHED
from schemas.policy import PolicyDocument
from schemas.policy_file import PolicyErrors, compare, read_policy
from schemas.registry import REGISTRY_SOURCE
from schemas.topics import CTL_POLICY, in_topic

SEEN_WAIT_S = 10.0
POLL_S = 0.1

PolicyFile = Annotated[Path, typer.Argument(metavar="FILE.toml", exists=True, dir_okay=False)]


@dataclass(frozen=True, slots=True)
class Published:
    """A policy as it lies on the control topic."""

    document: PolicyDocument
    offset: int


def register(app: typer.Typer) -> None:
    """Add `policy check`, `policy diff` and `policy publish`."""
    policy = typer.Typer(
        help="The policy: check a file, compare it, publish it.", no_args_is_help=True
    )
    command(policy, "check")(check)
    command(policy, "diff")(diff)
    command(policy, "publish")(publish)
    app.add_typer(policy, name="policy")


def check(hub: Context, file: PolicyFile) -> None:
    """Read a policy file and name everything that is wrong with it; ends with 1 if anything is."""
    try:
        document = _read(file)
    except PolicyErrors as errors:
        if not hub.json:
            raise _no_policy(file, errors) from errors
        hub.emit({"ok": False, "full_version": None, "errors": errors.lines})
        raise typer.Exit(Exit.FOUND) from errors
    if hub.json:
        hub.emit({"ok": True, "full_version": document.full_version, "errors": []})
        return
    hub.show(policy_card(document), caps_table(document))
    if document.scheme:
        hub.show(schemes_table(document))


def diff(
    hub: Context,
    file: PolicyFile,
    other: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OLDER.toml]",
            exists=True,
            dir_okay=False,
            help="Compare with this file instead of the published policy.",
        ),
    ] = None,
) -> None:
    """Show what a policy file changes against the policy in force. Ends with 1 if anything does."""
    new = read_file(file)
    if other is not None:
        old: PolicyDocument | None = read_file(other)
    else:
        with hub.admin() as admin:
            found = published(hub, admin)
        old = found[-1].document if found else None
    changes = (
        ["no policy is in force yet: everything is new"]
        if old is None
        else list(map(str, compare(old, new)))
    )
    if hub.json:
        hub.emit({"from": old and old.full_version, "to": new.full_version, "changes": changes})
    else:
        hub.show(f"{old.full_version if old else 'nothing'} -> {new.full_version}")
        for change in changes:
            hub.out.print(f"  {change}", markup=False)
        if not changes:
            hub.show("no difference")
    if changes:
        raise typer.Exit(Exit.FOUND)


def publish(
    hub: Context,
    file: PolicyFile,
    wait_s: Annotated[
        float, typer.Option(min=0.1, help="How long intake may stand still before we give up.")
    ] = 30.0,
) -> None:
    """Publish a policy file; it is in force when this ends. A published version never changes."""
    new = read_file(file)
    with hub.admin() as admin:
        found = published(hub, admin)
        already = may_publish(new, [one.document for one in found])
        if not already:
            _send(hub, new)
            Intake(admin, patience_s=wait_s).wait({REGISTRY_SOURCE})
            _wait_seen(hub, admin, new, after=found)
    if hub.json:
        hub.emit({"full_version": new.full_version, "published": not already})
        return
    hub.show(new.full_version)
    hub.note("It was in force already: nothing was sent." if already else "In force from now on.")


def may_publish(new: PolicyDocument, published_before: Sequence[PolicyDocument]) -> bool:
    """Whether this very document is in force already; False: it may be published.

    Raises:
        CommandError: another document bears its version.
    """
    for one in published_before:
        if one.policy.version == new.policy.version and one.full_version != new.full_version:
            raise CommandError(
                f"version {new.policy.version} was published with other content, as "
                f"{one.full_version}; yours is {new.full_version}: give yours a new version "
                "(`hub policy diff` shows what differs)"
            )
    return bool(published_before) and published_before[-1].full_version == new.full_version


def read_file(path: Path) -> PolicyDocument:
    """The policy in a file.

    Raises:
        CommandError: it is none; every mistake is named.
    """
    try:
        return _read(path)
    except PolicyErrors as errors:
        raise _no_policy(path, errors) from errors


def published(hub: Context, admin: KafkaAdmin) -> list[Published]:
    """The policies on the control topic, the one in force last."""
    found: list[Published] = []

    def take(record: LogRecord) -> None:
        if record.value is None:
            return
        try:
            found.append(Published(PolicyDocument.model_validate_json(record.value), record.offset))
        except ValidationError:
            hub.note(f"{CTL_POLICY} offset {record.offset} is no policy: passed over.")

    scan(hub, spans_of(admin, [CTL_POLICY]), take, "reading policies")
    return found


def policy_card(document: PolicyDocument) -> RenderableType:
    """The numbers of a policy."""
    numbers = document.policy
    days = (
        f"code {numbers.code_valid_days}, urgent approval {numbers.urgent_approval_days}, "
        f"back-fill {numbers.backfill_max_days}"
    )
    windows = ", ".join(f"{one.max} in {one.days} d" for one in numbers.windows)
    return card(
        f"Policy {document.full_version}",
        [
            (
                "repeat from",
                f"visit {numbers.repeat_from}; unreasonable from {numbers.unreasonable_from}",
            ),
            ("windows", windows),
            ("exempt", ", ".join(numbers.exempt_triggers)),
            ("joint member", numbers.joint_member.value),
            ("days", days),
        ],
    )


def caps_table(document: PolicyDocument) -> RenderableType:
    """The cap rules of a policy."""
    shown = table("rule", "scope", "#max", "#min", "#years", "!from", "!to")
    for cap in document.cap:
        scope = cap.scope.kind.value + (f" {cap.scope.id}" if cap.scope.id else "")
        row(shown, cap.label, scope, cap.max, cap.min, cap.years, cap.from_, cap.to)
    return shown


def schemes_table(document: PolicyDocument) -> RenderableType:
    """What each class of each scheme suggests for draws (art. 3)."""
    shown = table("scheme", "class", "#percent", "#times", "#years")
    for scheme in document.scheme:
        for share in scheme.class_:
            row(shown, scheme.id, share.class_, share.percent, share.times, share.years)
    return shown


def _read(path: Path) -> PolicyDocument:
    try:
        return read_policy(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as cause:
        raise PolicyErrors((f"not UTF-8: {cause}",)) from cause


def _no_policy(path: Path, errors: PolicyErrors) -> CommandError:
    noun = "mistake" if len(errors.lines) == 1 else "mistakes"
    lines = "".join(f"\n  {line}" for line in errors.lines)
    return CommandError(f"{path} is no policy, {len(errors.lines)} {noun}:{lines}")


def _send(hub: Context, new: PolicyDocument) -> None:
    envelope = Envelope(
        id=f"policy-{new.full_version}",
        source=REGISTRY_SOURCE,
        type=POLICY_PUBLISHED,
        time=datetime.now(SHANGHAI).isoformat(timespec="milliseconds"),
    )
    value = new.canonical()
    sender = Sender(hub.bootstrap())
    sender.send(Posting(REGISTRY_SOURCE, POLICY_PUBLISHED, None, value, write_headers(envelope)))
    sender.flush()


def _wait_seen(
    hub: Context, admin: KafkaAdmin, new: PolicyDocument, *, after: Sequence[Published]
) -> None:
    seen = {one.offset for one in after}
    deadline = time.monotonic() + SEEN_WAIT_S
    while time.monotonic() < deadline:
        fresh = [one for one in published(hub, admin) if one.offset not in seen]
        if any(one.document.full_version == new.full_version for one in fresh):
            return
        time.sleep(POLL_S)
    raise CommandError(
        f"intake took the policy from {in_topic(REGISTRY_SOURCE)} but it is not on {CTL_POLICY}: "
        "it was refused; see `hub dlq ls --dept REGISTRY`"
    )
