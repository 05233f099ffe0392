"""A system's public page, served by a sandbox in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Self

from connectors.sandbox.server import Sandbox
from schemas.sites import TIANJIN_SUBJECTS


class _Page(Sandbox):
    site = TIANJIN_SUBJECTS


class SiteInThread:
    """Serves its public list; usable with `with`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._folder = tempfile.TemporaryDirectory()
        self.address = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._sandbox = _Page(Path(self._folder.name))
        self.address = self._run(self._sandbox.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._sandbox.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._folder.cleanup()

    def show(self, uscc: str, result_id: str, version: int) -> None:
        """Show a result to the public."""
        row = (uscc, result_id, version, "DISCLOSED", "S-1", json.dumps({"entity": "天津企业"}))
        self._run(
            self._sandbox.journal.run(
                lambda c: c.execute("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?)", row)
            )
        )

    def hide(self, uscc: str, result_id: str) -> None:
        """Show a result no longer."""
        named = (uscc, result_id)
        self._run(
            self._sandbox.journal.run(
                lambda c: c.execute("DELETE FROM page WHERE uscc = ? AND result_id = ?", named)
            )
        )

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
