"""Which faults does a sandbox show just now? What `POST /faults` asked for (docs/delivery.md)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MODES = (
    "500",
    "429",
    "lost",
    "hang",
    "wrong_receipt",
    "unknown_record",
    "forget_keys",
    "out",
)
CLEAR = "clear"


@dataclass(slots=True)
class _Fault:
    left: int | None
    until: float | None
    retry_after_s: int
    drop: bool


class Faults:
    """The faults asked for, each for so many times, for so long, or until cleared."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._active: dict[str, _Fault] = {}

    def ask(self, wish: Mapping[str, object]) -> None:
        """Begin a fault, or end all with the mode `clear`.

        Args:
            wish: `mode`; `count` times or for `until_s` seconds from now (neither: until cleared);
                `retry_after_s` for 429; `drop` for `out`: connections are cut instead of a 503.

        Raises:
            ValueError: what is wished for is not known.
        """
        mode = wish.get("mode")
        if mode == CLEAR:
            self._active.clear()
            return
        if mode not in MODES:
            raise ValueError(f"mode {mode!r} is not one of {', '.join(MODES)}, {CLEAR}")
        count, until_s = wish.get("count"), wish.get("until_s")
        wait = wish.get("retry_after_s", 1)
        if not (count is None or (isinstance(count, int) and count > 0)):
            raise ValueError("count is not a number above 0")
        if not (until_s is None or (isinstance(until_s, int | float) and until_s > 0)):
            raise ValueError("until_s is not a number above 0")
        if not isinstance(wait, int) or wait < 0:
            raise ValueError("retry_after_s is not a number of whole seconds")
        until = None if until_s is None else self._clock() + until_s
        self._active[str(mode)] = _Fault(count, until, wait, bool(wish.get("drop")))

    def take(self, mode: str) -> bool:
        """Whether the fault happens now; counts it."""
        fault = self._find(mode)
        if fault is None:
            return False
        if fault.left is not None:
            fault.left -= 1
        return True

    def lasts(self, mode: str) -> bool:
        """Whether the fault is on; does not count."""
        return self._find(mode) is not None

    def first_of(self, *modes: str) -> str | None:
        """The first of these that happens now; only that one is counted."""
        return next((mode for mode in modes if self.take(mode)), None)

    def retry_after_s(self, mode: str) -> int:
        """What the system asks to wait."""
        fault = self._active.get(mode)
        return 1 if fault is None else fault.retry_after_s

    def drops(self, mode: str) -> bool:
        """Whether connections are cut instead of answered."""
        fault = self._active.get(mode)
        return fault is not None and fault.drop

    def active(self) -> list[str]:
        """The modes that are on."""
        return [mode for mode in MODES if self._find(mode)]

    def _find(self, mode: str) -> _Fault | None:
        fault = self._active.get(mode)
        if fault is None:
            return None
        over = fault.until is not None and self._clock() >= fault.until
        return None if over or fault.left == 0 else fault
