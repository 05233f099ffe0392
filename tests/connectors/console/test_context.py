"""Every command finds its addresses, says plainly what is missing, keeps its output clean."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.address_files import write_address
from connectors.console.context import Exit, shown_url

REACHES_OUT = [
    ("topics", "plan"), ("topics", "apply"), ("topics", "check"), ("status",), ("audit",),
    ("dlq", "ls"), ("dlq", "show", "intake/0/0"), ("dlq", "replay", "--all", "--dry-run"),
    ("send", "events.jsonl"), ("policy", "publish", "policy.toml"),
    ("policy", "diff", "policy.toml"), ("show", "subject", "91110000600037341L"),
    ("show", "task", "T-1"),
]  # fmt: skip
POLICY = '[policy]\nversion = "2026"\n'


@pytest.fixture
def nobody() -> str:
    """An address at which nobody answers, and which nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(autouse=True)
def files(console, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("connectors.console.context.REACH_WAIT_S", 0.3)
    (tmp_path / "events.jsonl").write_text("")
    (tmp_path / "policy.toml").write_text(POLICY)


@pytest.mark.parametrize("words", REACHES_OUT, ids=" ".join)
def test_a_broker_that_is_not_there_is_named_with_its_address(console, nobody, words, redis_url):
    console.set(HUB_BROKER=nobody, HUB_REDIS_URL=redis_url)

    answer = console(*words)

    assert answer.status == Exit.UNREACHABLE
    assert nobody in answer.said
    assert "is it running" in answer.said
    assert answer.out == ""
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("words", [("show", "task", "T-1"), ("audit",)], ids=" ".join)
def test_a_redis_that_is_not_there_is_named_with_its_address(
    console, nobody, words, embedded_broker
):
    console.set(HUB_BROKER=embedded_broker.bootstrap, HUB_REDIS_URL=f"redis://u:secret@{nobody}/0")

    answer = console(*words)

    assert answer.status == Exit.UNREACHABLE
    assert nobody in answer.said
    assert "secret" not in answer.said
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("words", REACHES_OUT, ids=" ".join)
def test_without_a_running_hub_the_first_thing_to_do_is_said(console, words):
    answer = console(*words)

    assert answer.status == Exit.UNREACHABLE
    assert "hub up" in answer.said
    assert "HUB_" in answer.said


def test_the_address_that_hub_up_wrote_is_used(console, tmp_path, embedded_broker):
    run = tmp_path / "run"
    run.mkdir()
    write_address(run / "broker.address", embedded_broker.bootstrap)

    answer = console("topics", "plan", "--json")

    assert answer.status == Exit.DONE
    assert [path.name for path in run.iterdir()] == ["broker.address"]


def test_all_wrong_settings_are_named_at_once_and_nothing_is_done(console):
    console.set(HUB_JOURNAL_PARTITIONS="0", HUB_REDIS_FSYNC="never", HUB_BASE_URL="ftp://x")

    answer = console("topics", "apply")

    assert answer.status == Exit.USAGE
    for name in ("HUB_JOURNAL_PARTITIONS", "HUB_REDIS_FSYNC", "HUB_BASE_URL"):
        assert name in answer.err
    assert "3 settings are wrong" in answer.err


def test_a_wrong_redis_address_is_a_wrong_setting(console):
    console.set(HUB_REDIS_URL="http://127.0.0.1:1", HUB_BROKER="127.0.0.1:1")

    answer = console("show", "task", "T-1")

    assert answer.status == Exit.USAGE
    assert "HUB_REDIS_URL" in answer.said


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:pw@h:1/0", "redis://:***@h:1/0"),
        ("rediss://user:p@w@h:1/0", "rediss://user:***@h:1/0"),
        ("unix:///run/redis.sock?db=0", "unix:///run/redis.sock?db=0"),
    ],
)
def test_a_password_in_an_address_is_not_shown(url, shown):
    assert shown_url(url) == shown


PROGRAM = (
    "import typer; from connectors.console import register_all;"
    "app = typer.Typer(); register_all(app); app()"
)


def run_piped(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    path = str(Path(__file__).parents[3])
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env={"PATH": "", "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_piped_output_has_no_colour_and_no_progress(embedded_broker, tmp_path):
    done = run_piped(
        "dlq", "ls", HUB_BROKER=embedded_broker.bootstrap, HUB_DATA_DIR=str(tmp_path), TERM="xterm"
    )

    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr


def test_a_reader_that_has_read_enough_is_no_error(tmp_path):
    hub = '"$0" -c "$1" generate --events 20000 --out -'
    line = f"{hub} | head -c 100 >$2; echo $PIPESTATUS"
    done = subprocess.run(
        ["/bin/bash", "-c", line, sys.executable, PROGRAM, "out"],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip

    assert "Traceback" not in done.stderr
    assert done.stdout.strip() == "0"
