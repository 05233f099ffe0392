"""Does a file give the same decisions by `hub replay` and through Kafka? Yes or no, with counts.

The file is judged in its own order and appended to the journal in that order; then the decide stage
works on it as on any journal.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from benchmarks.city import YEAR, city_file, fill_journal
from benchmarks.contender import PROJECT
from benchmarks.hub_roles import hub_roles
from benchmarks.outcome import Goal, Outcome, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from benchmarks.workers import wait_for
from connectors.generate import city_year
from connectors.kafka_log import KafkaLog
from schemas.topics import DECIDED, JOURNAL

Place = tuple[int, int]
"""Partition and offset in the journal."""

EVENTS_TIMES = 5
"""Of a run with 200,000 events: a million."""
SLOWEST_US = 5_000
"""A decide stage that takes longer than this an event is stuck."""
EXAMPLES_MAX = 5
ERROR_CHARS = 2_000


@dataclass(slots=True)
class Comparison:
    """What was compared.

    Attributes:
        lines: Lines of the file.
        took_s: What `hub replay` took for them.
        replayed: Decisions of `hub replay`.
        decided: Decisions on the decided topic.
        same: Those that agree.
        kinds: How many of each decision.
        examples: The first differences, for a person.
        other: Answers of other kinds, by kind: what each side counted.
    """

    lines: int = 0
    took_s: float = 0.0
    replayed: int = 0
    decided: int = 0
    same: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    other: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def identical(self) -> bool:
        """Whether there are decisions, as many on both sides, and everything agrees."""
        agree = 0 < self.replayed == self.decided == self.same
        return agree and all(mine == theirs for mine, theirs in self.other.values())


def replay_identity(plan: Plan) -> Outcome:
    """A million generated events, both ways."""
    events = plan.events * EVENTS_TIMES
    with plan.site("replay") as site:
        path = city_file(plan.folder, city_year(events, year=YEAR))
        # Each run needs an empty journal.
        site.dataset({"at": time.time()}, dict)
        found = check(site, path)
    return Outcome(
        "replay_identity",
        [_table(found)],
        [
            Goal(
                f"{found.lines:,} events: the same decisions by `hub replay` and through Kafka",
                f"{found.same:,} of {found.replayed:,} agree",
                found.identical,
            )
        ],
        {"examples": found.examples, "kinds": dict(found.kinds), "other": found.other},
    )


def check(site: Site, file: Path) -> Comparison:
    """Judge a file both ways on an empty site."""
    out = site.folder / "replayed.jsonl"
    tally = replayed(site, file, out)
    site.tell(f"hub replay: {tally['lines']:,} lines in {tally['took_s']:.1f} s")
    fill_journal(site, file)
    with hub_roles(site, ["decide"]) as roles:
        wait_s = SLOWEST_US * 1e-6 * tally["lines"] + 60
        wait_for(lambda: site.count(DECIDED) == site.count(JOURNAL), list(roles.values()), wait_s)
    digests, counts = asyncio.run(answers(site.bootstrap))
    found = compare(decisions(out), digests)
    found.lines, found.took_s = tally["lines"], tally["took_s"]
    kinds = tally["events"].keys() | counts.keys()
    found.other = {kind: (tally["events"].get(kind, 0), counts[kind]) for kind in sorted(kinds)}
    return found


def replayed(site: Site, file: Path, out: Path) -> dict[str, Any]:
    """What `hub replay` counts; its decisions lie in `out`."""
    env = {**os.environ, "PYTHONPATH": str(PROJECT), "HUB_KEYS_DIR": str(site.keys)}
    argv = [sys.executable, "-m", "hub", "--json", "replay", str(file), "--out", str(out)]
    done = subprocess.run(argv, env=env, cwd=site.folder, capture_output=True, check=False)
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace")[-ERROR_CHARS:]
        raise RuntimeError(f"hub replay of {file} ended with status {done.returncode}: {last}")
    tally: dict[str, Any] = orjson.loads(done.stdout)
    return tally


def decisions(out: Path) -> Iterator[dict[str, Any]]:
    """The decisions that `hub replay` wrote."""
    with out.open("rb") as lines:
        yield from map(orjson.loads, lines)


async def answers(bootstrap: str) -> tuple[dict[Place, bytes], Counter[str]]:
    """Everything on the decided topic.

    Digests of the decisions, and counts of all other answers.
    """
    digests: dict[Place, bytes] = {}
    counts: Counter[str] = Counter()
    logs = KafkaLog(bootstrap)
    for partition in range(await logs.partitions(DECIDED)):
        first, end = await logs.span(DECIDED, partition)
        async for chunk in logs.scan(DECIDED, partition, first, end):
            for record in chunk:
                fact = orjson.loads(record.value)["facts"][-1]
                if fact["fact"] in ("DECIDED", "CONFLICT"):
                    digests[place_of(fact["decision"])] = digest(fact["decision"])
                else:
                    counts[
                        f"{fact['fact']} {fact['outcome']}" if "outcome" in fact else fact["fact"]
                    ] += 1
    return digests, counts


def compare(replay: Iterable[Mapping[str, Any]], digests: Mapping[Place, bytes]) -> Comparison:
    """Compare the decisions of `hub replay` with those of the decided topic, by their place."""
    found = Comparison(decided=len(digests))
    for decision in replay:
        found.replayed += 1
        found.kinds[decision["decision"]] += 1
        if digests.get(place_of(decision)) == digest(decision):
            found.same += 1
        elif len(found.examples) < EXAMPLES_MAX:
            there = "another decision" if place_of(decision) in digests else "no decision"
            found.examples.append(f"{orjson.dumps(decision).decode()}: Kafka has {there}")
    return found


def place_of(decision: Mapping[str, Any]) -> Place:
    """Where the journal record lies that a decision answers."""
    return decision["source"]["partition"], decision["source"]["offset"]


def digest(decision: Mapping[str, Any]) -> bytes:
    """Of everything in a decision but the instant of the broker's append, which no file has."""
    content = {name: value for name, value in decision.items() if name != "decided_at"}
    return blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _table(found: Comparison) -> Table:
    rows = [
        ["lines of the file", f"{found.lines:,}"],
        ["`hub replay`, one process, lines/s", f"{found.lines / found.took_s:,.0f}"],
        ["decisions by `hub replay`", f"{found.replayed:,}"],
        ["decisions through Kafka", f"{found.decided:,}"],
        ["of these the same, field by field", f"{found.same:,}"],
        *([f"… {kind}", f"{count:,}"] for kind, count in found.kinds.most_common()),
        *([f"{kind}: replay / Kafka", f"{a:,} / {b:,}"] for kind, (a, b) in found.other.items()),
        ["identical", "yes" if found.identical else "no"],
    ]
    note = (
        "The file is judged by intake's own function and appended to the journal in its order; "
        "`decided_at`, the instant of the append, is the only field that is not compared."
    )
    return Table("The same file by `hub replay` and through Kafka", ("", "found"), rows, [note])
