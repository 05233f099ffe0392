"""`hub preflight` looks at all, changes nothing, and ends with 1 if something must be done."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis as redis_client
from console_fakes import write

from connectors.broker import EmbeddedBroker
from connectors.console.context import Exit
from connectors.keys import create_demo_keys
from connectors.preflight.finding import Check
from connectors.redis_calendar import KEY
from connectors.redis_server import RedisServer
from schemas.calendar_entries import pack
from schemas.topics import CTL_POLICY

YEARS = range(2026, 2050)


@pytest.fixture
def fit(console, broker, redis_node: RedisServer, redis_url: str, tmp_path: Path) -> Path:
    """An environment that is fit but for what a test plants: the folder of its keys."""
    keys = tmp_path / "keys"
    create_demo_keys(keys, years=YEARS)
    create_demo_keys(tmp_path / "site-keys", years=())
    console.set(
        HUB_REDIS_URL=redis_url, HUB_KEYS_DIR=str(keys), HUB_BASE_URL="https://hub.example.cn",
        HUB_METRICS_PORT="9464", HUB_SITES="SUBJECTS-TJ",
        HUB_SITE_SUBJECTS_PAGE="https://subjects.example.cn/public",
    )  # fmt: skip
    console("topics", "apply")
    write(broker, CTL_POLICY, [{"key": b"policy", "value": b"{}"}])
    with redis_client.Redis.from_url(redis_url) as client:
        client.set(KEY, pack((), None))
    return keys


def levels(console) -> dict[str, str]:
    """The worst level of each check."""
    order = ["FAIL", "WARN", "OK"]
    found: dict[str, str] = {}
    for one in console("preflight", "--json").json["findings"]:
        found[one["check"]] = min(found.get(one["check"], "OK"), one["level"], key=order.index)
    return found


def test_a_fit_environment_passes(console, fit):
    answer = console("preflight", "--json")

    assert answer.status == Exit.DONE
    assert answer.json["ok"] is True
    assert set(levels(console)) >= {check.value for check in Check} - {"access"}
    assert levels(console)["redis"] == "OK"


def test_a_fault_ends_it_with_1_and_says_what_to_do(console, fit):
    next(fit.glob(f"code-{YEARS[0]}-*.key")).chmod(0o444)

    answer = console("preflight")
    assert answer.status == Exit.FOUND
    assert "NOT fit: 1 must be put right" in answer.said
    assert "mode 0444, 0400 expected" in answer.said
    assert answer.fits(80)


def test_a_redis_that_evicts_is_named(console, fit, redis_url: str):
    with redis_client.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            assert levels(console)["redis"] == "FAIL"
        finally:
            client.config_set("maxmemory-policy", "noeviction")


def test_a_redis_that_is_away_is_a_finding_and_the_rest_is_looked_at(console, fit):
    console.set(HUB_REDIS_URL="redis://127.0.0.1:1/0")
    found = levels(console)

    assert found["redis"] == found["clock"] == found["calendar"] == "FAIL"
    assert found["topics"] == found["policy"] == "OK"


def test_topics_that_are_missing_and_a_policy_that_is_not_there_are_named(console, fit):
    with EmbeddedBroker() as empty:
        console.set(HUB_BROKER=empty.bootstrap)
        found = levels(console)

    assert found["policy"] == found["topics"] == "FAIL"


@pytest.mark.parametrize(
    ("variable", "value", "check"),
    [
        ("HUB_BASE_URL", "https://hub.invalid", "settings"),
        ("HUB_KEYS_DIR", "/nowhere", "keys"),
        ("HUB_SITE_SUBJECTS_PAGE", "", "sites"),
        ("HUB_GATEWAY_TLS_KEY", "/nowhere/key.pem", "keys"),
    ],
)
def test_a_setting_that_will_not_do_is_named(console, fit, variable, value, check):
    more = {"HUB_GATEWAY_TLS_CERT": "/nowhere/cert.pem"} if "TLS" in variable else {}
    console.set(**{variable: value, **more})

    assert levels(console)[check] == "FAIL"


@pytest.mark.parametrize("name", ["tokens.jsonl", "site-tokens.jsonl", "operator-tokens.jsonl"])
def test_tokens_that_others_may_read_are_named(console, fit, tmp_path: Path, name):
    folder = tmp_path / "gateway"
    folder.mkdir(mode=0o700)
    (folder / name).touch(mode=0o644)
    console.set(HUB_GATEWAY_DIR=str(folder))

    found = console("preflight", "--only", "keys", "--json").json["findings"]

    assert [one["level"] for one in found if one["about"].endswith(name)] == ["FAIL"]


def test_one_thing_can_be_looked_at_alone(console, fit):
    found = console("preflight", "--only", "keys", "--json").json["findings"]

    assert {one["check"] for one in found} == {"keys"}


def test_a_calendar_that_nobody_keeps_is_named(console, fit, redis_url: str):
    with redis_client.Redis.from_url(redis_url) as client:
        client.delete(KEY)

    assert levels(console)["calendar"] == "WARN"


def test_nothing_is_changed(console, fit, redis_url: str):
    with redis_client.Redis.from_url(redis_url) as client:
        before = client.dbsize()
        console("preflight", "--all")
        assert client.dbsize() == before
    assert {path.stat().st_mode & 0o777 for path in fit.glob("*.key")} == {0o400}
    assert fit.stat().st_mode & 0o777 == 0o700
