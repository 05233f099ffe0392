"""Do the draws that wait wait in the view as well, whichever quarter closes first (art. 2)?"""

from __future__ import annotations

from datetime import date

from beside_the_auditor import differences, policy_of
from builders import a_document
from hypothesis import given
from hypothesis import strategies as st
from joint_world import AFTER, QUARTER, WJW, XFJ, JointHub, say
from random_logs import many

from schemas.joint_facts import DrawLapsed, WindowClosedFact
from streams.rules.entry.caps import compile_policy
from streams.rules.outward import outward
from streams.rules.views import view_ops

NEXT, JULY, AFTER_NEXT = "2026Q3", date(2026, 7, 1), date(2026, 7, 9)


class Shown(JointHub):
    """A hub, and the quarters that the view shows as waiting."""

    waiting: set[str]

    def take(self, event):  # type: ignore[no-untyped-def]  # as of Hub
        """Fold one event, and show what follows."""
        facts = super().take(event)
        ops = view_ops(self.decided(), self.state)
        self.waiting = getattr(self, "waiting", set()) | {quarter for quarter, _ in ops.drawn}
        self.waiting -= {quarter for quarter, _ in ops.compared}
        return facts

    def open_quarters(self) -> set[str]:
        """The quarters whose draws wait."""
        return {name for name, kept in self.state.draws.items() if kept.draws and not kept.closed}


def two_quarters() -> Shown:
    hub = Shown()
    for number, dept in enumerate((WJW, XFJ, WJW)):
        hub.draw(dept, draw_id=f"D-{number}")
    hub.draw(WJW, draw_id="N-1", quarter=NEXT, on=JULY)
    return hub


def test_draws_of_an_earlier_quarter_lapse_and_each_department_hears_of_it() -> None:
    hub = two_quarters()

    (closed,) = hub.close(AFTER_NEXT, NEXT)

    assert isinstance(closed, WindowClosedFact)
    assert closed.lapsed == (
        DrawLapsed(quarter=QUARTER, dept=WJW, draw_id="D-0"),
        DrawLapsed(quarter=QUARTER, dept=XFJ, draw_id="D-1"),
    )
    assert hub.waiting == set()
    told = [(one.dept, one.body) for one in outward(hub.decided(), hub.state)]
    assert [
        (dept, body.draw_id, body.outcome, [f"{one.code} {one.about}" for one in body.reasons])  # type: ignore[union-attr]
        for dept, body in told
    ] == [
        (WJW, "N-1", "APPLIED", ["ALONE "]),
        (WJW, "D-0", "REFUSED", ["QUARTER_OVER 2026-06-30"]),
        (XFJ, "D-1", "REFUSED", ["QUARTER_OVER 2026-06-30"]),
    ]


def test_what_an_earlier_release_left_in_the_view_goes_when_it_is_asked_for() -> None:
    hub = two_quarters()
    hub.close(AFTER_NEXT, NEXT)
    hub.waiting.add(QUARTER)

    assert say(hub.close(AFTER_NEXT)) == ["REPEATED NOT_OPEN"]
    assert hub.waiting == set()


def test_in_their_order_nothing_lapses() -> None:
    hub = two_quarters()
    hub.close()
    (closed,) = hub.close(AFTER_NEXT, NEXT)

    assert isinstance(closed, WindowClosedFact)
    assert closed.lapsed == ()
    assert hub.waiting == set()


DAYS = {"2026Q1": (date(2026, 1, 4), date(2026, 2, 2)), QUARTER: (date(2026, 4, 1), AFTER),
        NEXT: (JULY, AFTER_NEXT)}  # fmt: skip
steps = st.tuples(st.sampled_from(["draw", "draw", "close"]), st.sampled_from(sorted(DAYS)),
                  st.sampled_from([WJW, XFJ]))  # fmt: skip


@many
@given(st.lists(steps, max_size=10))
def test_the_view_shows_what_waits_and_the_auditor_agrees(log: list[tuple[str, str, str]]) -> None:
    document = a_document(late_draws="take")
    hub = Shown(policy=compile_policy(document))
    hub.waiting = set()
    for number, (step, quarter, dept) in enumerate(log):
        drawn_on, closed_on = DAYS[quarter]
        if step == "draw":
            hub.draw(dept, draw_id=f"D-{number}", quarter=quarter, on=drawn_on)
        else:
            hub.close(closed_on, quarter)
        assert hub.waiting == hub.open_quarters()

    assert differences(hub, policy_of(document)) == []
