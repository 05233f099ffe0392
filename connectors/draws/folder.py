"""Where do a draw's frame, secret and document lie? In a folder of its own, complete or not there.

    <draws>/<DEPT>/<DRAW_ID>/ frame.json  committed.json  seed (mode 0400)  draw.json (once drawn)

Commands and every gateway that see the same folders may work on the same draw: of two who begin it,
one does, and the other finds it begun.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec
from pydantic import ValidationError

from schemas.draw import Digest, DrawDocument, DrawFrame, canonical
from schemas.draw_frame import DrawPlan
from schemas.identity import dept_fault, id_fault
from schemas.inbound_draw import DrawCommitted

SECRET_MODE = 0o400
_PUBLIC_MODE = 0o644
_NAME_BYTES_MAX = 200
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST})


class DrawFileError(Exception):
    """A draw's files are not there, not readable, or of another draw; says what to do."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A draw that was begun: it never changes.

    Attributes:
        asked: of what was asked for: the same again is answered the same.
        seed: secret until it is revealed.
    """

    asked: Digest
    frame: DrawFrame
    committed: DrawCommitted
    seed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DrawFolder:
    """The files of one draw."""

    path: Path
    draw_id: str

    @property
    def frame(self) -> Path:
        """What is drawn from."""
        return self.path / "frame.json"

    @property
    def committed(self) -> Path:
        """What was committed to, and the digest of what was asked for."""
        return self.path / "committed.json"

    @property
    def seed(self) -> Path:
        """The secret seed, 64 hexadecimal digits."""
        return self.path / "seed"

    @property
    def document(self) -> Path:
        """The whole draw."""
        return self.path / "draw.json"

    def begun(self) -> Begun | None:
        """The draw as it was begun; None: it was not.

        Raises:
            DrawFileError: it was, and its files cannot be read.
        """
        if not self.path.exists():
            return None
        try:
            told = json.loads(self.committed.read_bytes())
            return Begun(
                told["asked"],
                DrawFrame.model_validate_json(self.frame.read_bytes()),
                DrawCommitted.model_validate_json(canonical(told["committed"])),
                self.seed.read_text(encoding="ascii").strip(),
            )
        except (OSError, ValueError, KeyError) as cause:
            raise DrawFileError(
                f"{self.draw_id}: frame, commitment or seed cannot be read in {self.path}: without "
                "them a draw cannot be revealed, commit to another one"
            ) from cause

    def keep(self, begun: Begun) -> Begun:
        """Begin a draw, on the disk when this returns; or find it begun before, by whomever."""
        parent = self.path.parent
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = DrawFolder(Path(tempfile.mkdtemp(prefix=".begun-", dir=parent)), self.draw_id)
        told = {"asked": begun.asked, "committed": begun.committed.model_dump(mode="json")}
        try:
            _write(made.seed, begun.seed.encode(), SECRET_MODE)
            _write(made.frame, canonical(begun.frame.model_dump(mode="json", by_alias=True)))
            _write(made.committed, canonical(told))
            _sync(made.path)
            # Onto a folder that has something in it this fails: exactly one begins the draw.
            made.path.rename(self.path)
        except OSError as cause:
            shutil.rmtree(made.path, ignore_errors=True)
            known = self.begun() if cause.errno in _TAKEN else None
            if known is None:
                raise
            return known
        _sync(parent)
        return begun

    def drawn(self) -> DrawDocument | None:
        """The whole draw; None: it was not drawn yet.

        Raises:
            DrawFileError: it cannot be read.
        """
        return read_document(self.document) if self.document.exists() else None

    def keep_document(self, draw: DrawDocument) -> DrawDocument:
        """Keep the whole draw; or find the one that was made of it before, which stands."""
        handle, name = tempfile.mkstemp(prefix=".draw-", dir=self.path)
        os.close(handle)
        made = Path(name)
        made.unlink()
        try:
            plain = draw.model_dump(mode="json", by_alias=True)
            _write(made, json.dumps(plain, ensure_ascii=False, indent=1).encode())
            os.link(made, self.document)
        except FileExistsError:
            return read_document(self.document)
        finally:
            made.unlink(missing_ok=True)
        _sync(self.path)
        return draw


def folder_of(draws: Path, dept: str, draw_id: str) -> DrawFolder:
    """The files of a department's draw.

    Raises:
        DrawFileError: id or department cannot be part of a file name.
    """
    fault: str | None = id_fault(draw_id)
    if fault is None and draw_id.startswith("."):
        fault = "begins with a dot"
    elif fault is None and len(draw_id.encode()) > _NAME_BYTES_MAX:
        fault = f"is longer than {_NAME_BYTES_MAX} bytes"
    if fault is not None:
        raise DrawFileError(f"draw_id {draw_id!a} {fault}")
    if dept_fault(dept) is not None:
        raise DrawFileError(f"dept {dept!a} is no department's code")
    return DrawFolder(draws / dept / draw_id, draw_id)


def asked_digest(plan: DrawPlan, wanted: Mapping[str, tuple[str, ...]]) -> str:
    """What tells whether a draw is asked for once more, or another one under the same id."""
    return sha256(canonical([plan.model_dump(mode="json"), wanted])).hexdigest()


def read_document(path: Path) -> DrawDocument:
    """A published draw, true in every part.

    Raises:
        DrawFileError: it is not; the first thing that is wrong is named.
    """
    try:
        return DrawDocument.model_validate_json(path.read_bytes())
    except OSError as cause:
        raise DrawFileError(f"{path}: {cause.strerror}") from cause
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DrawFileError(f"{path}: {place and f'{place}: '}{first['msg']}") from wrong


def last_sent(
    draws: Path, dept: str, draw_id: str, others: Iterable[DrawDocument] = ()
) -> Mapping[str, tuple[str, ...]]:
    """Whom a department's earlier draws sent to each object last: not the same again (art. 5)."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for draw in [*_kept(draws / dept), *map(_sent_of, others)]:
        if draw.frame.dept != dept or draw.frame.draw_id == draw_id:
            continue
        for one in draw.chosen:
            if draw.revealed_at >= found.get(one.uscc, ("", ()))[0]:
                found[one.uscc] = draw.revealed_at, one.officers
    return {uscc: officers for uscc, (_, officers) in found.items()}


class _Whose(msgspec.Struct):
    dept: str
    draw_id: str


class _Sent(msgspec.Struct):
    uscc: str
    officers: tuple[str, ...]


class _Draw(msgspec.Struct):
    """As much of a document as says who was sent: it is ours, so it is not drawn once more."""

    frame: _Whose
    revealed_at: str
    chosen: list[_Sent]


_read = msgspec.json.Decoder(_Draw).decode


def _kept(folder: Path) -> Iterator[_Draw]:
    for path in sorted(folder.glob("*/draw.json")):
        try:
            yield _read(path.read_bytes())
        except (OSError, msgspec.DecodeError) as cause:
            raise DrawFileError(f"{path} cannot be read: {cause}") from cause


def _sent_of(document: DrawDocument) -> _Draw:
    return _Draw(
        _Whose(document.frame.dept, document.frame.draw_id),
        document.revealed_at,
        [_Sent(one.uscc, one.officers) for one in document.chosen],
    )


def _write(path: Path, content: bytes, mode: int = _PUBLIC_MODE) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
