"""As whom does this process connect to Kafka, and how? Said once, before the first client is made.

A process is one principal. Clients of three libraries need the same words in their own spelling.
"""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.settings import Settings

PASSWORD_MODE = 0o400


@dataclass(frozen=True, slots=True)
class KafkaLogin:
    """How to connect. `ca_file`: authorities that brokers are trusted by; None: the system's."""

    protocol: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    @property
    def sasl(self) -> bool:
        """Whether a name and a password are given."""
        return self.protocol.startswith("SASL_")

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.protocol.endswith("SSL")

    def ssl_context(self) -> ssl.SSLContext | None:
        """For a connection that is encrypted; None for one that is not."""
        return ssl.create_default_context(cafile=self.ca_file) if self.tls else None

    def python_options(self) -> dict[str, Any]:
        """As aiokafka and kafka-python spell it."""
        options: dict[str, Any] = {"security_protocol": self.protocol}
        if self.tls:
            options["ssl_context"] = self.ssl_context()
        if self.sasl:
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return options

    def librdkafka_options(self) -> dict[str, Any]:
        """As librdkafka spells it."""
        options = {"security.protocol": self.protocol.lower()}
        if self.tls and self.ca_file is not None:
            options["ssl.ca.location"] = str(self.ca_file)
        if self.sasl:
            options |= {
                "sasl.mechanism": self.mechanism,
                "sasl.username": self.user,
                "sasl.password": self.password,
            }
        return options


PLAIN = KafkaLogin()
_logins = [PLAIN]


def use(login: KafkaLogin) -> None:
    """From now on every client of this process connects so."""
    _logins[0] = login


def current() -> KafkaLogin:
    """How this process connects."""
    return _logins[0]


def python_options() -> dict[str, Any]:
    """The options of this process for aiokafka and kafka-python."""
    return current().python_options()


def librdkafka_options() -> dict[str, Any]:
    """The options of this process for librdkafka."""
    return current().librdkafka_options()


def login_of(settings: Settings) -> KafkaLogin:
    """What the settings say.

    Raises:
        ValueError: the file of the password cannot be read, or others may read it.
    """
    password = ""
    if settings.kafka_password_file is not None:
        password = read_password(settings.kafka_password_file)
    return KafkaLogin(
        settings.kafka_protocol,
        settings.kafka_mechanism,
        settings.kafka_user,
        password,
        settings.kafka_ca_file,
    )


def read_password(path: Path) -> str:
    """The password in a file that nobody else may read.

    Raises:
        ValueError: there is none, or others may read it.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise ValueError(f"{path}: {cause}: a file with the Kafka password expected") from None
    if mode != PASSWORD_MODE:
        raise ValueError(f"{path} has mode {mode:04o}, 0400 expected: run: chmod 0400 {path}")
    if not password:
        raise ValueError(f"{path} is empty: the Kafka password expected")
    return password
