"""What does the whole decide stage do, with the product's own rules in every contender?"""

from __future__ import annotations

from typing import Any

from benchmarks.city import YEAR, city_file, fill_journal
from benchmarks.contender import Contender
from benchmarks.contenders.parts import ONE_OUT_TOPIC
from benchmarks.outcome import Goal, Outcome, Table
from benchmarks.plan import Plan
from benchmarks.quix import quix_python
from benchmarks.site import Site
from connectors.generate import city_year
from schemas.topics import DECIDED

HUB = "the hub"
HUB_ONE = "the hub, one out topic"
BARE = "bare aiokafka + Redis"
EXACTLY = "Quix Streams exactly-once, one out topic"
GOAL_RATE = 20_000
GOAL_FOLD_US = 20.0
_MODULE = "benchmarks.contenders.decide_hub"
_STEPS = ("fold", "code (HMAC)")


def prepared(plan: Plan, site: Site) -> dict[str, Any]:
    """The journal of a generated year; returns its departments and how many records it has."""
    spec = city_year(plan.events, year=YEAR)
    path = city_file(plan.folder, spec)
    found: dict[str, Any] = site.dataset(
        {"journal of a year": plan.events}, lambda: fill_journal(site, path)
    )
    return found


def decide(plan: Plan) -> Outcome:
    """Contenders on the same journal: one process each, four partitions."""
    with plan.site("decide") as site:
        data = prepared(plan, site)
        contenders = [
            Contender(name=HUB, module=_MODULE),
            Contender(name=BARE, module=_MODULE, arguments=["bare"]),
            Contender(name=HUB_ONE, module=_MODULE, arguments=["one-out"]),
            Contender(
                name=EXACTLY,
                module="benchmarks.contenders.decide_quix",
                python=quix_python(plan.folder, plan.tell),
            ),
        ]
        alone = Contender(name="fold", module="benchmarks.contenders.fold_alone")
        steps = [alone.run(site.job("fold", data["records"])) for _ in range(plan.rounds)]

        def before(_contender: Contender, _job: Any) -> None:
            site.renew_hub_topics([DECIDED], data["departments"])
            site.renew_topics({ONE_OUT_TOPIC: 1})

        rounds = plan.interleave(site, contenders, data["records"], before)
    title = "Decide: the product's own rules, durable, deliveries awaited"
    notes = [
        f"{data['records']:,} journal records of a generated year of a city with "
        f"{len(data['departments'])} departments; the hub and the bare loop publish to "
        "`insp.decided` and to every department's own topic, each delivery awaited.",
        "Quix Streams folds with the same functions, keeps state and first decisions in RocksDB "
        "and writes the answers to all departments to one topic, without views and headers: "
        "that is less work than the hub does.",
    ]
    return Outcome(
        "decide",
        [rounds.table(title, HUB, notes), _steps_table(steps)],
        [
            rounds.at_least(2, HUB, EXACTLY),
            rounds.at_least(2, HUB_ONE, EXACTLY),
            rounds.at_least(0.85, HUB, BARE),
            _rate(rounds.middle(HUB)),
            _fold_goal(steps),
        ],
        {"rounds": rounds.results, "steps": steps},
    )


def _rate(found: float) -> Goal:
    text = f"the hub decides at least {GOAL_RATE:,} events/s a process"
    return Goal(text, f"{found:,.0f}", found >= GOAL_RATE)


def _middle_us(steps: list[dict[str, Any]], name: str) -> float:
    ordered = sorted(found["us"][name] for found in steps)
    return float(ordered[len(ordered) // 2])


def _fold_goal(steps: list[dict[str, Any]]) -> Goal:
    found = sum(_middle_us(steps, name) for name in _STEPS)
    text = f"the fold alone, with the code: at most {GOAL_FOLD_US:g} µs an event"
    return Goal(text, f"{found:.1f}", found <= GOAL_FOLD_US)


def _steps_table(steps: list[dict[str, Any]]) -> Table:
    first = steps[0]
    rows = [[name, f"{_middle_us(steps, name):.1f}"] for name in first["us"]]
    total = sum(_middle_us(steps, name) for name in first["us"])
    share = first["codes"] / first["events"]
    return Table(
        "Decide: one event, step by step, in memory",
        ("step", "µs an event"),
        [*rows, ["all", f"{total:.1f}"]],
        [
            f"Means over all records of the journal; {share:.0%} of them are issued a code, which "
            "is derived and signed only for those.",
        ],
    )
