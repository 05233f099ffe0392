"""What does a department mean to draw, and from which objects? Its plan and its sheet, read."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from pydantic import ValidationError

from connectors.console.context import CommandError, Exit
from connectors.console.registries.sheets import column_name, read_sheet
from connectors.draws.frame import Wanted, want
from schemas.draw_frame import DrawPlan

_USCC, _AVOID = ("uscc", "统一社会信用代码"), ("avoid", "回避人员")
_FAULTS_SHOWN_MAX = 20


def read_plan(path: Path) -> DrawPlan:
    """The plan in a file.

    Raises:
        CommandError: it is none; everything wrong is named.
    """
    try:
        return DrawPlan.model_validate_json(json.dumps(tomllib.loads(path.read_text("utf-8"))))
    except ValidationError as wrong:
        lines = [
            f"  {'.'.join(map(str, one['loc']))}: {one['msg']}"
            for one in wrong.errors(include_url=False)
        ]
        raise CommandError("\n".join([f"{path}:", *lines]), Exit.USAGE) from wrong
    except (OSError, ValueError, TypeError) as cause:
        raise CommandError(f"{path}: {cause}", Exit.USAGE) from cause


def read_objects(path: Path) -> tuple[Wanted, list[str]]:
    """Credit codes of a sheet, with the officers each must be spared; and what is wrong there.

    Columns: `uscc`, and if wanted `avoid` with certificate numbers, separated by `;`.
    """
    rows = read_sheet(path)
    header = next(rows, None)
    at = {} if header is None else {cell: index for index, cell in enumerate(header.cells)}
    uscc, avoid = (next((at[n] for n in names if n in at), None) for names in (_USCC, _AVOID))
    if uscc is None:
        return {}, ["row 1: a column uscc expected"]
    objects: Wanted = {}
    faults: list[str] = []
    for row in rows:
        cells = [*row.cells, *[""] * len(at)]
        spared = cells[avoid].replace("；", ";").split(";") if avoid is not None else ()
        where = f"row {row.number}, column {column_name(uscc)}"
        fault = want(objects, cells[uscc], spared, where)
        if fault is not None:
            faults.append(fault)
    return objects, faults


def not_drawn(path: Path, faults: list[str]) -> CommandError:
    """That nothing is drawn from a sheet, and why."""
    shown = [f"  {fault}" for fault in faults[:_FAULTS_SHOWN_MAX]]
    left = len(faults) - len(shown)
    more = [f"  … and {left:,} more"] if left else []
    return CommandError("\n".join([f"{path}: nothing was committed to:", *shown, *more]))
