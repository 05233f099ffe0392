"""How fast is the hub?

`python -m benchmarks.run [NAME…]`: runs what has no result yet, shows all.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from rich.console import Console

from benchmarks.catalogue import BENCHMARKS
from benchmarks.outcome import Outcome, outcome_of
from benchmarks.plan import Plan
from benchmarks.report import show, write
from connectors.logs import set_up_logs

PROJECT = Path(__file__).parents[1]
FOLDER = PROJECT / ".run" / "bench"


def main() -> None:
    arguments = _arguments()
    set_up_logs("warning", json=False)
    console = Console(highlight=False)
    plan = Plan(
        folder=arguments.folder.resolve(),
        jars=arguments.jars.resolve(),
        events=arguments.events,
        rounds=arguments.rounds,
        tell=lambda text: console.print(f"[dim]{time.strftime('%H:%M:%S')} {text}[/]"),
    )
    outcomes = []
    for name in arguments.names or BENCHMARKS:
        kept = plan.folder / "results" / f"{name}-{plan.events}-{plan.rounds}.json"
        outcome = _kept(kept) if not arguments.again else None
        if outcome is None:
            began = time.monotonic()
            plan.tell(f"{name} begins")
            outcome = BENCHMARKS[name](plan)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(outcome.as_dict(), indent=1), encoding="utf-8")
            plan.tell(f"{name} took {time.monotonic() - began:.0f} s")
        show(console, outcome)
        outcomes.append(outcome)
    if arguments.out is not None:
        write(arguments.out, outcomes, plan.events, plan.rounds)
        console.print(f"written to {arguments.out}")


def _kept(path: Path) -> Outcome | None:
    return outcome_of(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], metavar="NAME",
                        help=f"one of {', '.join(BENCHMARKS)}; none: all")  # fmt: skip
    parser.add_argument("--events", type=int, default=200_000, help="generated events of a run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each contender")
    parser.add_argument("--out", type=Path, help="write the tables here as Markdown")
    parser.add_argument("--again", action="store_true", help="run also what has a result already")
    parser.add_argument(
        "--folder", type=Path, default=PROJECT / ".run" / "bench", help="data and results"
    )
    parser.add_argument("--jars", type=Path, default=PROJECT / ".kafka", help="jars of Kafka")
    return parser.parse_args()


if __name__ == "__main__":
    main()
