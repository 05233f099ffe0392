"""How do departments, publicity systems and operators get into the gateway? By tokens and keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, TypeVar

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import SHANGHAI, row, table
from connectors.departments.gateway.ways_in.signer_file import FILE_NAME as SIGNERS_FILE
from connectors.departments.gateway.ways_in.signer_file import SITES_FILE_NAME as SITES_SIGNERS_FILE
from connectors.departments.gateway.ways_in.signer_file import SignerRow, trust_signer
from connectors.departments.gateway.ways_in.token_file import (
    FILE_NAME,
    OPERATORS_FILE_NAME,
    SITES_FILE_NAME,
    TokenFileError,
    TokenRow,
    issue_token,
    read_tokens,
    revoke_token,
)
from schemas.identity import dept_fault
from schemas.operator import OperatorRole, operator_fault
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
OfOperator = Annotated[
    str | None, typer.Option("--operator", metavar="NAME", help="Or an operator of the dashboard.")
]
Role = Annotated[
    OperatorRole | None, typer.Option("--role", help="What an operator may do: look, act, force.")
]
_FILES = (FILE_NAME, SITES_FILE_NAME, OPERATORS_FILE_NAME)


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
    operator: OfOperator = None,
    days: Annotated[
        int, typer.Option(min=1, max=DAYS_MAX, help="For how long it is good.")
    ] = DAYS_DEFAULT,
    officer: Annotated[
        str, typer.Option(metavar="CERT", help="Of this officer, to sign in to the pages only.")
    ] = "",
    role: Role = None,
) -> None:
    """Issue a bearer token. It is shown this once; the hub keeps its hash only."""
    if officer and dept is None:
        raise CommandError("--officer is of a department, and of nobody else", Exit.USAGE)
    if (operator is None) != (role is None):
        raise CommandError("--operator NAME and --role belong together", Exit.USAGE)
    whose, name = _whose(dept, site), FILE_NAME if site is None else SITES_FILE_NAME
    if operator is not None:
        whose, name = _operator(operator, whose), OPERATORS_FILE_NAME
    if not whose:
        raise CommandError("--dept, --site or --operator expected, one of them", Exit.USAGE)
    path, expires = hub.settings.gateway / name, int(time.time()) + days * _DAY_S
    token, issued = _unfit(lambda: issue_token(path, whose, expires, officer, role or ""))
    if hub.json:
        hub.emit({"token": token, **_row(issued)})
        return
    hub.note(
        f"token {issued.id} of {whose}, good until {_instant(issued.expires_at)}; keep it secret:"
    )
    hub.show(token)


def ls(hub: Context) -> None:
    """List the tokens: whose each is and until when it is good."""
    folder = hub.settings.gateway
    rows = [row for name in _FILES for row in _unfit(partial(read_tokens, folder / name)).values()]
    if hub.json:
        hub.emit([_row(one) for one in rows])
        return
    listed = table("id", "whose", "for", "good until")
    for one in sorted(rows, key=lambda r: (r.dept, r.expires_at)):
        row(listed, one.id, one.dept, one.role or one.officer, _instant(one.expires_at))
    hub.show(listed)


def revoke(hub: Context, token_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Strike a token off; gateways refuse it within a second."""
    folder = hub.settings.gateway
    found = [_unfit(partial(revoke_token, folder / name, token_id)) for name in _FILES]
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
    if not whose:
        raise CommandError("--dept or --site expected, one of the two", Exit.USAGE)
    path = hub.settings.gateway / (SIGNERS_FILE if site is None else SITES_SIGNERS_FILE)
    try:
        trust_signer(path, SignerRow(key_id, whose, public))
    except ValueError as cause:
        raise CommandError(f"--public: {cause}", Exit.USAGE) from cause
    hub.note(f"key {key_id} of {whose} is trusted once the gateways are started again")


def _whose(dept: str | None, site: str | None) -> str:
    """The department or the system that is named; empty if none is."""
    if dept is not None and site is not None:
        raise CommandError("--dept or --site expected, one of the two", Exit.USAGE)
    if site is not None and site not in SITES:
        raise CommandError(f"--site {site!a}: of {', '.join(SITES)} expected", Exit.USAGE)
    fault = None if dept is None else dept_fault(dept)
    if fault is not None:
        raise CommandError(f"--dept {dept!a} {fault}: a registry code expected", Exit.USAGE)
    return site or dept or ""


def _operator(name: str, another: str) -> str:
    fault = operator_fault(name)
    if another:
        raise CommandError("--operator is neither of a department nor of a system", Exit.USAGE)
    if fault is not None:
        raise CommandError(f"--operator {name!a} {fault}", Exit.USAGE)
    return name


def _row(one: TokenRow) -> dict[str, object]:
    return {"id": one.id, "dept": one.dept, "expires_at": one.expires_at, "role": one.role}


def _unfit(ask: Callable[[], Found]) -> Found:
    """Ask about the file of tokens; one that is unfit ends the command with what is wrong."""
    try:
        return ask()
    except TokenFileError as cause:
        raise CommandError(str(cause), Exit.USAGE) from cause


def _instant(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, SHANGHAI).isoformat(timespec="minutes")
