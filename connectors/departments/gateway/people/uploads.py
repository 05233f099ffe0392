"""Where are documents kept that enterprises hand in? In a folder, each under its SHA-256.

Outside the journal, which holds only digests. What a file is follows from its content, never from
its name; a file is on the disk for good before anything refers to it.
"""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

MODE = 0o400
FOLDER_MODE = 0o700
_TAIL = 1024


def kind_of(content: bytes) -> str | None:
    """PDF, PNG or JPEG, told by how the content begins and ends; None for anything else."""
    tail = content[-_TAIL:].rstrip(b"\r\n\x00 ")
    if content.startswith((b"%PDF-1.", b"%PDF-2.")):
        return "PDF" if b"%%EOF" in content[-_TAIL:] else None
    if content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return "PNG" if tail.endswith(b"IEND\xaeB`\x82") else None
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG" if tail.endswith(b"\xff\xd9") else None
    return None


class Uploads:
    """A folder of documents."""

    def __init__(self, folder: Path, size_max: int) -> None:
        self._folder = folder
        self.size_max = size_max

    def keep(self, content: bytes) -> str:
        """Keep a document for good; the same content is kept once. Returns its SHA-256 in hex."""
        digest = sha256(content).hexdigest()
        place = self.place(digest)
        if not place.exists():
            place.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            beside = place.with_name(f"{digest}.{secrets.token_hex(4)}.new")
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(place)
            _sync(place.parent)
            _sync(self._folder)
        return digest

    def place(self, digest: str) -> Path:
        """Where a document lies."""
        return self._folder / digest[:2] / digest


def _sync(folder: Path) -> None:
    """A name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
