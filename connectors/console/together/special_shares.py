"""Who goes to which district, and for what? A sheet of officers and items by place, read."""

from __future__ import annotations

from pathlib import Path

from connectors.console.context import CommandError, Exit
from connectors.console.registries.sheets import column_name, read_sheet
from connectors.specials.tasks import Share, share_faults

_COLUMNS = {
    "district": ("district", "区域代码"), "officers": ("officers", "执法证号"),
    "items": ("items", "检查事项"),
}  # fmt: skip


def read_shares(path: Path) -> tuple[Share, ...]:
    """The rows of a sheet: `district`, and `officers` and `items` separated by `;`.

    Raises:
        CommandError: it cannot be read, or something in it is wrong; all of it is named.
    """
    lines = read_sheet(path)
    header = next(lines, None)
    at = {} if header is None else {cell: place for place, cell in enumerate(header.cells)}
    where = {
        name: next((at[one] for one in names if one in at), None)
        for name, names in _COLUMNS.items()
    }
    faults = [f"row 1: a column {name} expected" for name, place in where.items() if place is None]
    shares = []
    for line in () if faults else lines:
        cells = [*line.cells, *[""] * len(at)]
        told = {name: cells[place] for name, place in where.items() if place is not None}
        share = Share(told["district"], _several(told["officers"]), _several(told["items"]))
        if not share.officers and not share.items:
            faults.append(f"row {line.number}: neither officers nor items")
        fault = share_faults([share])
        column = column_name(where["district"] or 0)
        faults += [f"row {line.number}, column {column}: {one}" for one in fault]
        shares.append(share)
    if not faults:
        faults = share_faults(shares)
    if not faults and not shares:
        faults = ["a row for each district expected, none found"]
    if faults:
        raise CommandError("\n".join([f"{path}:", *(f"  {one}" for one in faults)]), Exit.USAGE)
    return tuple(shares)


def _several(cell: str) -> tuple[str, ...]:
    parts = (one.strip() for one in cell.replace("；", ";").split(";"))
    return tuple(dict.fromkeys(one for one in parts if one))
