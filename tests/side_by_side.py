"""Which tests stay with one of several processes: those of a file, and of some folders."""

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("chaos", "browser")
"""Folders whose tests one process runs: two campaigns at once would each take for a fault what is
only a machine out of breath; and browsers need much memory."""


class Lanes(LoadScopeScheduling):
    """Shares tests out so."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(nodeid.split("::")[0])
        return path.parent.name if path.parent.name in TOGETHER else str(path)
