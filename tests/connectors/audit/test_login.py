"""The auditor on its own connects as whoever it is told to, and says what is missing."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from connectors.audit.login import login_options

PASSWORD = "of the tests"  # noqa: S105 - of nobody


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    path.chmod(0o400)
    return path


def test_without_a_login_it_connects_plainly():
    assert login_options("PLAINTEXT") == {"security_protocol": "PLAINTEXT"}


def test_a_name_and_a_password_are_handed_on(file: Path):
    assert login_options("SASL_PLAINTEXT", "SCRAM-SHA-256", "audit", file) == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "audit",
        "sasl_plain_password": PASSWORD,
    }


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_brokers_must_show_a_certificate_that_is_trusted(protocol: str, file: Path):
    context = login_options(protocol, user="audit", password_file=file)["ssl_context"]

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_what_is_missing_or_unfit_is_said(file: Path, tmp_path: Path):
    empty = tmp_path / "empty"
    empty.touch(0o400)
    for words, told in (
        ({"protocol": "TLS"}, "one of PLAINTEXT"),
        ({"protocol": "SASL_SSL"}, "needs a user"),
        ({"protocol": "SASL_SSL", "user": "a", "password_file": empty}, "is empty"),
        ({"protocol": "SASL_SSL", "mechanism": "MD5"}, "one of SCRAM-SHA-512"),
    ):
        with pytest.raises(ValueError, match=told):
            login_options(**words)
    file.chmod(0o444)
    with pytest.raises(ValueError, match="others may read it"):
        login_options("SASL_SSL", user="a", password_file=file)
