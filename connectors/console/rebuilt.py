"""How is a rebuild of the view told? How much, and in what time."""

from __future__ import annotations

import time
from collections.abc import Callable

from connectors.console.context import Context


def rebuilt(hub: Context, rebuild: Callable[[], int]) -> None:
    """Rebuild, and say how many recorded answers were applied."""
    began = time.monotonic()
    facts = rebuild()
    took_s = time.monotonic() - began
    if hub.json:
        hub.emit({"facts": facts, "took_s": round(took_s, 3)})
    else:
        hub.show(f"{facts:,} recorded answers applied in {took_s:.1f} s")
