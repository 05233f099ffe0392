"""What does every benchmark need to know of this run?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.outcome import Rounds
from benchmarks.site import Site, own_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.contender import Contender
    from benchmarks.job import Job


WARM_UP_SHARE = 5
"""The run before the first round has this share of its events and is not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The run.

    Attributes:
        folder: Where data, environments and results are kept.
        jars: Where the jars of Kafka lie, or are put.
        events: Generated events of a run.
        rounds: How often each contender runs.
        tell: Hears what is being done.
    """

    folder: Path
    jars: Path
    events: int
    rounds: int
    tell: Callable[[str], None]

    @contextmanager
    def site(self, name: str) -> Iterator[Site]:
        """A running site; its data is kept for the benchmark's next start."""
        with own_site(self.folder / name, self.jars, self.tell) as site:
            yield site
            site.forget_runs()

    def interleave(
        self,
        site: Site,
        contenders: Sequence[Contender],
        events: int,
        before: Callable[[Contender, Job], None] = lambda _contender, _job: None,
    ) -> Rounds:
        """Run every contender once a round, round after round, after a run that warms up.

        Args:
            site: Where they run.
            contenders: Who runs.
            events: How many records make a run complete, unless the contender says less.
            before: Makes the site ready for one run.
        """
        results: dict[str, list[Any]] = {contender.name: [] for contender in contenders}

        def run(contender: Contender, count: int) -> Any:
            job = site.job(contender.name, count, uvloop=contender.uvloop, **contender.extra)
            site.empty_redis()
            before(contender, job)
            return contender.run(job)

        # A broker that has just started is several times slower; nobody's result may bear that.
        run(contenders[0], max(events // WARM_UP_SHARE, 1))
        for number in range(self.rounds):
            # Another one first each round: what a run leaves behind meets everyone in turn.
            first = number % len(contenders)
            for contender in (*contenders[first:], *contenders[:first]):
                result = run(contender, min(events, contender.events or events))
                results[contender.name].append(result)
                self.tell(f"round {number + 1}: {contender.name}: {result['rate']:,.0f} events/s")
        return Rounds(results)
