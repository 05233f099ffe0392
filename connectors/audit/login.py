"""As whom does the auditor connect to Kafka? Its own few lines: it shares no code with the hub."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path
from typing import Any

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
_OTHERS = 0o077


def login_options(
    protocol: str,
    mechanism: str = "SCRAM-SHA-512",
    user: str = "",
    password_file: Path | None = None,
    ca_file: Path | None = None,
) -> dict[str, Any]:
    """How aiokafka is to connect.

    Args:
        protocol: One of `PROTOCOLS`; a name and a password are sent with those that begin SASL.
        mechanism: One of `MECHANISMS`.
        user: Whose password it is.
        password_file: A file that nobody but its owner may read.
        ca_file: Authorities that brokers are trusted by, PEM; None: those of the system.

    Raises:
        ValueError: a word is none of the list, or something that is needed is missing or unfit.
        OSError: a file cannot be read.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol {protocol!r}: one of {', '.join(PROTOCOLS)} expected")
    options: dict[str, Any] = {"security_protocol": protocol}
    if protocol.endswith("SSL"):
        options["ssl_context"] = ssl.create_default_context(cafile=ca_file)
    if protocol.startswith("SASL_"):
        if mechanism not in MECHANISMS:
            raise ValueError(f"mechanism {mechanism!r}: one of {', '.join(MECHANISMS)} expected")
        if not user or password_file is None:
            raise ValueError(f"{protocol} needs a user and the file of the password")
        options |= {
            "sasl_mechanism": mechanism,
            "sasl_plain_username": user,
            "sasl_plain_password": _password(password_file),
        }
    return options


def _password(path: Path) -> str:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        raise ValueError(f"{path} has mode {mode:04o}: others may read it; run: chmod 0400 {path}")
    password = path.read_text(encoding="utf-8").strip()
    if not password:
        raise ValueError(f"{path} is empty: the Kafka password expected")
    return password
