"""Which dead letters wait, and what do they have in common? From `insp.dlq.<stage>`, by cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from connectors.console.context import CommandError, Context, Exit
from connectors.console.traffic.logs import Headers, LogRecord, scan, spans_of
from schemas.dead_letter import DeadLetter, from_headers, original_headers, replays_so_far
from schemas.malformed import Malformed
from schemas.reasons import REFUSALS
from schemas.topics import DLQ_PREFIX, FEED_PREFIX, RECEIPT_PREFIX, STAGES, dlq_topic

POLL_PREFIX = "poll."
"""What a system said when it was polled lies on no topic; its dead letter names this and a site."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One record of a dead-letter topic. `cause` None: it is no dead letter; `fault` says why.

    Attributes:
        id: topic, partition and offset, joined by slashes; names it for ever.
        at_ms: when it was written, Unix milliseconds.
    """

    id: str
    at_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    cause: DeadLetter | None
    fault: str = ""


@dataclass(slots=True)
class LetterGroup:
    """Letters with one cause. `dept`: whose they are, a department's or a site's."""

    stage: str
    reason: str
    dept: str | None
    fingerprint: str
    field: str
    advice: str
    letters: list[Letter] = dataclass_field(default_factory=list)
    sent_again: int = 0

    @property
    def waiting(self) -> int:
        """How many of them were not sent in again."""
        return len(self.letters) - self.sent_again

    @property
    def first_ms(self) -> int:
        """When the first of them was written."""
        return min(letter.at_ms for letter in self.letters)

    @property
    def last_ms(self) -> int:
        """When the last of them was written."""
        return max(letter.at_ms for letter in self.letters)

    @property
    def replays_max(self) -> int:
        """How often the one that came back most often was sent in again."""
        return max(letter.cause.replay_count for letter in self.letters if letter.cause)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are asked for. Empty means any."""

    stages: tuple[str, ...] = STAGES
    reasons: frozenset[str] = frozenset()
    depts: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    fingerprints: frozenset[str] = frozenset()

    @property
    def narrowed(self) -> bool:
        """Was anything named besides the stages?"""
        return bool(self.reasons or self.depts or self.ids or self.fingerprints)

    def takes(self, letter: Letter) -> bool:
        """Is this one of them?"""
        cause = letter.cause
        if cause is None:
            return not self.narrowed or letter.id in self.ids
        named: tuple[tuple[Collection[str], str | None], ...] = (
            (self.ids, letter.id),
            (self.reasons, cause.reason.value),
            (self.depts, sender_of(cause)),
            (self.fingerprints, cause.fingerprint),
        )
        return all(not allowed or found in allowed for allowed, found in named)


def read_letters(hub: Context, wanted: Wanted) -> list[Letter]:
    """All letters asked for, in the order of topic, partition and offset.

    Raises:
        CommandError: no dead-letter topic of these stages exists.
    """
    topics = [dlq_topic(stage) for stage in wanted.stages]
    with hub.admin() as admin:
        spans = spans_of(admin, topics)
    if not spans:
        raise CommandError(
            f"none of {', '.join(topics)} is on the broker at {hub.bootstrap()}: create the topics "
            "with `hub topics apply`, or name the right broker in HUB_BROKER"
        )
    found: list[Letter] = []

    def take(record: LogRecord) -> None:
        letter = letter_of(record)
        if wanted.takes(letter):
            found.append(letter)

    scan(hub, spans, take, "reading dead letters")
    return found


def letter_of(record: LogRecord) -> Letter:
    """A record of a dead-letter topic as a letter, whatever it is."""
    name = f"{record.topic}/{record.partition}/{record.offset}"
    parts = (name, record.timestamp, record.key, record.value, record.headers)
    try:
        cause = from_headers(record.headers, record.value)
    except Malformed as fault:
        return Letter(*parts, None, str(fault))
    # A stage that refuses what was sent again need not count: the record itself says how often.
    count, _ = replays_so_far(original_headers(record.headers))
    if count > cause.replay_count:
        cause = cause.model_copy(update={"replay_count": count})
    return Letter(*parts, cause)


def group(letters: Iterable[Letter], sent_again: Collection[str] = ()) -> list[LetterGroup]:
    """Letters by stage, reason, sender and fingerprint; the largest group first."""
    groups: dict[tuple[str, str, str | None, str], LetterGroup] = {}
    for letter in letters:
        cause = letter.cause
        if cause is None:
            continue
        name = (cause.stage, cause.reason.value, sender_of(cause), cause.fingerprint)
        if name not in groups:
            groups[name] = LetterGroup(*name, cause.field, REFUSALS[cause.reason][1])
        groups[name].letters.append(letter)
        groups[name].sent_again += letter.id in sent_again
    return sorted(
        groups.values(), key=lambda one: (-len(one.letters), one.stage, one.reason, one.dept or "")
    )


def sender_of(cause: DeadLetter) -> str | None:
    """Whose record it was: a department's, or in deliver a site's."""
    if cause.dept is not None or cause.stage != "deliver":
        return cause.dept
    for prefix in (RECEIPT_PREFIX, FEED_PREFIX, POLL_PREFIX):
        if cause.topic.startswith(prefix):
            return cause.topic.removeprefix(prefix)
    return None


def letter_id(text: str) -> str:
    """The id of a letter as people may write it: in full, or with the stage for the topic.

    Raises:
        CommandError: it is none.
    """
    stage, *rest = text.removeprefix(DLQ_PREFIX).split("/")
    if stage not in STAGES or len(rest) != 2 or not all(part.isdigit() for part in rest):
        raise CommandError(
            f"{text!r} is no dead letter's id: topic/partition/offset expected, such as "
            "insp.dlq.intake/0/17 or intake/0/17",
            Exit.USAGE,
        )
    return f"{dlq_topic(stage)}/{int(rest[0])}/{int(rest[1])}"


def stage_of(name: str) -> str:
    """The stage whose dead letters a letter's id is among."""
    return name.split("/")[0].removeprefix(DLQ_PREFIX)
