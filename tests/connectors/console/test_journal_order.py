"""Each enterprise's events reach the journal in the file's order, whoever sends them."""

import random

from hypothesis import given
from hypothesis import strategies as st

from connectors.console.traffic.event_lines import Posting
from connectors.console.traffic.journal_order import JournalOrder


def posting(dept: str, subject: str | None, number: int, name: str | None = None) -> Posting:
    return Posting(dept, "t", subject, None, [], None, number, name or f"E{number}")


files = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.sampled_from(["X", "Y", None]), st.sampled_from(["e", "f"])
    ),
    max_size=40,
).map(
    lambda rows: [posting(dept, subject, at, name) for at, (dept, subject, name) in enumerate(rows)]
)


class Topics:
    """Departments' topics, from which intake takes in an order that chance decides."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.topics: dict[str, list[Posting]] = {}
        self.journal: list[Posting] = []

    def send(self, some: list[Posting]) -> None:
        for one in some:
            self.topics.setdefault(one.dept, []).append(one)

    def take_one(self) -> Posting | None:
        waiting = [dept for dept, some in self.topics.items() if some]
        if not waiting:
            return None
        # What one department says of one enterprise lies in one partition.
        one = self.topics[self.rng.choice(waiting)].pop(0)
        self.journal.append(one)
        return one


@given(file=files, seed=st.integers(0, 1000), hurry=st.floats(0, 1))
def test_whatever_intake_takes_first_the_order_of_each_enterprise_is_kept(file, seed, hurry):
    topics, order = Topics(seed), JournalOrder()
    for one in file:
        topics.send(order.put(one))
        while topics.rng.random() < hurry and (taken := topics.take_one()):
            topics.send(order.taken_in(taken.subject or "", taken.dept, taken.id))
    while taken := topics.take_one():
        topics.send(order.taken_in(taken.subject or "", taken.dept, taken.id))

    assert sorted(one.line for one in topics.journal) == list(range(len(file)))
    assert len(order) == 0
    for subject in ("X", "Y"):
        lines = [one.line for one in topics.journal if one.subject == subject]
        assert lines == sorted(lines)


@given(file=files, seed=st.integers(0, 1000))
def test_an_order_that_hears_nothing_goes_on_by_the_position(file, seed):
    topics, order = Topics(seed), JournalOrder()
    for one in file:
        topics.send(order.put(one))
    rounds = 0
    while len(order):
        while topics.take_one():
            pass
        topics.send(order.all_taken_in())
        rounds += 1
        assert rounds <= len(file) + 1
    while topics.take_one():
        pass

    for subject in ("X", "Y"):
        lines = [one.line for one in topics.journal if one.subject == subject]
        assert lines == sorted(lines)
    assert len(topics.journal) == len(file)


def test_one_department_alone_never_waits():
    order = JournalOrder()

    assert [order.put(posting("A", "X", at))[0].line for at in range(50)] == list(range(50))


def test_another_department_waits_for_all_that_came_before():
    order = JournalOrder()
    order.put(posting("A", "X", 0))
    order.put(posting("A", "X", 1))

    assert order.put(posting("B", "X", 2)) == []
    assert order.put(posting("A", "X", 3)) == []
    assert order.put(posting("B", "Y", 4)) != []
    assert order.taken_in("X", "A", "E0") == []
    assert [one.line for one in order.taken_in("X", "A", "E1")] == [2]
    assert [one.line for one in order.taken_in("X", "B", "E2")] == [3]
    assert len(order) == 2


def test_what_others_say_of_the_enterprise_meanwhile_releases_nothing():
    order = JournalOrder()
    order.put(posting("A", "X", 0))
    order.put(posting("B", "X", 1))

    assert order.taken_in("X", "HUB", "E0") == []
    assert order.taken_in("X", "A", "other") == []
    assert order.taken_in("Y", "A", "E0") == []
    assert [one.line for one in order.taken_in("X", "A", "E0")] == [1]


def test_an_event_that_is_under_way_twice_is_awaited_twice():
    order = JournalOrder()
    for number in range(2):
        order.put(posting("A", "X", number, "same"))
    order.put(posting("B", "X", 2))

    assert order.taken_in("X", "A", "same") == []
    assert [one.line for one in order.taken_in("X", "A", "same")] == [2]
