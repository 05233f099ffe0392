"""The statistics once more, as SQL over exported events: written from the definitions alone.

Nothing here is shared with what it judges but the names of tables and measures.
"""

# ruff: noqa: S608 - names of tables of our own

from __future__ import annotations

from pathlib import Path

import duckdb

from schemas.regions import district_of, regions

_PARTS = (Path(__file__).parent / "statistics_oracle.sql").read_text(encoding="utf-8")
_SECTIONS = dict(part.split("\n", 1) for part in _PARTS.split("-- section: ")[1:])

_MEASURES = {
    "tasks": "decision IS NOT NULL",
    "issued": "decision = 'ISSUED'",
    "intercepted": "decision = 'INTERCEPTED_OVER_CAP'",
    "refused_whitelisted": "decision = 'REFUSED_WHITELISTED'",
    "refused_joint": "decision = 'REFUSED_JOINT_MEMBER'",
    "rejected": "decision LIKE 'REJECTED_%'",
    "out_of_scope": "decision = 'RECORDED_OUT_OF_SCOPE'",
    "cancelled": "decision IS NOT NULL AND cancelled",
    "expired": "decision IS NOT NULL AND expired",
    "stopped": "choice = 'STOP'",
    "continued": "choice = 'CONTINUE'",
    "made": "made",
    "onsite": "onsite",
    "offsite": "made AND mode = 'OFFSITE'",
    "joint": "onsite AND (key, joint_visit) IN (SELECT (key, joint_visit) FROM together)",
    "results": "result_id IS NOT NULL",
    "problems": "found_problem",
    "scanned": "onsite AND how = 'SCANNED'",
    "scan_refused": "onsite AND how = 'REFUSED'",
    "licence_failed": "onsite AND how = 'LICENCE_FAILED'",
    "rated": "stars > 0",
    "praised": "stars IN (4, 5)",
    "exempt": "exempt AND made",
    "backfilled": "made AND decision = 'RECORDED_BACKFILL'",
    "over_cap": "made AND decision = 'RECORDED_BACKFILL' "
    "AND list_contains(prompts, 'OVER_CAP_BACKFILL')",
    "moved_over": "len(over_rules) > 0",
    "no_code": "onsite AND NOT has_code",
    "repeated": "onsite AND list_contains(prompts, 'REPEAT_INSPECTION')",
    "unreasonable": "onsite AND list_contains(prompts, 'UNREASONABLE_FREQUENCY')",
}
SUMS = ", ".join(
    f"count_if(coalesce({holds}, false))::BIGINT AS {name}" for name, holds in _MEASURES.items()
)
MEASURED = tuple(_MEASURES)
_PLACE = {"p": "INT", "o": "BIGINT"}


class Oracle:
    """Answers figures from a folder of exported events."""

    def __init__(self, folder: Path) -> None:
        """Read `journal.jsonl` and `decided.jsonl`."""
        self.db = duckdb.connect()
        records = {**_PLACE, "type": "VARCHAR", "data": "JSON"}
        self._load(folder / "journal.jsonl", "journal", records)
        answers = {**_PLACE, "seq": "BIGINT", "key": "VARCHAR", "facts": "JSON"}
        self._load(folder / "decided.jsonl", "decided", answers)
        self.db.execute("CREATE TABLE region (code VARCHAR, district VARCHAR)")
        places = [(one.code, district_of(one.code) or one.code) for one in regions()]
        self.db.executemany("INSERT INTO region VALUES (?, ?)", places)
        self.db.execute(_SECTIONS["visits"])

    def cells(self) -> list[tuple]:
        """The cube of visits: its six keys, then every measure."""
        keys = "month, dept, district, mode, kind, trigger"
        return self._rows(f"SELECT {keys}, {SUMS} FROM visit GROUP BY {keys} ORDER BY ALL")

    def by(self, column: str, where: str = "true") -> dict[str, tuple]:
        """Every measure by one column."""
        query = f"SELECT {column} AS value, {SUMS} FROM visit WHERE {where} GROUP BY value"
        rows = self._rows(query)
        return {value: tuple(counts) for value, *counts in rows}

    def items(self) -> list[tuple]:
        """Month, department, item: tasks, inspections made, problems."""
        names = ("tasks", "made", "problems")
        sums = ", ".join(f"count_if(coalesce({_MEASURES[one]}, false))::BIGINT" for one in names)
        return self._rows(_SECTIONS["items"].format(sums=sums))

    def frequency(self) -> list[tuple]:
        """Year, department (or none), kind (or none), inspections, enterprises."""
        return self._rows(_SECTIONS["frequency"])

    def watched(self) -> list[tuple]:
        """The lines of all lists."""
        return self._rows(_SECTIONS["watch"].format(**_MEASURES))

    def _load(self, path: Path, name: str, columns: dict[str, str]) -> None:
        told = ", ".join(f"{column}: '{kind}'" for column, kind in columns.items())
        self.db.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_json('{path}', "
            f"format = 'newline_delimited', columns = {{{told}}})"
        )

    def _rows(self, query: str) -> list[tuple]:
        return self.db.execute(query).fetchall()
