"""`hub sandbox` and the key that sites know: what cannot run says why."""

from pathlib import Path

import pytest
from console_fakes import Console

SITES = "is not known: GSXT-TJ, CREDIT-TJ, SUBJECTS-TJ"


@pytest.mark.parametrize(
    ("argv", "said", "status"),
    [
        (["NOWHERE"], SITES, 2),
        (["CREDIT-TJ"], "run: hub keys init --sites", 2),
        (["GSXT-TJ", "--daily", "25:00"], "'25:00' is not a time HH:MM", 2),
        (["GSXT-TJ", "--maintenance", "01:00"], "'01:00' is not a window HH:MM-HH:MM", 2),
        (["SUBJECTS-TJ"], "HUB_BROKER", 3),
    ],
    ids=["no such site", "no key", "no such time", "no such window", "no broker"],
)
def test_what_cannot_run_says_why(
    console: Console, argv: list[str], said: str, status: int, tmp_path: Path
):
    ended = console("sandbox", *argv, "--folder", str(tmp_path / "x"))

    assert said in ended.said
    assert ended.status == status
    assert not (tmp_path / "x").exists()


def test_the_key_for_sites_is_made_once(console: Console, tmp_path: Path):
    first = console("keys", "init", "--sites", "--json")
    second = console("keys", "init", "--sites", "--json")

    assert first.json["created"] == ["sign-S0-ed25519.key", "sign-S0-ed25519.pub"]
    assert Path(first.json["folder"]).name == "site-keys"
    assert second.json["created"] == []
