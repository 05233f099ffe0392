"""What does a deliver process consist of? The parts of one site, joined, and run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.calendar_file import WorkingDays
from schemas.settings import Settings
from streams.deliver import DeliverHandler
from streams.delivery.comparing import Compare, NightlyComparison
from streams.delivery.courier import Courier, CourierSettings
from streams.delivery.nightly import Nightly
from streams.delivery.observing import Observer, ObserverSettings
from streams.delivery.polling import Poller
from streams.delivery.ports import Ledger
from streams.delivery.receipts import ReceiptBook
from streams.delivery.site_desk import SiteDesk
from streams.ports import AtPoint, Log, PublicitySystem, Publisher, passed
from streams.rules.delivery.ledger import HOUR_MS, Waits


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """How one site is delivered to; see the parts for what the numbers mean."""

    courier: CourierSettings = field(default_factory=CourierSettings)
    observer: ObserverSettings = field(default_factory=ObserverSettings)
    waits: Waits = field(default_factory=Waits)
    poll_every_s: float = 5.0
    look_every_s: float = 5.0
    digest_every_s: float = 30.0

    @classmethod
    def of(cls, settings: Settings) -> SiteSettings:
        """What this installation's settings say."""
        recheck_ms = int(settings.deliver_recheck_h * HOUR_MS)
        return cls(
            courier=CourierSettings(
                calls_max=settings.deliver_calls_max, taken_max=settings.deliver_taken_max
            ),
            observer=ObserverSettings(recheck_ms=recheck_ms),
            waits=Waits(confirm=int(settings.deliver_confirm_s * 1000), recheck=recheck_ms),
            poll_every_s=settings.deliver_poll_s,
            look_every_s=settings.deliver_look_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a site's parts need of the world.

    `clock` gives Unix milliseconds, `rnd` a number from 0 up to 1; `compare` holds what the system
    shows against its ledger (None: nobody does).
    """

    ledger: Ledger
    logs: Log
    publisher: Publisher
    system: PublicitySystem
    clock: Callable[[], int]
    rnd: Callable[[], float]
    calendar: WorkingDays
    at_point: AtPoint = passed
    compare: Compare | None = None


PROOF_WAITS = 7
"""While deliveries wait to be sent, what gathers proof rests seven times as long as it took."""
PROOF_REST_S_MAX = 10.0
"""And never longer than this, or than it always rests."""


CANCEL_AGAIN_S = 1.0
"""How long a part may take to let go before it is asked again."""


class Round(NamedTuple):
    """Something done again and again; `turn` says whether it is worth going on at once."""

    turn: Callable[[], Awaitable[bool]]
    every_s: float


class SiteDelivery:
    """Everything that delivers to one site. `handler` belongs into an engine; `run` beside it."""

    def __init__(self, world: World, settings: SiteSettings) -> None:
        system, at = world.system, world.at_point
        desk = SiteDesk(system.site, world.ledger, world.logs, world.clock)
        book = ReceiptBook(system.site, world.publisher, world.clock)
        self.desk = desk
        self.handler = DeliverHandler(
            desk=desk, book=book, publisher=world.publisher, waits=settings.waits, at_point=at
        )
        self.courier = Courier(
            desk=desk, system=system, book=book, rnd=world.rnd, calendar=world.calendar,
            settings=settings.courier, at_point=at,
        )  # fmt: skip
        poller = Poller(desk=desk, system=system, book=book, publisher=world.publisher, at_point=at)
        observer = Observer(
            desk=desk, system=system, book=book, rnd=world.rnd, calendar=world.calendar,
            settings=settings.observer, at_point=at,
        )  # fmt: skip
        self.nightly = Nightly(desk=desk, publisher=world.publisher)
        self._pushes = system.pushes
        self._rounds = [
            Round(poller.turn, settings.poll_every_s),
            Round(observer.turn, settings.look_every_s),
            Round(self.nightly.turn, settings.digest_every_s),
        ]
        if world.compare is not None:
            # A round of its own: a list of hundreds of thousands is read in minutes.
            comparison = NightlyComparison(
                desk=desk, compare=world.compare, is_busy=lambda: self.courier.has_a_queue
            )
            self._rounds.append(Round(comparison.turn, settings.digest_every_s))

    async def run(self, stop: asyncio.Event) -> None:
        """Send, poll and look until `stop` is set; a failure of I/O ends all with an exception."""
        async with asyncio.TaskGroup() as group:
            rounds = [
                group.create_task(_again(self.desk, one, lambda: self.courier.has_a_queue))
                for one in self._rounds
            ]
            if self._pushes:
                group.create_task(self.courier.run(stop))
            await stop.wait()
            await _ended(rounds)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel them until they have ended: once may not be enough.

    Before Python 3.12 `asyncio.wait_for`, somewhere below, keeps a cancellation to itself that
    comes together with the answer it waits for. The round then went on and waited for a desk that
    is not given out any more, and the process for its round.
    """
    while going := [task for task in tasks if not task.done()]:
        for task in going:
            task.cancel()
        await asyncio.wait(going, timeout=CANCEL_AGAIN_S)


async def run_or_die(
    delivery: SiteDelivery, stop: asyncio.Event, die: Callable[[BaseException], None]
) -> None:
    """Run a site's parts; whatever ends them unexpectedly ends the process."""
    try:
        await delivery.run(stop)
    except Exception as cause:  # noqa: BLE001 - half a process would look well and send nothing
        die(cause)


async def _again(desk: SiteDesk, one: Round, has_a_queue: Callable[[], bool]) -> None:
    """Turn after turn.

    Sending and gathering proof share one process and one system: what is owed leaves first, as far
    as proof still keeps an eighth of the time, or a turn every ten seconds.
    """
    time = asyncio.get_running_loop().time
    while True:
        await desk.ready.wait()
        began = time()
        if not await one.turn():
            await asyncio.sleep(one.every_s)
        elif has_a_queue():
            longest = max(one.every_s, PROOF_REST_S_MAX)
            await asyncio.sleep(min(PROOF_WAITS * (time() - began), longest))
