"""Where do a draw's plan, secret and documents lie? Files in the data folder."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from connectors.console.context import CommandError, Exit
from connectors.console.sheets import column_name, read_sheet
from schemas.draw import DrawDocument, DrawFrame, canonical
from schemas.draw_frame import DrawPlan
from schemas.identity import CreditCodeOutcome, id_fault, read_credit_code

SECRET_MODE = 0o400
_USCC, _AVOID = ("uscc", "统一社会信用代码"), ("avoid", "回避人员")
_CODES = (CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT)


@dataclass(frozen=True, slots=True)
class DrawFiles:
    """The files of one draw: its frame and seed until it is revealed, then its document."""

    folder: Path
    draw_id: str

    @property
    def frame(self) -> Path:
        """What is drawn from; published."""
        return self.folder / f"{self.draw_id}.frame.json"

    @property
    def seed(self) -> Path:
        """The secret seed, 64 hexadecimal digits, mode 0400."""
        return self.folder / f"{self.draw_id}.seed"

    @property
    def document(self) -> Path:
        """The whole draw; published."""
        return self.folder / f"{self.draw_id}.draw.json"

    def keep(self, frame: DrawFrame, seed: str) -> tuple[DrawFrame, str]:
        """Keep frame and seed, on the disk when this returns; or find those kept before.

        Raises:
            CommandError: another frame was kept under this id.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _write(self.seed, seed.encode(), SECRET_MODE)
        except FileExistsError:
            known, kept = self.kept()
            if known.digest() != frame.digest():
                raise CommandError(
                    f"{self.draw_id} was begun with another frame, in {self.frame}: what is "
                    "committed to never changes. Give this draw another draw_id"
                ) from None
            return known, kept
        _write(self.frame, canonical(frame.model_dump(mode="json", by_alias=True)), 0o644)
        return frame, seed

    def kept(self) -> tuple[DrawFrame, str]:
        """Frame and seed of a draw that was committed to.

        Raises:
            CommandError: they are not there, or not readable.
        """
        try:
            frame = DrawFrame.model_validate_json(self.frame.read_bytes())
            return frame, self.seed.read_text(encoding="ascii").strip()
        except (OSError, ValidationError) as cause:
            raise CommandError(
                f"{self.draw_id}: frame or seed cannot be read ({cause}): `hub draw commit` writes "
                "both; without the seed a draw cannot be revealed, commit to another one"
            ) from cause

    def publish(self, document: DrawDocument) -> None:
        """Write the document of the whole draw."""
        text = json.dumps(
            document.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1
        )
        temporary = self.document.with_suffix(".part")
        temporary.unlink(missing_ok=True)
        _write(temporary, text.encode(), 0o644)
        temporary.replace(self.document)


def files_of(data_dir: Path, draw_id: str) -> DrawFiles:
    """The files of a draw.

    Raises:
        CommandError: the id cannot be part of a file name.
    """
    fault = id_fault(draw_id)
    if fault is not None or draw_id.startswith("."):
        raise CommandError(f"draw_id {draw_id!a} {fault or 'begins with a dot'}", Exit.USAGE)
    return DrawFiles(data_dir / "draws", draw_id)


def read_plan(path: Path) -> DrawPlan:
    """The plan in a file.

    Raises:
        CommandError: it is none; everything wrong is named.
    """
    try:
        return DrawPlan.model_validate_json(json.dumps(tomllib.loads(path.read_text("utf-8"))))
    except ValidationError as wrong:
        lines = [
            f"  {'.'.join(map(str, one['loc']))}: {one['msg']}"
            for one in wrong.errors(include_url=False)
        ]
        raise CommandError("\n".join([f"{path}:", *lines]), Exit.USAGE) from wrong
    except (OSError, ValueError, TypeError) as cause:
        raise CommandError(f"{path}: {cause}", Exit.USAGE) from cause


def read_objects(path: Path) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Credit codes of a sheet, with the officers each must be spared; and what is wrong there.

    Columns: `uscc`, and if wanted `avoid` with certificate numbers, separated by `;`.
    """
    rows = read_sheet(path)
    header = next(rows, None)
    at = {} if header is None else {cell: index for index, cell in enumerate(header.cells)}
    uscc, avoid = (next((at[n] for n in names if n in at), None) for names in (_USCC, _AVOID))
    if uscc is None:
        return {}, ["row 1: a column uscc expected"]
    objects: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    for row in rows:
        cells = [*row.cells, *[""] * len(at)]
        reading = read_credit_code(cells[uscc])
        where = f"row {row.number}, column {column_name(uscc)}: {cells[uscc][:40]!a}"
        if reading.outcome not in _CODES:
            faults.append(f"{where} is no credit code: {reading.problem}")
        elif reading.code in objects:
            faults.append(f"{where} stands there twice")
        else:
            spared = cells[avoid].replace("；", ";").split(";") if avoid is not None else ()
            objects[reading.code] = tuple(sorted({one.strip() for one in spared} - {""}))
    return objects, faults


def read_document(path: Path) -> DrawDocument:
    """A published draw, true in every part.

    Raises:
        CommandError: it is not; the first thing that is wrong is named.
    """
    try:
        return DrawDocument.model_validate_json(path.read_bytes())
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise CommandError(f"{path}: {place and f'{place}: '}{first['msg']}") from wrong


def last_sent(
    folder: Path, others: Iterable[Path], dept: str, draw_id: str
) -> Mapping[str, tuple[str, ...]]:
    """Whom a department's earlier draws sent to each object last: not the same again."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for document in _documents([*sorted(folder.glob("*.draw.json")), *others]):
        if document.frame.dept != dept or document.frame.draw_id == draw_id:
            continue
        for one in document.chosen:
            if document.revealed_at >= found.get(one.uscc, ("", ()))[0]:
                found[one.uscc] = document.revealed_at, one.officers
    return {uscc: officers for uscc, (_, officers) in found.items()}


def _documents(paths: Iterable[Path]) -> Iterator[DrawDocument]:
    for path in paths:
        yield read_document(path)


def _write(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
