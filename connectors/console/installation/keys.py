"""Which keys does the hub hold? Create, list and rotate them; a secret is never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import row, table, this_year
from connectors.keys import (
    KeyRing,
    add_code_key,
    add_signing_key,
    create_demo_keys,
    open_key_ring,
)
from connectors.signer import ED25519, SCHEMES

ISSUES, SIGNS, VERIFIES = "issues", "signs", "verifies"
QR_CODES, SITES = "QR codes", "sites"


def register(app: typer.Typer) -> None:
    """Add `keys init`, `keys ls` and `keys rotate`."""
    keys = typer.Typer(
        help="The keys of inspection codes and QR codes: create, list, rotate.",
        no_args_is_help=True,
    )
    command(keys, "init")(init)
    command(keys, "ls")(ls)
    command(keys, "rotate")(rotate)
    app.add_typer(keys, name="keys")


def init(
    hub: Context,
    year: Annotated[
        list[int] | None,
        typer.Option(
            min=2000,
            max=2200,
            help="Year that needs a key, several if need be. Default: this year and the next.",
        ),
    ] = None,
    scheme: Annotated[
        str, typer.Option(help=f"Signature scheme: {' or '.join(SCHEMES)}.")
    ] = ED25519,
    *,
    sites: Annotated[
        bool, typer.Option("--sites", help="The key that signs what is pushed to sites instead.")
    ] = False,
) -> None:
    """Create the keys that are missing. Keys that are there stay as they are."""
    if sites:
        folder = hub.settings.site_keys
        made = create_demo_keys(folder, years=(), scheme=_known(scheme))
        _tell(hub, folder, made, f"The key is there already in {folder}: nothing was changed.")
        return
    years = year or [this_year(), this_year() + 1]
    folder = hub.settings.keys
    created = create_demo_keys(folder, years=years, scheme=_known(scheme))
    _tell(hub, folder, created, f"All keys are there already in {folder}: nothing was changed.")


def ls(
    hub: Context,
    *,
    sites: Annotated[
        bool, typer.Option("--sites", help="The keys that sign what is pushed to sites instead.")
    ] = False,
) -> None:
    """List the keys by id: what each is for, and whether it issues or only verifies."""
    ring = open_key_ring(hub.settings.site_keys if sites else hub.settings.keys)
    rows = list_keys(ring, SITES if sites else QR_CODES)
    if hub.json:
        hub.emit({"folder": str(ring.folder), "keys": rows})
        return
    listed = table("id", "for", "of", "use")
    for one in rows:
        row(listed, one["id"], one["for"], one["of"], one["use"])
    hub.show(listed)
    hub.note(f"Folder {ring.folder}. Secrets are never shown.")


def rotate(
    hub: Context,
    year: Annotated[
        int | None,
        typer.Option(min=2000, max=2200, help="Give this year's inspection codes a new key."),
    ] = None,
    *,
    signing: Annotated[
        bool, typer.Option("--signing", help="Give the QR codes a new signing key.")
    ] = False,
    sites: Annotated[
        bool, typer.Option("--sites", help="Give what is pushed to sites a new signing key.")
    ] = False,
    scheme: Annotated[
        str, typer.Option(help=f"Signature scheme: {' or '.join(SCHEMES)}.")
    ] = ED25519,
) -> None:
    """Create the next key of a year, or the next signing key. Older ones go on verifying.

    Workers use it from their next start on.
    """
    if [year is not None, signing, sites].count(True) != 1:
        raise CommandError(
            "name what to rotate: one of --year YEAR, --signing and --sites", Exit.USAGE
        )
    folder = hub.settings.site_keys if sites else hub.settings.keys
    if year is not None:
        created: tuple[Path, ...] = (add_code_key(folder, year),)
    else:
        created = add_signing_key(folder, _known(scheme))
    _tell(hub, folder, created, "Nothing was created.")
    if not hub.json:
        hub.note("Restart the workers to use it; give its file to every machine first.")


def list_keys(ring: KeyRing, signs: str = QR_CODES) -> list[dict[str, str]]:
    """Every key of a ring: id, purpose, year or scheme, and use. `signs`: what its signers sign."""
    rows = []
    for key in sorted(ring.code_keys.values(), key=lambda key: (key.year, key.key_id)):
        use = ISSUES if ring.year_key(key.year) is key else VERIFIES
        rows.append({"id": key.key_id, "for": "codes", "of": str(key.year), "use": use})
    for key_id, verifier in sorted(ring.verifiers.items()):
        signer = ring.signers.get(key_id)
        # Pushed bodies are signed by each key that is there: a system may not know the newest yet.
        signing = signer is not None and (signs == SITES or ring.signer(signer.scheme) is signer)
        use = SIGNS if signing else VERIFIES
        rows.append({"id": key_id, "for": signs, "of": verifier.scheme, "use": use})
    return rows


def _known(scheme: str) -> str:
    if scheme not in SCHEMES:
        raise CommandError(
            f"scheme {scheme!r} is not known: {' or '.join(SCHEMES)} expected", Exit.USAGE
        )
    return scheme


def _tell(hub: Context, folder: Path, created: tuple[Path, ...], nothing: str) -> None:
    if hub.json:
        hub.emit({"folder": str(folder), "created": [path.name for path in created]})
        return
    for path in created:
        hub.out.print(f"created {path}", markup=False, soft_wrap=True)
    if not created:
        hub.note(nothing)
