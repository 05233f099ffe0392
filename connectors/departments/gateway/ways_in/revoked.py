"""Was this client certificate revoked? Looked up in the authority's list (CRL, RFC 5280).

The file is read again when it changes. Fail closed: while there is no good list of the
certificate's authority - unreadable, not signed by it, or out of date - nobody gets in by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from connectors.departments.gateway.problems import Problem, Why

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
_END = b"-----END X509 CRL-----"


@dataclass(frozen=True, slots=True)
class RevocationList:
    """What one authority revoked. `best_before`: Unix time of its next list; None: never."""

    serials: frozenset[int]
    best_before: float | None


class Revocations:
    """The lists of a file, as they stand now."""

    def __init__(self, path: Path, authorities: Path, now_s: Callable[[], float]) -> None:
        """Read the file for the first time.

        Args:
            path: One CRL for each authority, in PEM one after another, or a single one in DER.
            authorities: Certificates of the authorities that client certificates come from, PEM.
            now_s: Unix time.

        Raises:
            ValueError: a file cannot be used; says which and why.
        """
        self._path, self._authorities, self._now_s = path, authorities, now_s
        # Before the file is read: one that is replaced meanwhile is read again.
        self._seen = self._stamp()
        self._lists = read_lists(path, authorities)
        self._looked_at = now_s()

    def check(self, issuer: bytes, serial: int) -> None:
        """Let a certificate pass that is known not to be revoked.

        Args:
            issuer: Name of its authority, in DER.
            serial: Its number.

        Raises:
            Problem: it was revoked, or that cannot be told now.
        """
        self._look()
        found = self._lists.get(issuer)
        if found is None:
            raise Problem(Why.REVOCATION_UNKNOWN, "there is no usable list of this authority")
        if found.best_before is not None and self._now_s() >= found.best_before:
            raise Problem(Why.REVOCATION_UNKNOWN, "the authority's list is out of date")
        if serial in found.serials:
            raise Problem(Why.CREDENTIALS_REVOKED, f"client certificate {serial:X} was revoked")

    def _look(self) -> None:
        """Read the file again if it has changed, at most every second."""
        now = self._now_s()
        if abs(now - self._looked_at) < LOOK_EVERY_S:
            return
        self._looked_at = now
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._lists = read_lists(self._path, self._authorities)
        except ValueError as cause:
            log.error(  # noqa: TRY400 - the text says it all
                "the list of revoked certificates cannot be used, nobody gets in by certificate",
                error=str(cause),
            )
            self._lists = {}
        else:
            log.info("list of revoked certificates read", authorities=len(self._lists))

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


def read_lists(path: Path, authorities: Path) -> Mapping[bytes, RevocationList]:
    """The lists of a file by the names of their authorities, in DER.

    Raises:
        ValueError: a file cannot be read, or a list is not signed by one of the authorities.
    """
    try:
        content = path.read_bytes()
        known = x509.load_pem_x509_certificates(authorities.read_bytes())
    except (OSError, ValueError) as cause:
        raise ValueError(f"{path} or {authorities}: {cause}") from None
    found = {}
    try:
        for one in _lists(content):
            if not any(_signed(one, ca) for ca in known):
                who = one.issuer.rfc4514_string()
                raise ValueError(f"the list of {who} is not signed by one of {authorities}")
            found[one.issuer.public_bytes()] = _list_of(one)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise ValueError(f"{path}: {cause}") from None
    if not found:
        raise ValueError(f"{path}: one CRL in DER, or some in PEM, expected")
    return found


def _lists(content: bytes) -> Iterator[x509.CertificateRevocationList]:
    if not content.lstrip().startswith(b"-----"):
        if content:
            yield x509.load_der_x509_crl(content)
        return
    for text in content.split(_END)[:-1]:
        yield x509.load_pem_x509_crl(text + _END + b"\n")


def _signed(one: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    key: Any = authority.public_key()
    return authority.subject == one.issuer and one.is_signature_valid(key)


def _list_of(one: x509.CertificateRevocationList) -> RevocationList:
    until = one.next_update_utc
    serials = frozenset(row.serial_number for row in one)
    return RevocationList(serials, until.timestamp() if until is not None else None)
