"""Has everything healed, and were all promises kept? The auditor says so, from topics and Redis."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from chaos_servers import Servers
from waiting import until

from connectors.audit import AuditReport, Options, read_keys, render, run_audit
from connectors.audit.dump import Dump, RedisView
from connectors.audit.readers import journal_partitions, read_redis, read_topics
from connectors.kafka_admin import KafkaAdmin
from schemas.access import DECIDE_GROUP, INTAKE_GROUP
from schemas.topics import DECIDED, JOURNAL

HEAL_S = 120.0


def level(servers: Servers) -> str:
    """Empty when every record is taken in, decided, committed and in the view; else what is not."""
    with KafkaAdmin(servers.kafka.bootstrap, timeout_s=60) as admin:
        counts = admin.partition_counts()
        journal = [(JOURNAL, number) for number in range(servers.partitions)]
        inputs = [(name, n) for name in admin.list_in_topics() for n in range(counts[name])]
        for group, there in ((INTAKE_GROUP, inputs), (DECIDE_GROUP, journal)):
            ends, committed = admin.end_offsets(there), admin.committed(group)
            behind = {at: end for at, end in ends.items() if committed.get(at, 0) < end}
            if behind:
                left = sum(end - committed.get(at, 0) for at, end in behind.items())
                return f"{group} is {left} records behind on {len(behind)} partitions"
        ends = admin.end_offsets(journal)
    views = servers.positions()
    if views != [ends[at] for at in journal]:
        return f"the view is at {views}, the journal ends at {[ends[at] for at in journal]}"
    return ""


def wait_until_level(servers: Servers, deadline_s: float = HEAL_S) -> None:
    """Return when everything is level, twice in a row; fail with what is not."""
    said = ["nothing yet"]

    def is_level() -> bool:
        said[0] = level(servers) or level(servers)
        return not said[0]

    try:
        until(is_level, "level", deadline_s)
    except AssertionError as cause:
        raise AssertionError(f"not level after {deadline_s:g} s: {said[0]}") from cause


@dataclass(frozen=True)
class Verdict:
    """What the auditor found, and figures about the run."""

    report: AuditReport
    dump: Dump

    @property
    def broken(self) -> dict[str, int]:
        """Violations by check."""
        return {c.name: c.violations_total for c in self.report.checks if c.violations_total}

    def figures(self) -> dict[str, Any]:
        """What lay on the topics."""
        decided = [r for _, _, rows in self.dump.walk(DECIDED) for r in rows]
        sources = Counter(_source(r.value) for r in decided)
        journal = sum(len(rows) for _, _, rows in self.dump.walk(JOURNAL))
        return {
            "records": self.report.records,
            "journal": journal,
            "decided_twice_or_more": len(decided) - len(sources),
            "violations": self.report.violations_total,
        }

    def text(self) -> str:
        """The auditor's table."""
        return render(self.report, width=110)


def judge(servers: Servers, *, options: Options | None = None) -> Verdict:
    """Read everything and audit it."""

    async def read() -> tuple[Dump, RedisView]:
        dump = await read_topics(servers.kafka.bootstrap)
        return dump, await read_redis(servers.redis.url, journal_partitions(dump))

    dump, view = asyncio.run(read())
    return Verdict(run_audit(dump, view, read_keys(Path(servers.keys)), options), dump)


def _source(value: bytes | None) -> tuple[int, int]:
    source = orjson.loads(value or b"")["src"]
    return source["partition"], source["offset"]
