"""An authority of certificates for the tests, and a client that sends events over TLS with them."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gateway_world import DEPT, OTHER, World, an_event
from serving import served

from connectors.child import free_port
from connectors.departments.gateway.server import Tls

NOW = dt.datetime.now(dt.UTC)
PEM = serialization.Encoding.PEM


@dataclass
class Authority:
    """Signs certificates into a folder."""

    folder: Path
    name: str

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        made = self._builder(self.subject, self.key, days=30).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file = self.folder / f"{self.name}.pem"
        self.cert = made.sign(self.key, hashes.SHA256())
        self.file.write_bytes(self.cert.public_bytes(serialization.Encoding.PEM))

    def sign(
        self, file: str, *names: x509.GeneralName, days: int = 7, cn: str = "x"
    ) -> tuple[Path, Path]:
        """A certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])
        builder = self._builder(subject, key, days)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        cert, secret = self.folder / f"{file}.pem", self.folder / f"{file}.key"
        signed = builder.sign(self.key, hashes.SHA256())
        cert.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        secret.touch(mode=0o600)
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )  # fmt: skip
        return cert, secret

    def revoke(self, *certs: Path, days: int = 7, by: Authority | None = None) -> bytes:
        """The authority's list of revoked certificates, good for some days."""
        made = x509.CertificateRevocationListBuilder(
            issuer_name=self.subject, last_update=NOW - dt.timedelta(days=30),
            next_update=NOW + dt.timedelta(days=days),
        )  # fmt: skip
        for cert in certs:
            serial = x509.load_pem_x509_certificate(cert.read_bytes()).serial_number
            row = x509.RevokedCertificateBuilder(serial_number=serial, revocation_date=NOW)
            made = made.add_revoked_certificate(row.build())
        return made.sign((by or self).key, hashes.SHA256()).public_bytes(PEM)

    def _builder(self, subject: x509.Name, key: Any, days: int) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - dt.timedelta(days=60))
            .not_valid_after(NOW + dt.timedelta(days=days))
        )


def uri(kind: str, code: str) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(f"urn:insp:{kind}:{code}")


def on_the_day(world: World) -> World:
    world.clock = NOW.astimezone(world.clock.tzinfo)
    world.tokens = {dept: world.issue(dept) for dept in (DEPT, OTHER)}
    return world


async def send(
    world: World, ca: Authority, client: tuple[Path, Path] | None, **headers: str
) -> tuple[int, Any]:
    """Post an event over TLS; status 0 if the connection was refused."""
    server = ca.sign("server", x509.DNSName("localhost"))
    port, tls = free_port(), Tls(*server, ca.file)
    context = ssl.create_default_context(cafile=ca.file)
    if client is not None:
        context.load_cert_chain(*client)

    def post() -> tuple[int, Any]:
        connection = HTTPSConnection("localhost", port, timeout=10, context=context)
        sent = {"content-type": "application/cloudevents+json", **headers}
        event = an_event() | {"id": str(uuid4()), "time": world.clock.isoformat()}
        try:
            connection.request("POST", "/v1/events", orjson.dumps(event), sent)
            answer = connection.getresponse()
            return answer.status, orjson.loads(answer.read())
        except OSError:
            return 0, None
        finally:
            connection.close()

    async with served(world.app, port, tls=tls):
        return await asyncio.to_thread(post)
