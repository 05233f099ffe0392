"""Whose client certificate is this? The one place where a certificate becomes a principal.

TLS has proven by then that the certificate comes from the authority of the settings and that the
client holds its key. What is read here is one name in it, a URI among its alternative names:

    urn:insp:dept:WJW-120116        a department, by its registry code
    urn:insp:site:GSXT-TJ           a publicity system

Never the subject's common name: authorities let applicants choose it. Headers that speak of
certificates are never believed either.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import Any

from cryptography import x509
from starlette.requests import Request

from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.auth import Principal
from connectors.departments.gateway.ways_in.revoked import Revocations
from connectors.departments.gateway.ways_in.seen_certificates import SeenCertificates

STATE_KEY = "client_certificate"
ISSUER_DER = "issuerDer"
DEPT_PREFIX = "urn:insp:dept:"
SITE_PREFIX = "urn:insp:site:"


class ClientCertificates:
    """Identifies by the certificate of the connection (fits auth.Authenticator)."""

    def __init__(
        self,
        prefix: str,
        now_s: Callable[[], float],
        revocations: Revocations | None = None,
        seen: SeenCertificates | None = None,
    ) -> None:
        """Prepare.

        Args:
            prefix: Of the names that count here: `DEPT_PREFIX` or `SITE_PREFIX`.
            now_s: Unix time.
            revocations: Lists of revoked certificates; None: there are none to be asked.
            seen: Is told of every good one; None: nobody is.
        """
        self._prefix = prefix
        self._revocations, self._seen = revocations, seen
        self._now_s = now_s

    def applies(self, request: Request) -> bool:
        """Whether the connection has a client certificate."""
        return bool(_certificate(request))

    async def identify(self, request: Request) -> Principal:
        """Whose it is."""
        certificate = _certificate(request)
        names = [
            value.removeprefix(self._prefix)
            for kind, value in certificate.get("subjectAltName", ())
            if kind == "URI" and value.startswith(self._prefix)
        ]
        if len(names) != 1 or not names[0]:
            found = f"one name {self._prefix}… expected in the client certificate"
            raise Problem(Why.UNAUTHENTICATED, f"{found}, {len(names)} found")
        # Checked when the connection was made, which may have been long ago.
        until_s = ssl.cert_time_to_seconds(certificate["notAfter"])
        if self._now_s() >= until_s:
            raise Problem(Why.CREDENTIALS_EXPIRED, "the client certificate has expired")
        if self._revocations is not None:
            self._revocations.check(certificate[ISSUER_DER], int(certificate["serialNumber"], 16))
        serial = certificate.get("serialNumber", "")
        if self._seen is not None:
            await self._seen.saw(names[0], serial, until_s)
        return Principal(names[0], f"certificate {serial}")


def certificate_of(connection: ssl.SSLObject) -> Mapping[str, Any]:
    """What TLS has proven of a connection's client; empty if it brought no certificate."""
    found, der = connection.getpeercert(), connection.getpeercert(binary_form=True)
    if not found or der is None:
        return {}
    return {**found, ISSUER_DER: x509.load_der_x509_certificate(der).issuer.public_bytes()}


def _certificate(request: Request) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = request.scope.get("state", {}).get(STATE_KEY)
    return found or {}
