"""Each enterprise's events reach the journal in the file's order, whoever sends them."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.console.event_lines import Posting
from connectors.console.journal_order import rounds

REGISTRY = "REGISTRY"


def posting(dept: str, subject: str | None, number: int) -> Posting:
    return Posting(dept, "t", subject, None, [], None, number)


files = st.lists(
    st.tuples(st.sampled_from(["A", "B", "C", REGISTRY]), st.sampled_from(["X", "Y", "Z", None])),
    max_size=60,
).map(lambda pairs: [posting(dept, subject, at) for at, (dept, subject) in enumerate(pairs)])


@given(file=files, window=st.integers(1, 20))
def test_nothing_is_lost_and_every_round_may_be_taken_in_in_any_order(file, window):
    sent = list(rounds(file, window))

    flat = [one for some in sent for one in some]
    assert sorted(one.line for one in flat) == list(range(len(file)))
    for some in sent:
        speakers: dict[str, set[str]] = {}
        for one in some:
            if one.subject is not None and not one.from_registry:
                speakers.setdefault(one.subject, set()).add(one.dept)
        assert all(len(depts) == 1 for depts in speakers.values())
        assert len({one.from_registry for one in some}) == 1


@given(file=files, window=st.integers(1, 20))
def test_the_order_of_each_enterprise_and_of_the_registries_is_kept(file, window):
    flat = [one for some in rounds(file, window) for one in some]

    for subject in ("X", "Y", "Z"):
        lines = [one.line for one in flat if one.subject == subject and not one.from_registry]
        assert lines == sorted(lines)
    for at, one in enumerate(flat):
        if one.from_registry:
            assert all(before.line < one.line for before in flat[:at])


def test_one_department_alone_needs_one_round():
    file = [posting("A", "X", at) for at in range(50)]

    assert len(list(rounds(file))) == 1


def test_departments_that_take_turns_need_a_round_each_time():
    file = [posting("AB"[at % 2], "X", at) for at in range(6)]

    assert [len(some) for some in rounds(file)] == [1] * 6
