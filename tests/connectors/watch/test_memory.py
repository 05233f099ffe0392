"""What the watch must not forget comes back when it is started again; nothing else is kept."""

from connectors.watch.memory import (
    PROGRESS_KEPT,
    Memory,
    is_news,
    pack,
    pack_window,
    remember,
    unpack,
    unpack_windows,
    window_name,
)
from schemas.watch_input import Look, Progress


def look(offset, end, alive=True):
    return Look(1, offset, end, alive, 0)


def test_a_window_is_kept_again_when_something_moved_or_waits():
    assert is_news([look(5, 5)])
    assert is_news([look(5, 5), look(5, 6)])
    assert is_news([look(5, 6), look(6, 6)])
    assert is_news([look(6, 6), look(5, 6)])
    assert is_news([look(5, 5), look(5, 5, alive=False)])
    assert not is_news([look(5, 6), look(6, 6), look(6, 6)])


def test_windows_come_back_and_what_another_version_wrote_is_left_out():
    name = window_name("insp-decide", ("insp.journal", 3))
    window = [look(1, 2), look(2, 2, alive=None)]

    kept = {name.encode(): pack_window(window), b"other": b"\xc1"}

    assert unpack_windows(kept) == {name: window}


def test_rates_come_back_of_what_is_still_owed():
    memory = Memory(
        progress={
            "deliver A": [Progress(1, 5, 0), Progress(2, 3, 2)],
            "intake": [Progress(1, 0, 9)],
        },
        receipts={"A": 17},
        done={"A": 4},
    )

    again = unpack(pack(memory))

    assert again.progress == {"deliver A": memory.progress["deliver A"]}
    assert (again.receipts, again.done) == ({"A": 17}, {"A": 4})
    assert unpack(None) == unpack(b"\xc1") == Memory()


def test_looks_at_a_counter_that_was_set_back_are_of_no_use():
    windows = {"s": [Progress(1, 9, 100), Progress(2, 8, 101)]}

    assert remember(windows, "s", Progress(3, 7, 102))[-1] == Progress(3, 7, 102)
    assert remember(windows, "s", Progress(3, 9, 0)) == [Progress(3, 9, 0)]
    paused = {"s": [Progress(1, 9, 100), Progress(2, 9, 100, held=True)]}
    assert remember(paused, "s", Progress(3, 9, 100, held=True)) == [
        Progress(1, 9, 100),
        Progress(3, 9, 100, held=True),
    ], "a long pause drives no look out"
    many = {"s": [Progress(n, 1, n) for n in range(PROGRESS_KEPT)]}
    assert len(remember(many, "s", Progress(999, 1, 999))) == PROGRESS_KEPT
