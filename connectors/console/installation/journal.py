"""How is the journal given more partitions? Checked first, then at once for whoever works on it.

Nothing that lies in the two logs is moved or written again. What is new begins at a cut; the view
is made again from the recorded facts, and must hold what it held before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import typer
from confluent_kafka import Producer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.terminal.screen import progress
from connectors.generations import read_generations
from connectors.journal_admin import JournalAdmin
from connectors.kafka_admin import KafkaAdmin
from connectors.kafka_login import current
from connectors.partitioner import partition_of
from connectors.process import rehearsed
from connectors.view_digest import differing, view_digest
from schemas.access import DECIDE_GROUP, INTAKE_GROUP
from schemas.generations import (
    GENERATIONS_KEY,
    Cut,
    Generation,
    Generations,
    JournalGenerations,
)
from schemas.topic_shape import JOURNAL_PARTITIONS_MAX
from schemas.topics import DECIDED, GENERATIONS, JOURNAL, plan

Heard = Callable[[int, int], None]
Rebuild = Callable[[Context, Heard, Generations], int]
"""Makes the view again for these generations; returns how many records were read."""

Partitions = Annotated[
    int,
    typer.Option(
        "--partitions", min=2, max=JOURNAL_PARTITIONS_MAX,
        help="How many the journal is to have; more than it has.",
    ),
]  # fmt: skip
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check all that can be; change nothing.")]
_WAIT_S = 30.0


def register(app: typer.Typer, rebuild: Rebuild) -> None:
    """Add `journal grow`."""
    journal = typer.Typer(help="The journal: give it more partitions.", no_args_is_help=True)

    def grow(hub: Context, partitions: Partitions, *, dry_run: DryRun = False) -> None:
        """Give the journal more partitions: its next generation, in which workers go on.

        All roles must be stopped, and all that stands in the journal be answered. Killed at any
        point it is run again; until it is done no role starts.
        """
        with hub.admin() as admin:
            _Growing(hub, admin, rebuild).run(partitions, dry_run=dry_run)

    command(journal, "grow")(grow)
    app.add_typer(journal, name="journal")


@dataclass(slots=True)
class _Growing:
    """One run of the command."""

    hub: Context
    admin: KafkaAdmin
    rebuild: Rebuild

    def run(self, partitions: int, *, dry_run: bool) -> None:
        counts = self._counts()
        told = asyncio.run(read_generations(self.hub.bootstrap()))
        told = told or JournalGenerations(first=counts[JOURNAL])
        if told.growing is None and told.partitions == partitions == counts[JOURNAL]:
            self._say(told, 0, f"the journal has {partitions} partitions already")
            return
        _check_wanted(told, counts, partitions)
        self._check_quiet(told.partitions)
        at = rehearsed()
        if told.growing is None:
            if dry_run:
                self._say(told, 0, f"nothing stands against {partitions} partitions")
                return
            view = self._check_view(told)
            told = told.model_copy(
                update={"growing": Generation(cuts=self._cuts(told, partitions)), "view": view}
            )
            self._write(told)
            at("growing is written")
        elif dry_run:
            self._say(told, 0, f"{partitions} partitions have been begun: run it without --dry-run")
            return
        if self.admin.partition_counts()[JOURNAL] < partitions:
            self._check_unmoved(told, partitions)
        JournalAdmin(self.hub.bootstrap()).add_partitions((DECIDED, JOURNAL), partitions)
        at("partitions are made")
        grown = told.grown()
        read = self._make_view("carrying over", grown)
        at("view is made")
        if wrong := differing(told.view, self._digest(partitions)):
            raise CommandError(
                "the view made for the new partitions is not what it was: "
                + "; ".join(wrong)
                + ". No role can start, and nothing recorded was touched: run it again; if it says "
                "the same, restore the cluster from its backup"
            )
        self._write(grown)
        late = self._appended_since(told)
        self._say(grown, read, f"the journal has {partitions} partitions", late)

    def _counts(self) -> Mapping[str, int]:
        if self.admin.embedded:
            raise CommandError(
                "the embedded broker gives every topic four partitions and knows no other number",
                Exit.USAGE,
            )
        counts = self.admin.partition_counts()
        if not counts.get(JOURNAL) or not counts.get(DECIDED):
            raise CommandError(
                f"there is no journal on {self.hub.bootstrap()}: set HUB_JOURNAL_PARTITIONS and "
                "run `hub topics apply`"
            )
        return counts

    def _check_quiet(self, partitions: int) -> None:
        """Refuse while anybody works, or anything waits to be decided."""
        busy = JournalAdmin(self.hub.bootstrap()).members([INTAKE_GROUP, DECIDE_GROUP])
        if busy:
            named = ", ".join(f"{group} has {count}" for group, count in busy.items())
            raise CommandError(f"workers are running ({named}): stop all roles first")
        whole = [(JOURNAL, number) for number in range(partitions)]
        ends, committed = self.admin.end_offsets(whole), self.admin.committed(DECIDE_GROUP)
        waiting = sum(ends[place] - committed.get(place, 0) for place in whole)
        told = asyncio.run(read_generations(self.hub.bootstrap()))
        if waiting and (told is None or told.growing is None):
            raise CommandError(
                f"{waiting:,} records of the journal are not decided: stop intake, schedule and "
                "gateway, let decide come to the end (`hub status`), then stop it"
            )

    def _check_unmoved(self, told: JournalGenerations, partitions: int) -> None:
        """Take back what was begun if somebody worked until it was written down.

        A role may have been started after the check; who begins now sees that it may not.
        """
        if told.growing is None or told.growing.cuts == self._cuts(told, partitions):
            return
        self._write(told.model_copy(update={"growing": None, "view": ""}))
        raise CommandError(
            "somebody worked on the journal meanwhile, so what was begun has been taken back and "
            "nothing is changed: stop all roles, then run it again"
        )

    def _check_view(self, told: JournalGenerations) -> str:
        """Refuse if the view is not what the recorded facts say; returns its digest."""
        before = self._digest(told.partitions)
        self._make_view("checking the view", told)
        after = self._digest(told.partitions)
        if wrong := differing(before, after):
            raise CommandError(
                "the view was not what the recorded facts say: " + "; ".join(wrong) + ". It has "
                "been made again, nothing else was changed: run `hub audit`, then this again"
            )
        return after

    def _cuts(self, told: JournalGenerations, partitions: int) -> tuple[Cut, ...]:
        there = [(topic, n) for topic in (JOURNAL, DECIDED) for n in range(told.partitions)]
        ends = self.admin.end_offsets(there)
        return tuple(
            Cut(journal=ends.get((JOURNAL, n), 0), decided=ends.get((DECIDED, n), 0))
            for n in range(partitions)
        )

    def _appended_since(self, told: JournalGenerations) -> int:
        """How many records a writer that did not know appended while the journal grew."""
        cuts = told.growing.cuts if told.growing else ()
        ends = self.admin.end_offsets((JOURNAL, number) for number in range(len(cuts)))
        return sum(ends[JOURNAL, number] - cut.journal for number, cut in enumerate(cuts))

    def _digest(self, partitions: int) -> str:
        with self.hub.redis() as client:
            return view_digest(client, range(partitions))

    def _make_view(self, what: str, told: JournalGenerations) -> int:
        generations = Generations(told, partition_of)
        with progress(self.hub.err, what, None) as bar:
            return self.rebuild(
                self.hub, lambda done, total: bar.at(done, total=total), generations
            )

    def _write(self, told: JournalGenerations) -> None:
        wanted = [
            one for one in plan([], [], self.hub.settings.sizing()) if one.name == GENERATIONS
        ]
        self.admin.apply(wanted)
        failed: list[str] = []
        producer = Producer(
            {
                "bootstrap.servers": self.hub.bootstrap(), "acks": "all", "log_level": 0,
                **current().librdkafka_options(),
            }
        )  # fmt: skip
        producer.produce(
            GENERATIONS, told.model_dump_json().encode(), GENERATIONS_KEY, 0,
            on_delivery=lambda error, _: failed.append(str(error)) if error else None,
        )  # fmt: skip
        if producer.flush(_WAIT_S) or failed:
            raise CommandError(
                f"{GENERATIONS} could not be written ({'; '.join(failed) or 'no answer'}): run it "
                "again",
                Exit.UNREACHABLE,
            )

    def _say(self, told: JournalGenerations, read: int, what: str, late: int = 0) -> None:
        if self.hub.json:
            self.hub.emit(
                {
                    "partitions": told.partitions, "generation": len(told.later) + 1,
                    "facts": read, "appended_meanwhile": late, "says": what,
                }
            )  # fmt: skip
            return
        self.hub.show(f"{what} (generation {len(told.later) + 1})")
        if read:
            self.hub.show(f"{read:,} recorded answers applied; the view holds what it held before")
            self.hub.note(f"Set HUB_JOURNAL_PARTITIONS={told.partitions}, then start the roles.")
        if late:
            self.hub.note(
                f"{late:,} records were appended meanwhile by somebody who was not stopped: those "
                "in a wrong partition become dead letters of decide, to be sent again."
            )


def _check_wanted(told: JournalGenerations, counts: Mapping[str, int], partitions: int) -> None:
    """Refuse what cannot be done.

    Raises:
        CommandError: it says why.
    """
    if told.growing is not None:
        begun = len(told.growing.cuts)
        if begun != partitions:
            raise CommandError(
                f"{begun} partitions have been begun: finish that with `hub journal grow "
                f"--partitions {begun}`, then ask for more"
            )
        return
    if counts[JOURNAL] != told.partitions or counts[DECIDED] != told.partitions:
        raise CommandError(
            f"{JOURNAL} has {counts[JOURNAL]} partitions and {DECIDED} {counts[DECIDED]}, but the "
            f"generation in force has {told.partitions}: somebody altered them. Restore the "
            "cluster from its backup"
        )
    if partitions <= told.partitions:
        raise CommandError(
            f"the journal has {told.partitions} partitions; {partitions} are not more. It can "
            "only grow",
            Exit.USAGE,
        )
