"""The statistics agree with the fold, and kept up to date they are those counted anew."""

from builders import USCC
from counted_hub import counted
from hypothesis import given, settings
from random_logs import logs, play, policies

from schemas.enums import CodeState
from streams.rules.figures.counted import (
    ASKED_OF_JOURNAL,
    NOTHING_COUNTED,
    accumulate,
    decode_count,
    encode_count,
    is_live,
    was_inspected,
)
from streams.rules.figures.indicators import changes, contributions
from streams.rules.letters import DECISION_OF, UNDECIDED, nature
from streams.rules.state import code_state_of
from streams.rules.state import is_live as state_is_live
from streams.rules.state import was_inspected as state_was_inspected


@settings(max_examples=150)
@given(policies, logs)
def test_the_statistics_and_the_fold_agree_on_every_inspection(policy, log):
    hub = play(policy, log)
    subject = counted(hub)

    assert subject.visits.keys() == hub.state.tasks.keys()
    for task_id, task in hub.state.tasks.items():
        visit = subject.visits[task_id]
        assert is_live(visit) == state_is_live(task)
        assert was_inspected(visit) == state_was_inspected(task)
        assert (visit.standing == "E") == (code_state_of(task) is CodeState.EXPIRED)
        assert (visit.standing == "C") == (code_state_of(task) is CodeState.CANCELLED)
        assert visit.dept == task.dept
        assert visit.items == task.items
        assert (visit.joint_id, visit.along) == (task.joint_id, task.along)
        assert visit.has_code == (task.code is not None)
        if task.decision != UNDECIDED:
            assert visit.decision == DECISION_OF[task.decision]
            assert nature(visit.mode, visit.kind, visit.trigger, True)[:3] == task.nature[:3]


@settings(max_examples=100)
@given(policies, logs)
def test_figures_kept_up_to_date_are_those_counted_anew(policy, log):
    hub = play(policy, log)
    subject, sums = NOTHING_COUNTED, {}
    for number, event in enumerate(hub.events):
        told = event.record.data if event.record.type in ASKED_OF_JOURNAL else None
        subject = decode_count(encode_count(subject))
        after = accumulate(subject, told, hub.decided(number))
        for cell, delta in changes(USCC, subject, after).items():
            was = sums.get(cell, (0,) * len(delta))
            sums[cell] = tuple(a + b for a, b in zip(was, delta, strict=True))
        subject = after

    left = {cell: values for cell, values in sums.items() if any(values)}
    assert left == contributions(USCC, subject)
