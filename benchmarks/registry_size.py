"""What does the object list of a whole city cost each process, in memory and in time to start?

Every process that judges events follows the registry topic from its first record.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

from benchmarks.city import city_file, departments, judged, postings, publish_all
from benchmarks.hub_roles import hub_roles
from benchmarks.latency import district
from benchmarks.meter import rss_mb
from benchmarks.outcome import Goal, Outcome, Result, Table
from benchmarks.plan import Plan
from benchmarks.site import Site
from connectors.child import free_port
from connectors.generate.subjects import credit_code
from schemas.messages import REGISTRY_SUBJECT
from schemas.topics import CTL_REGISTRY
from streams.ports import Outgoing
from streams.registry import Registry

ROLES = ("intake", "decide", "gateway")
CITY_SUBJECTS = 2_000_000
UP_WAIT_S = 1_800.0
INDUSTRIES = ("5181", "6520", "8412", "3311", "7010")
REGIONS = tuple(f"1201{number:02}" for number in range(1, 20))
NAME = "天津市滨海新区某某科技发展有限公司"
GOAL_MB = 1_024
"""What `deploy/kubernetes` lets intake and the gateway have."""


def registry_size(plan: Plan) -> Outcome:
    """A district's registry, then one with as many enterprises more as the run has events."""
    found: dict[int, dict[str, Result]] = {}
    with plan.site("registry") as site:
        path = city_file(plan.folder, district(), "district")
        for count in (0, plan.events):
            site.dataset({"subjects": count}, lambda n=count: _fill(site, path, n))
            found[count] = {role: _start(site, role) for role in ROLES}
            told = ", ".join(f"{role} {r['mb']:.0f} MB" for role, r in found[count].items())
            plan.tell(f"{count:,} more enterprises: {told}")
    return Outcome(
        "registry_size", [_table(found, plan.events)], _goals(found[plan.events]), {"runs": found}
    )


def _fill(site: Site, path: Path, count: int) -> Mapping[str, Any]:
    site.create_hub_topics(departments(path))
    leading = takewhile(lambda posting: posting.from_registry, postings(path))
    return publish_all(site.bootstrap, chain(judged(leading, Registry()), _subjects(count)))


def _subjects(count: int) -> Iterator[Outgoing]:
    """Entries as intake puts them on the registry topic."""
    headers = [("content-type", b"application/json")]
    for number in range(count):
        code = credit_code("91", "120116", number)
        entry = {
            "uscc": code, "name": f"{NAME}{number}", "object_type": "91",
            "industry": INDUSTRIES[number % len(INDUSTRIES)],
            "region": REGIONS[number % len(REGIONS)], "status": "ACTIVE", "successor": None,
        }  # fmt: skip
        value = json.dumps(entry, ensure_ascii=False).encode()
        yield Outgoing(CTL_REGISTRY, 0, f"{REGISTRY_SUBJECT}:{code}".encode(), value, headers)


def _start(site: Site, role: str) -> Result:
    began_s = time.monotonic()
    more = {"HUB_GATEWAY_PORT": str(free_port())} if role == "gateway" else {}
    with hub_roles(site, [role], up_wait_s=UP_WAIT_S, **more) as roles:
        return {"up_s": time.monotonic() - began_s, "mb": rss_mb(roles[role].pid)}


def _table(found: Mapping[int, Mapping[str, Result]], count: int) -> Table:
    rows = []
    for role in ROLES:
        few, many = found[0][role], found[count][role]
        grown = (many["mb"] - few["mb"]) * 2**20 / count
        rows.append([
            role, f"{few['mb']:,.0f}", f"{many['mb']:,.0f}", f"{grown:,.0f}",
            f"{few['up_s']:.1f}", f"{many['up_s']:.1f}",
            f"{(many['up_s'] - few['up_s']) / count * 1e6:,.1f}",
        ])  # fmt: skip
    columns = (
        "role", "memory with a district's registry, MB", f"with {count:,} enterprises more, MB",
        "bytes an enterprise", "up after, s", "with them, s", "microseconds an enterprise",
    )  # fmt: skip
    note = (
        "`decide` reads all entries and keeps none of an enterprise. The processes start one after "
        "the other, and end before the next."
    )
    return Table("What the object list costs a process", columns, rows, [note])


def _goals(found: Mapping[str, Result]) -> list[Goal]:
    most = max(result["mb"] for result in found.values())
    text = f"memory of each role: at most {GOAL_MB:,} MB, what it is given in deploy/kubernetes"
    return [Goal(text, f"{most:,.0f} MB", most <= GOAL_MB)]
