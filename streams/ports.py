"""What do the shells need from the world? Protocols only; connectors fit them structurally."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from schemas.delivery import (
    Accepted,
    Delivery,
    Observed,
    Refused,
    SiteReceipt,
    Standing,
    Unavailable,
)
from schemas.feed import Notice, Scalar

Headers = Sequence[tuple[str, bytes | None]]
AtPoint = Callable[[str], None]


def passed(point: str) -> None:
    """Do nothing at a named point in the life of a batch. Chaos tests put a crash here."""


class Outgoing(NamedTuple):
    """One record to be published.

    `partition` None: chosen by the key, as every Kafka client does.
    """

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Record(Protocol):
    """A fetched Kafka record."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


class Publisher(Protocol):
    """Publishes records.

    Returns when the broker has all of them (acks=all), in order per partition.
    """

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        """Deliver all. Returns per (topic.

        Partition) the offset after the last record delivered.
        """
        ...


class ViewPosition(Protocol):
    """What the view says of one journal partition."""

    @property
    def next_offset(self) -> int | None:
        """The next journal offset to decide; None if the view knows nothing."""

    @property
    def decided_next(self) -> int:
        """An offset of `insp.decided` up to which everything is known to be in the view."""

    @property
    def outbox(self) -> bytes:
        """The publications of the last batch, in case they were never sent."""

    @property
    def outbox_from(self) -> int:
        """First journal offset of that batch."""

    @property
    def generation(self) -> int:
        """Of which generation of the journal the view is: how its keys are spread."""


@dataclass(slots=True)
class ViewBatch:
    """Everything one partition batch changes in the view, written in one atomic script.

    Attributes:
        public: rows of the public list by `credit code US result_id`; `hidden` names those taken
            from it.
        results: credit code by result_id.
        cases: `credit code US repair_id` by repair_id.
        due: last day for deciding an open case, as an ordinal; `settled` names those without one.
        agenda: `department US day US credit code US task id` of what a department does on a day;
            of a joint task its quarter and its id stand for day and task.
        joints: rows of joint tasks by `credit code US joint task`.
        drawn: `quarter US credit code` of what waits for the window's close; `compared` names what
            waits no longer.
    """

    next_offset: int
    decided_next: int
    outbox: bytes = b""
    outbox_from: int = 0
    states: dict[str, bytes] = field(default_factory=dict)
    decisions: dict[str, bytes] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    public: dict[str, bytes] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    results: dict[str, str] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    agenda: set[str] = field(default_factory=set)
    joints: dict[str, bytes] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)


class View(Protocol):
    """The fast, disposable view.

    States, decisions, codes, outbox and position of each journal partition.
    """

    async def claim(self, partition: int, fence: str) -> ViewPosition:
        """Take the partition over: from now on only `fence` may write to it."""
        ...

    async def begin(self, partition: int, fence: str, generation: int) -> None:
        """Drop everything of a partition that we claimed, to fill it for this generation.

        Its position is then -1, until one is written.
        """
        ...

    async def states(self, partition: int, keys: Sequence[str]) -> list[bytes | None]:
        """Encoded states of these enterprises."""
        ...

    async def decisions(self, partition: int, names: Sequence[str]) -> list[bytes | None]:
        """First decisions, as they were published, by `view_name`."""
        ...

    async def apply(self, partition: int, fence: str, expect: int | None, batch: ViewBatch) -> None:
        """Write the batch if the fence holds and the position is `expect`.

        Repeating the same call is harmless. Raises Fenced otherwise.
        """
        ...

    async def check(self, partition: int, fence: str, expect: int | None) -> None:
        """Return if the fence holds and the position is `expect`; raises Fenced otherwise."""
        ...

    async def forget(self, partition: int) -> None:
        """Drop everything of the partition."""
        ...


class Fenced(Exception):  # noqa: N818 - it names what happened to us, not a fault of the callee
    """Somebody else owns the partition, or the view is not where we left it."""


class Log(Protocol):
    """Reads the logs that are the truth."""

    async def span(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset kept and the offset after the last."""
        ...

    def scan(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncIterator[Sequence[Record]]:
        """All records from `start` up to, not including, `end`, in order, in chunks."""
        ...


Form = Callable[[Notice], Mapping[str, Scalar]]
"""A site's own columns for one version of a result's disclosure: pure, and never failing."""


class PublicitySystem(Protocol):
    """A publicity system as deliver sees it. No exception crosses this border (art. 13).

    Attributes:
        site: its code.
        pushes: False if the system takes from its feed itself; `send` is then never called.
        batch_max: deliveries handed to one call at most.
        key_memory_s: for how long the system recognises an idempotency key.
    """

    @property
    def site(self) -> str: ...
    @property
    def pushes(self) -> bool: ...
    @property
    def batch_max(self) -> int: ...
    @property
    def key_memory_s(self) -> float: ...

    async def send(
        self, deliveries: Sequence[Delivery]
    ) -> Sequence[Accepted | Refused | Unavailable]:
        """Bring these to the system; one answer each, in the same order."""
        ...

    async def ask(self, deliveries: Sequence[Delivery]) -> Sequence[Standing | Unavailable | None]:
        """How these results stand there, asked by business id; None if it does not know one."""
        ...

    async def poll_receipts(self, cursor: str) -> tuple[Sequence[SiteReceipt], str] | Unavailable:
        """Business receipts after a cursor ("" for the first), and the cursor after them."""
        ...

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Observed | Unavailable]:
        """What the public page shows of these results."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class ControlTopics(Protocol):
    """Follows the control topics."""

    async def level(self, *, now: bool = False) -> None:
        """Return once everything published there up to 0.1 s ago (`now`: so far) is taken in."""
        ...


def view_name(credit_code: str, task_id: str) -> str:
    """Name of a task, result or case in the view. Neither part can hold the separator."""
    return f"{credit_code}\x1f{task_id}"
