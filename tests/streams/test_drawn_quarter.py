"""A quarter in which every department draws: what overlaps by plain sets is what is formed."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from benchmarks.brute_draws import overlaps
from benchmarks.drawn_quarter import fold, judge
from connectors.generate.quarter import QuarterSpec, generate_quarter

SMALL = QuarterSpec(districts=2, systems=9, draws=900, visits=40)


@pytest.mark.parametrize(("late", "seed"), [("refuse", 1), ("refuse", 2), ("take", 2)])
def test_the_joint_inspections_are_those_of_plain_sets_and_two_runs_are_identical(
    late: str, seed: int
) -> None:
    first, second, plain = judge(replace(SMALL, late_draws=late), seed)
    assert first.wrong == []
    assert first.digest == second.digest
    assert len(first.joints) > 50
    assert len(plain.shared()) >= len(first.joints) * 0.9


def test_the_quarter_comes_to_everything_that_the_checks_look_at() -> None:
    found = fold(generate_quarter(SMALL, 1))

    assert found.facts.keys() >= {"DRAWN", "NOTED", "WINDOW_CLOSED", "JOINT", "JOINT_CHANGED"}
    assert found.decisions.keys() >= {"ISSUED", "REFUSED_JOINT_MEMBER"}
    assert len(found.grounds) >= 3
    assert any(len(members) > 2 for members, _ in found.members.values())
    assert any(fact.kind == "INTERNAL" for fact in found.joints.values())
    assert sum(map(bool, found.codes.values())) > 20


def test_equal_seeds_give_equal_bytes_and_others_do_not() -> None:
    one, again, other = (b"".join(generate_quarter(SMALL, seed)) for seed in (1, 1, 2))

    assert one == again
    assert one != other


class TestTheChecksCanFail:
    """A quarter that was decided wrongly is found out."""

    def test_an_overlap_that_was_missed(self) -> None:
        found, plain = fold(generate_quarter(SMALL, 1)), self.plain()
        uscc = next(iter(found.joints))
        found.drew[uscc].pop()
        found.check_overlaps(plain)

        assert [one for one in found.wrong if one.startswith(uscc)]

    def test_a_lead_that_takes_no_part(self) -> None:
        found = fold(generate_quarter(SMALL, 1))
        found.leads[next(iter(found.joints))] = "NOBODY"
        found.check_joints()

        assert any("'NOBODY' leads" in one for one in found.wrong)

    def test_a_visit_with_two_codes(self) -> None:
        found = fold(generate_quarter(SMALL, 1))
        found.codes[next(iter(found.codes))].add("another")
        found.check_joints()

        assert any("codes" in one for one in found.wrong)

    def plain(self):  # type: ignore[no-untyped-def]  # as the benchmark has it
        return overlaps(generate_quarter(SMALL, 1), SMALL.year, SMALL.quarter)


def test_plain_sets_read_the_file_and_nothing_else() -> None:
    lines = list(generate_quarter(SMALL, 1))
    draws = [line for line in lines if orjson.loads(line)["type"] == "draw.submitted"]

    assert len(overlaps(lines, 2026, 2).who) > 200
    assert overlaps([line for line in lines if line not in draws], 2026, 2).who == {}
