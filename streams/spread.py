"""Which journal records does one draw become? One for each of its objects (design §2).

Each object is an enterprise of its own, with its own order; what one of them stands for does not
depend on the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.identity import CreditCodeOutcome, CreditCodeReading
from schemas.inbound_joint import DrawObject, DrawSubmitted
from schemas.malformed import Malformed, shown
from schemas.reasons import Refusal
from streams.registry import Registry
from streams.rules.built import builder
from streams.rules.calendar import day_of
from streams.rules.entry.standing import department_standing, in_territory
from streams.rules.joint.draw_window import quarter_span
from streams.rules.special.standing import special_standing

Found = tuple[DrawObject, dict[str, Any]]
"""One object of a draw, and what intake found about it."""

_build_object = builder(DrawObject)


def check_draw_key(key: bytes | None, draw: DrawSubmitted) -> None:
    """A draw concerns many enterprises: its record has no key, or the draw's id.

    Raises:
        Malformed: it has another one.
    """
    if key is not None and key != draw.draw_id.encode():
        text = key.decode("utf-8", "replace")
        found = f"{shown(text)} found: the draw's id, or no key, expected"
        raise Malformed(Refusal.WRONG_KEY, "key", found)


def objects_of(
    dept: str, draw: DrawSubmitted, readings: Mapping[str, CreditCodeReading], registry: Registry
) -> list[Found]:
    """The draw's objects, each once, in its order, with what the registries say of each.

    Args:
        dept: who drew.
        draw: the draw.
        readings: the objects' credit codes as read, by code.
        registry: as it stands now; what it says is written down for ever.

    What is on the whitelist until the quarter is over is named among the items.

    Source: art. 2; art. 3 (the whitelist); art. 5 (for which special inspection); art. 14, 15 (who
        may draw, and where).
    """
    department = registry.departments.get(dept)
    shared: dict[str, Any] = {
        "dept_standing": department_standing(department, day_of(draw.drawn_at)),
        "unknown_fields": draw.unknown_fields(),
        "calendar": registry.calendar_finding(),
    }
    drawn_on, last = day_of(draw.drawn_at), quarter_span(draw.quarter)[1]
    shared["whitelisted_items"] = tuple(
        item
        for item in dict.fromkeys(draw.items)
        if all(registry.is_item_whitelisted(item, day) for day in (min(drawn_on, last), last))
    )
    if draw.special_id is not None:
        shared["special"] = special_standing(registry.specials.get(draw.special_id), dept)
    common = {
        "draw_id": draw.draw_id,
        "quarter": draw.quarter,
        "plan_code": draw.plan_code,
        "drawn_at": draw.drawn_at,
        "items": draw.items,
        "line": draw.line,
        "special_id": draw.special_id,
        "system": "" if department is None else department.system,
    }
    found = []
    for code, reading in readings.items():
        region = registry.region_of(code)
        fields = {**common, "uscc": code, "region": region}
        own = {
            "in_scope": reading.in_scope,
            "check_digit_ok": reading.outcome is CreditCodeOutcome.VALID,
            "subject": registry.subject(code),
            "in_territory": region is None
            or (department is not None and in_territory(department.region, region)),
        }
        found.append((_build_object(_in_order(fields)), {**shared, **own}))
    return found


def _in_order(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in DrawObject.model_fields}
