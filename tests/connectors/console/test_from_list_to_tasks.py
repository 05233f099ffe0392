"""A generated special inspection goes through a whole hub, and its list becomes tasks once.

Processes of their own on the embedded broker: intake, decide, scheduler, and the command as people
run it, twice at the same time.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from waiting import until

from connectors.generate import CitySpec, generate
from connectors.stack import Stack
from schemas.messages import (
    SPECIAL_CLAIMED,
    SPECIAL_DISPATCHED,
    SPECIAL_FILED,
    SPECIAL_PUBLISHED,
    TASK_SUBMITTED,
)
from schemas.settings import Settings

ROOT = Path(__file__).parents[3]
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
UP_TO_THE_CLAIM = (SPECIAL_FILED, SPECIAL_PUBLISHED, SPECIAL_DISPATCHED, SPECIAL_CLAIMED)
WAIT_S = 120.0


class Generated:
    """A small city's registries, its special inspection up to the claim, and a task it made."""

    def __init__(self) -> None:
        first = TODAY - timedelta(days=10)
        spec = CitySpec(
            year=first.year, start_day=first, days=1, districts=2, systems=8, subjects=200,
            officers=400, tasks=40, malformed=0, specials=1,
        )  # fmt: skip
        lines = [orjson.loads(line) for line in generate(spec, 4)]
        named = [one for one in lines if one["id"].startswith("ZX")]
        registries = [one for one in lines if one["source"] == "REGISTRY"]
        steps = [one for one in named if one["type"] in UP_TO_THE_CLAIM]
        self.lines = registries + steps
        self.task = next(one for one in named if one["type"] == TASK_SUBMITTED)
        self.filing = next(
            one["data"] for one in steps if one["type"] == SPECIAL_FILED and one["data"]["approval"]
        )
        assert steps[-1]["type"] == SPECIAL_CLAIMED

    def write(self, path: Path) -> Path:
        path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in self.lines))
        return path


class Running:
    """A hub that runs, and its command line."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._env = {
            **os.environ, "HUB_BROKER": stack.bootstrap, "HUB_REDIS_URL": stack.redis_url,
            "HUB_DATA_DIR": str(folder), "COLUMNS": "200",
        }  # fmt: skip

    def __call__(self, *words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "hub", *words],
            cwd=ROOT, env=self._env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout or done.stderr


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Running]:
    settings = Settings(data_dir=tmp_path / "run")
    with Stack(settings, lambda _: None) as stack:
        yield Running(stack, settings.data_dir)


def test_the_list_becomes_tasks_once_however_often_it_is_asked_for(hub: Running, tmp_path: Path):
    city = Generated()
    special_id, objects = city.filing["special_id"], city.filing["objects"]
    data = city.task["data"]
    words = [
        "special", "tasks", special_id, "--dept", city.task["source"], "--on", TODAY.isoformat(),
        *(word for item in data["items"] for word in ("--item", item)),
        *(word for one in data["officers"] for word in ("--officer", one)), "--json",
    ]  # fmt: skip

    sent = hub("send", "--journal-order", str(city.write(tmp_path / "city.jsonl")))
    assert sent[0] == 0, sent[1]
    until(lambda: hub(*words, "--dry-run")[0] == 0, "the claim is on record", WAIT_S)
    with ThreadPoolExecutor(2) as people:
        both = list(people.map(lambda _: hub(*words), range(2)))
    until(lambda: len(made(hub, special_id)) == len(objects), "every task is decided", WAIT_S)
    status, later = hub(*words)

    assert [status for status, _ in both] == [0, 0], both
    # Whoever came first submitted them all; the other one all of them again, or what was left.
    assert max(json.loads(told)["submitted"] for _, told in both) == len(objects)
    assert status == 0
    assert json.loads(later)["submitted"] == 0
    assert {one["not_submitted"].split()[0] for one in json.loads(later)["objects"]} == {"MADE"}
    tasks = made(hub, special_id)
    assert Counter(one["uscc"] for one in tasks) == Counter(objects)
    assert {one["decision"] for one in tasks} == {"ISSUED"}
    assert all(one["listed"] and one["owes_result"] for one in tasks)


def made(hub: Running, special_id: str) -> list[dict[str, Any]]:
    """What stands on record of the special inspection's objects."""
    status, told = hub("case", f"special:{special_id}", "--json")
    assert status == 0, told
    return list(json.loads(told)["objects"])
