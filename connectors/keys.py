"""Which secrets does the hub hold, and which of them issues?

A folder of small files, each 64 hexadecimal digits, the name saying what it is:

    code-2026-A0.key      secret of the inspection codes of 2026, generation 0
    code-2026-A1.key      its successor: issues from now on; A0 goes on verifying
    sign-S0-ed25519.key   signs QR tokens
    sign-S0-ed25519.pub   its public half; a withdrawn key keeps this one and still verifies

Secrets have mode 0400 exactly. A generation is newer when its last symbol is higher; neither file
times nor the keys of other years play a part, so a copied folder issues the same codes.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from connectors.signer import ED25519, SCHEMES, make_signer, make_verifier, public_key
from schemas.signing import CROCKFORD, SECRET_BYTES, Signer, Verifier, YearKey, code_key_id

SECRET_MODE = 0o400
PUBLIC_MODE = 0o444

_FILE_MAX_BYTES = 1024
_FIRST_SIGNING_KEY = "S0"
_CODE_FILE = re.compile(rf"code-(?P<year>[0-9]{{4}})-(?P<id>[{CROCKFORD}]{{2}})\.key")
_SIGN_FILE = re.compile(
    rf"sign-(?P<id>[{CROCKFORD}]{{2}})-(?P<scheme>{'|'.join(SCHEMES)})\.(?P<half>key|pub)"
)


class KeyRingError(Exception):
    """Keys are missing or unfit; the text names every file, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one folder.

    Attributes:
        folder: Where they were read.
        code_keys: Every key of inspection codes by its id, for verifying.
        verifiers: Every key of tokens by its id, for verifying.
        signers: The keys of tokens whose secret half is here, by id.
    """

    folder: Path
    code_keys: Mapping[str, YearKey]
    verifiers: Mapping[str, Verifier]
    signers: Mapping[str, Signer]

    def year_key(self, year: int) -> YearKey:
        """The key that issues the codes of a year: its newest generation.

        Raises:
            KeyRingError: If the year has none.
        """
        ids = [key.key_id for key in self.code_keys.values() if key.year == year]
        if not ids:
            raise KeyRingError(_missing_code_key(self.folder, year))
        return self.code_keys[max(ids, key=_age)]

    def by_id(self, key_id: str) -> YearKey:
        """The key of an id that a code or a record names, for deriving that code again.

        Raises:
            KeyRingError: If it is not here.
        """
        key = self.code_keys.get(key_id)
        if key is None:
            raise KeyRingError(
                f"code key {key_id!a} is not in {self.folder}: "
                f"restore file code-<year>-{key_id}.key, mode 0400, from where keys are kept"
            )
        return key

    def signer(self, scheme: str = ED25519) -> Signer:
        """The newest key that signs tokens with a scheme.

        Raises:
            KeyRingError: If there is none.
        """
        ids = [signer.key_id for signer in self.signers.values() if signer.scheme == scheme]
        if not ids:
            raise KeyRingError(
                f"no {scheme} signing key in {self.folder}: create file "
                f"sign-{_FIRST_SIGNING_KEY}-{scheme}.key (64 hexadecimal digits, mode 0400), "
                "or run: hub keys init"
            )
        return self.signers[max(ids, key=_age)]


def open_key_ring(folder: Path) -> KeyRing:
    """The keys in a folder.

    Raises:
        KeyRingError: If a key file is unfit; all of them are named at once.
    """
    if not folder.is_dir():
        raise KeyRingError(f"key folder {folder} does not exist: run: hub keys init")
    reading = _Reading()
    for path in sorted(folder.iterdir()):
        if path.suffix in {".key", ".pub"}:
            try:
                reading.take(path)
            except (OSError, ValueError, RuntimeError) as cause:
                reading.problems.append(f"{path}: {cause}")
    if reading.problems:
        raise KeyRingError("\n".join(reading.problems))
    return KeyRing(
        folder,
        MappingProxyType(reading.code_keys),
        MappingProxyType(reading.verifiers),
        MappingProxyType(reading.signers),
    )


def create_demo_keys(
    folder: Path, *, years: Iterable[int], scheme: str = ED25519
) -> tuple[Path, ...]:
    """Create the fresh random keys that a folder lacks, and say which files were written.

    What is there stays: running it again changes no code that is issued.

    Args:
        folder: Where; created with mode 0700 when it does not exist.
        years: The years that need a key of inspection codes.
        scheme: The scheme of the signing key.

    Raises:
        KeyRingError: If a key that is there is unfit.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ring = open_key_ring(folder)
    held = {key.year for key in ring.code_keys.values()}
    created = [add_code_key(folder, year) for year in sorted(set(years) - held)]
    if all(signer.scheme != scheme for signer in ring.signers.values()):
        created += add_signing_key(folder, scheme)
    return tuple(created)


