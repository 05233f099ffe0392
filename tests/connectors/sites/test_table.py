"""Which connector speaks to which system, and what it needs for it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.keys import KeyRingError, create_demo_keys
from connectors.sites.table import NotConnectedError, open_reader, open_system, site_signers
from schemas.settings import Settings, problems
from schemas.sites import SITES

ADDRESSES = {
    "site_national_database": "sqlite:///front.db",
    "site_national_page": "https://national.invalid/public",
    "site_credit_url": "https://credit.invalid/exchange",
    "site_credit_page": "https://credit.invalid/public",
    "site_subjects_page": "https://subjects.invalid/public",
}


def settings(folder: Path, **fields: Any) -> Settings:
    return Settings(**{"data_dir": folder, **fields})


@pytest.mark.parametrize("code", SITES)
async def test_opens_each_system_without_a_connection(code: str, tmp_path: Path):
    create_demo_keys(tmp_path / "site-keys", years=())

    system = open_system(code, settings(tmp_path, **ADDRESSES))
    await system.close()

    assert system.site == code


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("GSXT-TJ", "not set: HUB_SITE_NATIONAL_DATABASE, HUB_SITE_NATIONAL_PAGE"),
        ("CREDIT-TJ", "not set: HUB_SITE_CREDIT_URL, HUB_SITE_CREDIT_PAGE"),
        ("SUBJECTS-TJ", "not set: HUB_SITE_SUBJECTS_PAGE"),
    ],
)
def test_names_all_settings_that_are_missing(code: str, missing: str, tmp_path: Path):
    with pytest.raises(NotConnectedError) as refused:
        open_system(code, settings(tmp_path))

    assert str(refused.value) == missing


def test_says_how_to_get_a_key(tmp_path: Path):
    with pytest.raises(KeyRingError) as refused:
        open_system("CREDIT-TJ", settings(tmp_path, **ADDRESSES))

    assert "hub keys init --sites" in str(refused.value)


@pytest.mark.parametrize("code", SITES)
async def test_to_read_what_is_public_no_key_is_needed(code: str, tmp_path: Path):
    system = open_reader(code, settings(tmp_path, **ADDRESSES))
    await system.close()

    assert system.site == code


def test_the_newest_key_signs_first(tmp_path: Path):
    from connectors.keys import add_signing_key

    create_demo_keys(tmp_path / "site-keys", years=())
    add_signing_key(tmp_path / "site-keys")

    assert [one.key_id for one in site_signers(settings(tmp_path))] == ["S1", "S0"]


def test_a_missing_driver_is_named(tmp_path: Path):
    address = {**ADDRESSES, "site_national_database": "postgresql+nodriver://front/exchange"}

    with pytest.raises(NotConnectedError, match="HUB_SITE_NATIONAL_DATABASE"):
        open_system("GSXT-TJ", settings(tmp_path, **address))


def test_mistakes_are_told_all_at_once_and_without_passwords():
    with pytest.raises(ValidationError) as refused:
        Settings(
            site_national_database="mysql://hub:secret@front/x",
            site_credit_url="ftp://credit.invalid",
            site_subjects_page="https://user@subjects.invalid/public",
        )

    told = problems(refused.value)
    names = [line.partition(":")[0] for line in told]
    assert names == ["HUB_SITE_NATIONAL_DATABASE", "HUB_SITE_CREDIT_URL", "HUB_SITE_SUBJECTS_PAGE"]
    assert "secret" not in " ".join(told)
    assert "ftp://credit.invalid" in told[1]
