"""What must have come of a journal, seen from the logs and the view alone?"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from decide_world import FORMS, Message, World
from odd_parts import FaultyMint

from schemas.codec import encode_json
from schemas.facts import Decided
from schemas.feed import feed_key
from schemas.topics import JOURNAL, feed_topic, out_topic
from streams.answer import answer, decode_decided, encode_decided
from streams.decide import read_event
from streams.rules.apply import apply
from streams.rules.outward import StoredDecision, outward
from streams.rules.publicity.feeds import feed_records
from streams.rules.state import EMPTY, SubjectState
from streams.rules.views import view_ops

_CODE = re.compile(rb"\d\d-[0-9A-F]{20}")


async def wrong_with(world: World, *, one_mint: bool = True) -> list[str]:
    """Every promise that this world breaks at rest; nothing when all is well.

    Args:
        world: Its logs and view.
        one_mint: All workers had the same keys; else the codes in the facts may be of any of them,
            and only that nobody was told others is looked at.
    """
    found: list[str] = []
    owed: Counter[Message] = Counter()
    for partition in range(world.partitions):
        recorded = _recorded(world, partition, found)
        _compare(world, partition, recorded, one_mint=one_mint, found=found)
        owed += _owed(recorded)
    told = Counter(world.told())
    found += [f"not told: {one}" for one in owed if told[one] < owed[one]]
    found += [f"told, but not owed: {one}" for one in told if one not in owed]
    if not found and world.view.content() != (await world.rebuilt()).content():
        found.append("the view is not what the facts say")
    return found


def source_offset(value: bytes | None) -> int:
    """Which journal record a line of `insp.decided` answers."""
    return decode_decided(value or b"").src.offset


def _recorded(world: World, partition: int, found: list[str]) -> Mapping[int, bytes]:
    """The one answer to each journal record, in the order of the log."""
    answers: dict[int, bytes] = {}
    for record in world.decided(partition):
        value = record.value or b""
        offset = source_offset(value)
        if answers.setdefault(offset, value) != value:
            found.append(f"{partition}/{offset}: several answers")
    if list(answers) != sorted(answers):
        found.append(f"{partition}: answers out of order: {list(answers)}")
    return answers


def _compare(
    world: World, partition: int, recorded: Mapping[int, bytes], *, one_mint: bool, found: list[str]
) -> None:
    """The journal folded here and now, record by record, against what was recorded."""
    states: dict[str, SubjectState] = defaultdict(lambda: EMPTY)
    policies, mint = world.policies(), FaultyMint()
    for record in world.kafka.logs[JOURNAL, partition]:
        event = read_event(record)
        policy = policies.at_once(event.record.policy_version)
        states[event.key], decided = answer(states[event.key], event, policy, mint)
        expected, there = encode_decided(decided), recorded.get(record.offset)
        if there is None:
            found.append(f"{partition}/{record.offset}: lost")
        elif expected != there and (one_mint or _plain(expected) != _plain(there)):
            found.append(f"{partition}/{record.offset}: another answer than the fold's")


def _plain(value: bytes) -> bytes:
    """An answer without the codes in it."""
    return _CODE.sub(b"", value)


def _owed(recorded: Mapping[int, bytes]) -> Counter[Message]:
    """What departments and sites must have been told of these facts, repeats included."""
    owed = _Owed()
    for _, value in sorted(recorded.items()):
        owed.take(decode_decided(value))
    return owed.told


@dataclass
class _Owed:
    told: Counter[Message] = field(default_factory=Counter)
    states: dict[str, SubjectState] = field(default_factory=lambda: defaultdict(lambda: EMPTY))
    first: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def take(self, decided: Decided) -> None:
        after = self.states[decided.key]
        for fact in decided.facts:
            after = apply(after, fact, decided.src.offset)
        self.states[decided.key] = after
        self.first |= {(decided.key, t): v for t, v in view_ops(decided, after).decisions}
        for one in outward(decided, after):
            self.told[out_topic(one.dept), one.key.encode(), self._value(decided, one.body)] += 1
        for one in feed_records(decided, FORMS):
            self.told[
                feed_topic(one.site), feed_key(one.uscc, one.result_id).encode(), encode_json(one)
            ] += 1

    def _value(self, decided: Decided, body: Any) -> bytes | None:
        if isinstance(body, StoredDecision):
            return self.first.get((decided.key, body.task_id))
        return encode_json(body)