def add_code_key(folder: Path, year: int) -> Path:
    """Create a year's next key of inspection codes; it issues as soon as the ring is opened again.

    Raises:
        KeyRingError: If the year has had all its 32 generations, or another process was faster.
    """
    held = [key for key in open_key_ring(folder).code_keys.values() if key.year == year]
    generation = 1 + max((CROCKFORD.index(key.key_id[1]) for key in held), default=-1)
    try:
        key_id = code_key_id(year, generation)
    except ValueError as cause:
        raise KeyRingError(f"no further code key in {folder}: {cause}") from cause
    return _write(folder / f"code-{year:04d}-{key_id}.key", _fresh_secret(), SECRET_MODE)


def add_signing_key(folder: Path, scheme: str = ED25519) -> tuple[Path, Path]:
    """Create the next signing key, both halves; it signs as soon as the ring is opened again.

    Raises:
        KeyRingError: If no id is left, or another process was faster.
    """
    taken = [_age(key_id) for key_id in open_key_ring(folder).verifiers]
    following = 1 + max(taken, default=_age(_FIRST_SIGNING_KEY) - 1)
    if following >= len(CROCKFORD) ** 2:
        raise KeyRingError(f"no further signing key in {folder}: ids are used up to ZZ")
    key_id = CROCKFORD[following // len(CROCKFORD)] + CROCKFORD[following % len(CROCKFORD)]
    secret = _fresh_secret()
    public = public_key(scheme, key_id, secret)
    stem = f"sign-{key_id}-{scheme}"
    return (
        _write(folder / f"{stem}.key", secret, SECRET_MODE),
        _write(folder / f"{stem}.pub", public, PUBLIC_MODE),
    )


class _Reading:
    """What was found so far in a folder, and what was wrong with it."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.code_keys: dict[str, YearKey] = {}
        self.verifiers: dict[str, Verifier] = {}
        self.signers: dict[str, Signer] = {}
        self._file_of_secret: dict[bytes, str] = {}
        self._public: dict[str, tuple[str, bytes]] = {}

    def take(self, path: Path) -> None:
        if found := _CODE_FILE.fullmatch(path.name):
            self._take_code_key(int(found["year"]), found["id"], self._secret(path))
        elif found := _SIGN_FILE.fullmatch(path.name):
            key_id, scheme = found["id"], found["scheme"]
            if found["half"] == "pub":
                self._take_public(scheme, key_id, _content(path, secret=False))
            else:
                secret = self._secret(path)
                self._take_public(scheme, key_id, public_key(scheme, key_id, secret))
                self.signers[key_id] = make_signer(scheme, key_id, secret)
        else:
            raise ValueError(
                "not the name of a key: code-<year>-<id>.key, sign-<id>-<scheme>.key or .pub "
                f"with scheme {' or '.join(SCHEMES)} expected"
            )

    def _take_code_key(self, year: int, key_id: str, secret: bytes) -> None:
        if key_id in self.code_keys:
            other = self.code_keys[key_id].year
            raise ValueError(f"key id {key_id} belongs to year {other} already: choose another")
        self.code_keys[key_id] = YearKey(year, key_id, secret)

    def _take_public(self, scheme: str, key_id: str, public: bytes) -> None:
        held = self._public.setdefault(key_id, (scheme, public))
        if held != (scheme, public):
            raise ValueError(f"key id {key_id} names two different keys: give one another id")
        self.verifiers[key_id] = make_verifier(scheme, key_id, public)

    def _secret(self, path: Path) -> bytes:
        secret = _content(path, secret=True)
        if len(secret) != SECRET_BYTES or len(set(secret)) == 1:
            raise ValueError(
                f"not a secret of {SECRET_BYTES} bytes: 64 hexadecimal digits expected"
            )
        other = self._file_of_secret.setdefault(secret, path.name)
        if other != path.name:
            raise ValueError(f"holds the same secret as {other}: every key needs its own")
        return secret


def _content(path: Path, *, secret: bool) -> bytes:
    """The bytes that a key file holds, after its mode was found right."""
    # Without O_NONBLOCK a pipe of that name would hold the start for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if secret and mode != SECRET_MODE:
            raise ValueError(f"has mode {mode:04o}, 0400 expected: run: chmod 0400 {path}")
        if mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ValueError(f"has mode {mode:04o}, others may write it: run: chmod 0444 {path}")
        text = file.read(_FILE_MAX_BYTES)
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        # The cause is left out: it would quote the secret.
        raise ValueError("holds something other than hexadecimal digits") from None


def _write(path: Path, key: bytes, mode: int) -> Path:
    """A new file that was never readable by others, on disk when this returns."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise KeyRingError(f"key file {path} exists: it is never overwritten") from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), mode)
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def _fresh_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _age(key_id: str) -> int:
    """The place of a key id in the order of ids; a higher one is newer."""
    return CROCKFORD.index(key_id[0]) * len(CROCKFORD) + CROCKFORD.index(key_id[1])


def _missing_code_key(folder: Path, year: int) -> str:
    return (
        f"no code key for {year} in {folder}: create file code-{year:04d}-{code_key_id(year, 0)}"
        f".key (64 hexadecimal digits, mode 0400), or run: hub keys init --year {year}"
    )
