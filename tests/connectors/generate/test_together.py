"""What departments do together: a draw comes to one visit, a special inspection to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import orjson
import pytest
from rich.console import Console

from benchmarks.drawn_quarter import PlainMint
from connectors.console.acts.together import lines_together, told_of
from connectors.console.traffic.event_lines import LineReader
from connectors.generate import CitySpec, district_day, generate
from connectors.generate.together import MEMBERS, OBJECTS, Together
from schemas.enums import CodeKind, Decision
from schemas.facts import Decided, DecidedFact, Fact
from schemas.joint_facts import JointFact
from schemas.messages import INBOUND
from schemas.special_facts import SpecialFact
from schemas.survey_facts import SpecialObjectFact
from streams.answer import encode_decided
from streams.replay import Replay

SHANGHAI = ZoneInfo("Asia/Shanghai")
AFTERNOON = datetime(2026, 11, 26, 17, 0, tzinfo=SHANGHAI)


def spec_at(now: datetime) -> CitySpec:
    return district_day(now.date(), tasks=60, until=now.time())


def made(now: datetime = AFTERNOON, seed: int = 1) -> tuple[Together, list[bytes]]:
    """What is done together, and the lines of the day around it."""
    day = list(generate(spec_at(now), seed))
    return lines_together(spec_at(now), seed, now, day), day


def facts_of(together: Together, day: list[bytes], *, joint: bool = True) -> list[Fact]:
    """The facts of what the hub's own fold makes of it."""
    return [fact for one in answers_to(together, day, joint=joint) for fact in one.facts]


def answers_to(together: Together, day: list[bytes], *, joint: bool = True) -> list[Decided]:
    """What that fold answers: the window closes between opening and the rest."""
    replay, reader = Replay(PlainMint(), lambda _: 0), LineReader()
    found: list[Decided] = []

    def take(answers: Iterable[object]) -> None:
        found.extend(answer for answer in answers if isinstance(answer, Decided))

    first = [*map(together.with_draws, day), *together.opening()]
    then = [line for step in together.onwards(joint=joint) for line in step]
    for number, line in enumerate(first, 1):
        take(replay.line(reader.read(line), number))
    take(replay.rest())
    for number, line in enumerate(then, len(first) + 1):
        take(replay.line(reader.read(line), number))
    return found


def test_three_draws_come_to_one_visit_with_one_code():
    together, day = made()
    facts = facts_of(together, day)
    (joint,) = [one for one in facts if isinstance(one, JointFact)]
    visits = [one.decision for one in facts if isinstance(one, DecidedFact)
              and one.decision.uscc == together.uscc]  # fmt: skip

    assert joint.joint_id == together.joint_id
    assert joint.members == tuple(one.code for one in together.members)
    assert [one.decision for one in visits] == [Decision.ISSUED] * MEMBERS
    assert {one.code_kind for one in visits} == {CodeKind.JOINT}
    assert len({one.code for one in visits}) == 1


def test_a_special_inspection_goes_from_its_filing_to_its_end_with_every_result():
    together, day = made()
    facts = facts_of(together, day)
    steps = [one.step for one in facts if isinstance(one, SpecialFact)]
    stages = Counter(one.stage for one in facts if isinstance(one, SpecialObjectFact))

    assert steps == ["FILED", "DISPATCHED", "CLAIMED", "CLOSED"]
    assert stages == {"TASK": OBJECTS, "RESULT": OBJECTS}


def test_the_demo_tells_both_in_a_few_lines():
    together, day = made()
    answers = answers_to(together, day)
    records = [SimpleNamespace(value=encode_decided(one)) for one in answers]
    dump = SimpleNamespace(walk=lambda topic: [(topic, 0, records)])
    decisions = [fact.decision for one in answers for fact in one.facts
                 if isinstance(fact, DecidedFact)]  # fmt: skip
    told = told_of(dump, decisions, together)
    console = Console(width=80, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(*told.parts())
    shown = capture.get()

    assert max(len(line.rstrip()) for line in shown.splitlines()) <= 80
    for said in (
        together.joint_id,
        "one code",
        "filed by",
        "claimed by",
        "3 with a result",
    ):
        assert said in shown
    assert told.as_dict()["special"] == {
        "steps": ["FILED", "DISPATCHED", "CLAIMED", "CLOSED"], "tasks": 3, "results": 3,
    }  # fmt: skip


def test_without_the_joint_inspection_the_special_one_goes_on():
    together, day = made()
    facts = facts_of(together, day, joint=False)

    assert sum(isinstance(one, SpecialObjectFact) for one in facts) == 2 * OBJECTS
    assert together.uscc not in {one.decision.uscc for one in facts if isinstance(one, DecidedFact)}


def test_the_day_itself_stays_the_same_but_for_its_policy():
    together, day = made()
    changed = [(a, b) for a, b in zip(day, map(together.with_draws, day), strict=True) if a != b]
    ((_, policy),) = changed
    shown = orjson.loads(policy)
    others = b"".join(line for line in day if b'"source":"REGISTRY"' not in line)

    assert shown["data"]["policy"]["late_draws"] == "take"
    assert together.uscc.encode() not in others
    assert "draw_days" not in shown["data"]["policy"]


def test_every_line_is_one_of_the_contract():
    together, _ = made()
    lines = [*together.opening(), *(line for step in together.onwards(joint=True) for line in step)]
    for line in map(orjson.loads, lines):
        INBOUND[line["type"]].model.model_validate_json(orjson.dumps(line["data"]))
    assert len({orjson.loads(line)["id"] for line in lines}) == len(lines)


@pytest.mark.parametrize(
    ("day", "formed", "draw_days"),
    [
        ((2026, 7, 1), False, 1),  # a Wednesday, the quarter's first working day
        ((2026, 7, 2), True, 1),
        ((2026, 7, 7), True, 1),
        ((2026, 7, 8), True, None),
        ((2026, 10, 5), False, 1),  # the holidays that open the last quarter
    ],
)
def test_on_the_first_days_of_a_quarter_its_window_is_cut_to_one_day(
    day: tuple[int, int, int], formed: bool, draw_days: int | None
):
    together, lines = made(datetime(*day, 17, 0, tzinfo=SHANGHAI))
    (policy,) = [line for line in lines if b'"type":"policy.published"' in line]

    assert together.can_be_formed is formed
    assert orjson.loads(together.with_draws(policy))["data"]["policy"].get("draw_days") == draw_days
    if formed:
        assert any(isinstance(one, JointFact) for one in facts_of(together, lines))
