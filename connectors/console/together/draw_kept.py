"""Does the folder of a draw hold what was published of it? If not, nothing of it goes out."""

from __future__ import annotations

from datetime import datetime

from connectors.console.context import CommandError, Exit
from connectors.console.terminal.screen import SHANGHAI
from connectors.draws.folder import Begun, DrawFolder
from connectors.draws.told import differences, document_again, document_of
from schemas.draw import DrawDocument
from schemas.inbound_draw import DrawCommitted, DrawRevealed


def check_new(folder: DrawFolder, committed: DrawCommitted | None) -> None:
    """Check that a draw that was not begun here was not committed to either.

    Raises:
        CommandError: it was; another seed could never be revealed.
    """
    if committed is not None:
        raise CommandError(
            f"{committed.draw_id} was committed to by {committed.dept} before, at "
            f"{committed.committed_at}, and its folder is not here: bring {folder.path} back from "
            "where it was begun or from a backup, or give this draw another draw_id"
        )


def document_kept(
    folder: DrawFolder, committed: DrawCommitted, known: DrawRevealed | None, public_value: str
) -> DrawDocument:
    """The whole draw. One that was made or published before is the same again, or none.

    Args:
        folder: Where its frame, seed and document are kept.
        committed: What was published before the draw.
        known: What was published of the draw itself; None: nothing yet.
        public_value: That of the public source, as the operator gives it; empty if there is none.

    Raises:
        CommandError: the folder is not here, or holds another draw than was published, or the
            public value is not that of the draw. Nothing was made.
    """
    draw_id = committed.draw_id
    begun = folder.begun()
    if begun is None:
        told = "was committed to" if known is None else f"was revealed at {known.revealed_at}"
        raise CommandError(
            f"{draw_id} {told}, and its folder {folder.path} is not here: it was begun elsewhere, "
            "or is lost. Bring it back from there or from a backup"
        )
    if begun.committed != committed:
        raise CommandError(
            f"{folder.path} holds another draw {draw_id} than {committed.dept} committed to at "
            f"{committed.committed_at}: nothing is revealed. Bring back the folder with the seed "
            f"whose SHA-256 is {committed.seed_sha256}"
        )
    _check_value(begun, known, public_value)
    draw = folder.drawn()
    if draw is None:
        draw = folder.keep_document(_made(folder, begun, known, public_value))
    if draw.public_value != public_value:
        raise CommandError(f"{draw_id} was drawn before, otherwise: {folder.document}")
    faults = [] if known is None else differences(draw, committed, known)
    if faults:
        raise CommandError(
            f"{folder.document}: {'; '.join(faults)}. Nothing is submitted. Move that file away "
            "and do this again: the draw is then made as it was published"
        )
    return draw


def _check_value(begun: Begun, known: DrawRevealed | None, public_value: str) -> None:
    source = begun.frame.public_source
    if bool(public_value) != (source is not None):
        wanted = f"--public-value: {source}" if source else "no value"
        raise CommandError(f"{begun.frame.draw_id} goes with {wanted}", Exit.USAGE)
    if known is not None and known.public_value != public_value:
        raise CommandError(
            f"{known.draw_id} was revealed at {known.revealed_at} with another public value, "
            f"{known.public_value}, and stays so. To see that draw give that value"
        )


def _made(
    folder: DrawFolder, begun: Begun, known: DrawRevealed | None, public_value: str
) -> DrawDocument:
    frame, committed = begun.frame, begun.committed
    try:
        if known is not None:
            return document_again(frame, committed, begun.seed, known)
        return document_of(frame, committed, begun.seed, public_value, datetime.now(SHANGHAI))
    except ValueError as cause:
        raise CommandError(
            f"{folder.path}: frame and seed are not those of {frame.draw_id} as published: {cause}"
        ) from cause
