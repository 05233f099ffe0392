"""How do departments and publicity systems get into the gateway? By tokens and public keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, TypeVar

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.screen import SHANGHAI, row, table
from connectors.departments.gateway.signer_file import FILE_NAME as SIGNERS_FILE
from connectors.departments.gateway.signer_file import SITES_FILE_NAME as SITES_SIGNERS_FILE
from connectors.departments.gateway.signer_file import SignerRow, trust_signer
from connectors.departments.gateway.token_file import (
    FILE_NAME,
    SITES_FILE_NAME,
    TokenFileError,
    issue_token,
    read_tokens,
    revoke_token,
)
from schemas.identity import dept_fault
from schemas.sites import SITES

DAYS_DEFAULT, DAYS_MAX = 90, 400
_DAY_S = 86_400

Found = TypeVar("Found")

Dept = Annotated[
    str | None, typer.Option("--dept", metavar="DEPT", help="A department's registry code.")
]
OfSite = Annotated[
    str | None, typer.Option("--site", metavar="SITE", help="Or a publicity system's code.")
]


def register(app: typer.Typer) -> None:
    """Add `tokens issue`, `tokens ls`, `tokens revoke` and `tokens trust`."""
    tokens = typer.Typer(
        help="Who may use the HTTP gateway: bearer tokens and signing keys.",
        no_args_is_help=True,
    )
    command(tokens, "issue")(issue)
    command(tokens, "ls")(ls)
    command(tokens, "revoke")(revoke)
    command(tokens, "trust")(trust)
    app.add_typer(tokens, name="tokens")


def issue(
    hub: Context,
    dept: Dept = None,
    site: OfSite = None,
    days: Annotated[
        int, typer.Option(min=1, max=DAYS_MAX, help="For how long it is good.")
    ] = DAYS_DEFAULT,
    officer: Annotated[
        str, typer.Option(metavar="CERT", help="Of this officer, to sign in to the pages only.")
    ] = "",
) -> None:
    """Issue a bearer token. It is shown this once; the hub keeps its hash only."""
    whose = _whose(dept, site)
    if site is not None and officer:
        raise CommandError("--officer is of a department, not of a system", Exit.USAGE)
    path = hub.settings.gateway / (FILE_NAME if site is None else SITES_FILE_NAME)
    expires = int(time.time()) + days * _DAY_S
    token, issued = _unfit(lambda: issue_token(path, whose, expires, officer))
    if hub.json:
        hub.emit({"token": token, "id": issued.id, "dept": whose, "expires_at": issued.expires_at})
        return
    hub.note(
        f"token {issued.id} of {whose}, good until {_instant(issued.expires_at)}; keep it secret:"
    )
    hub.show(token)


def ls(hub: Context) -> None:
    """List the tokens: whose each is and until when it is good."""
    folder = hub.settings.gateway
    rows = [
        row
        for name in (FILE_NAME, SITES_FILE_NAME)
        for row in _unfit(partial(read_tokens, folder / name)).values()
    ]
    if hub.json:
        hub.emit([{"id": r.id, "dept": r.dept, "expires_at": r.expires_at} for r in rows])
        return
    listed = table("id", "whose", "good until")
    for one in sorted(rows, key=lambda r: (r.dept, r.expires_at)):
        row(listed, one.id, one.dept, _instant(one.expires_at))
    hub.show(listed)


def revoke(hub: Context, token_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Strike a token off; gateways refuse it within a second."""
    folder = hub.settings.gateway
    found = [
        _unfit(partial(revoke_token, folder / name, token_id))
        for name in (FILE_NAME, SITES_FILE_NAME)
    ]
    if not any(found):
        raise CommandError(f"there is no token {token_id}: see `hub tokens ls`")
    hub.note(f"token {token_id} is no longer good")


def trust(
    hub: Context,
    key_id: Annotated[str, typer.Option(help="Name of the key, `keyid` in signatures.")],
    public: Annotated[str, typer.Option(help="Ed25519 public key, 64 hexadecimal digits.")],
    dept: Dept = None,
    site: OfSite = None,
) -> None:
    """Trust a signing key (HTTP message signatures). Gateways read it at start."""
    whose = _whose(dept, site)
    path = hub.settings.gateway / (SIGNERS_FILE if site is None else SITES_SIGNERS_FILE)
    try:
        trust_signer(path, SignerRow(key_id, whose, public))
    except ValueError as cause:
        raise CommandError(f"--public: {cause}", Exit.USAGE) from cause
    hub.note(f"key {key_id} of {whose} is trusted once the gateways are started again")


def _whose(dept: str | None, site: str | None) -> str:
    if (dept is None) == (site is None):
        raise CommandError("--dept or --site expected, one of the two", Exit.USAGE)
    if site is not None:
        if site not in SITES:
            raise CommandError(f"--site {site!a}: of {', '.join(SITES)} expected", Exit.USAGE)
        return site
    fault = dept_fault(dept or "")
    if fault is not None:
        raise CommandError(f"--dept {dept!a} {fault}: a registry code expected", Exit.USAGE)
    return dept or ""


def _unfit(ask: Callable[[], Found]) -> Found:
    """Ask about the file of tokens; one that is unfit ends the command with what is wrong."""
    try:
        return ask()
    except TokenFileError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause


def _instant(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, SHANGHAI).isoformat(timespec="minutes")
