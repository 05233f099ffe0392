"""How do departments get into the gateway? Tokens and public keys: issue, list, strike off."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.screen import SHANGHAI, row, table
from connectors.departments.gateway.signer_file import FILE_NAME as SIGNERS_FILE
from connectors.departments.gateway.signer_file import SignerRow, trust_signer
from connectors.departments.gateway.token_file import (
    FILE_NAME,
    TokenFileError,
    issue_token,
    read_tokens,
    revoke_token,
)
from schemas.identity import dept_fault

DAYS_DEFAULT, DAYS_MAX = 90, 400
_DAY_S = 86_400

Found = TypeVar("Found")

Dept = Annotated[str, typer.Option("--dept", metavar="DEPT", help="Registry code.")]


def register(app: typer.Typer) -> None:
    """Add `tokens issue`, `tokens ls`, `tokens revoke` and `tokens trust`."""
    tokens = typer.Typer(
        help="Who may use the HTTP gateway: bearer tokens and signing keys of departments.",
        no_args_is_help=True,
    )
    command(tokens, "issue")(issue)
    command(tokens, "ls")(ls)
    command(tokens, "revoke")(revoke)
    command(tokens, "trust")(trust)
    app.add_typer(tokens, name="tokens")


def issue(
    hub: Context,
    dept: Dept,
    days: Annotated[
        int, typer.Option(min=1, max=DAYS_MAX, help="For how long it is good.")
    ] = DAYS_DEFAULT,
) -> None:
    """Issue a bearer token. It is shown this once; the hub keeps its hash only."""
    _check_dept(dept)
    token, issued = _unfit(
        lambda: issue_token(
            hub.settings.gateway / FILE_NAME, dept, int(time.time()) + days * _DAY_S
        )
    )
    if hub.json:
        hub.emit({"token": token, "id": issued.id, "dept": dept, "expires_at": issued.expires_at})
        return
    hub.note(
        f"token {issued.id} of {dept}, good until {_instant(issued.expires_at)}; keep it secret:"
    )
    hub.show(token)


def ls(hub: Context) -> None:
    """List the tokens: whose each is and until when it is good."""
    rows = _unfit(lambda: read_tokens(hub.settings.gateway / FILE_NAME)).values()
    if hub.json:
        hub.emit([{"id": r.id, "dept": r.dept, "expires_at": r.expires_at} for r in rows])
        return
    listed = table("id", "department", "good until")
    for one in sorted(rows, key=lambda r: (r.dept, r.expires_at)):
        row(listed, one.id, one.dept, _instant(one.expires_at))
    hub.show(listed)


def revoke(hub: Context, token_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Strike a token off; gateways refuse it within a second."""
    if not _unfit(lambda: revoke_token(hub.settings.gateway / FILE_NAME, token_id)):
        raise CommandError(f"there is no token {token_id}: see `hub tokens ls`")
    hub.note(f"token {token_id} is no longer good")


def trust(
    hub: Context,
    dept: Dept,
    key_id: Annotated[str, typer.Option(help="Name of the key, `keyid` in signatures.")],
    public: Annotated[str, typer.Option(help="Ed25519 public key, 64 hexadecimal digits.")],
) -> None:
    """Trust a department's signing key (HTTP message signatures). Gateways read it at start."""
    _check_dept(dept)
    try:
        trust_signer(hub.settings.gateway / SIGNERS_FILE, SignerRow(key_id, dept, public))
    except ValueError as cause:
        raise CommandError(f"--public: {cause}", Exit.USAGE) from cause
    hub.note(f"key {key_id} of {dept} is trusted once the gateways are started again")


def _check_dept(dept: str) -> None:
    fault = dept_fault(dept)
    if fault is not None:
        raise CommandError(f"--dept {dept!a} {fault}: a registry code expected", Exit.USAGE)


def _unfit(ask: Callable[[], Found]) -> Found:
    """Ask about the file of tokens; one that is unfit ends the command with what is wrong."""
    try:
        return ask()
    except TokenFileError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause


def _instant(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, SHANGHAI).isoformat(timespec="minutes")
