"""What is said between the gateway and a department that draws? One model each, both ways."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from pydantic import Field

from connectors.departments.gateway.answers import Answer
from schemas.base import Id, Message, Text
from schemas.draw import DrawDocument, DrawFrame
from schemas.draw_frame import DrawPlan
from schemas.inbound_draw import DrawCommitted, DrawRevealed

OBJECTS_MAX = 20_000
SPARED_MAX = 100


class ObjectAsked(Message):
    """An object that may be drawn, and officers who must not be sent to it."""

    uscc: Annotated[str, Field(min_length=1, max_length=64, description="Credit code.")]
    avoid: Annotated[tuple[Id, ...], Field(max_length=SPARED_MAX)] = ()


class DrawAsked(Message):
    """What a department means to draw from: the plan of `hub draw commit`, and the objects."""

    plan: DrawPlan
    objects: Annotated[tuple[ObjectAsked, ...], Field(min_length=1, max_length=OBJECTS_MAX)]


class RevealAsked(Message):
    """The value of the public source that the plan named; empty if it named none."""

    public_value: Text = ""


class StratumShown(Answer):
    """One class and layer: how many objects it has, and how many of them are drawn."""

    class_: Annotated[str, Field(alias="class")]
    layer: str
    objects: int
    take: int


class DrawShown(Answer):
    """What is drawn from. The seed is never in it: it is told once it is revealed."""

    draw_id: str
    dept: str
    dry_run: Annotated[bool, Field(description="Nothing was committed to.")] = False
    duplicate: Annotated[bool, Field(description="It was committed to before.")] = False
    frame_sha256: str
    objects: int
    take: int
    officers: int
    strata: list[StratumShown]
    excluded: Annotated[dict[str, int], Field(description="Objects left out, by why.")]
    committed: Annotated[
        DrawCommitted | None, Field(description="null: nothing was committed to.")
    ] = None


class OwnDraw(Answer):
    """A draw of yours as it stands."""

    committed: DrawCommitted
    published: Annotated[
        bool, Field(description="The commitment stands on the registry: it can be revealed.")
    ]
    revealed: Annotated[
        DrawRevealed | None, Field(description="null: nobody knows yet who is drawn.")
    ]
    frame: DrawFrame


class DrawMade(Answer):
    """A draw that was made and submitted."""

    duplicate: bool
    document: DrawDocument


class DrawVerdict(Answer):
    """Whether a draw that somebody shows is what its seed chooses, and what was committed to."""

    draw_id: str
    true: bool
    faults: list[str]


def shown(
    frame: DrawFrame,
    committed: DrawCommitted | None,
    *,
    dry_run: bool = False,
    duplicate: bool = False,
) -> DrawShown:
    """A frame in figures."""
    strata: list[dict[str, Any]] = [
        {"class": one.class_, "layer": one.layer, "objects": len(one.objects), "take": one.take}
        for one in frame.strata
    ]
    return DrawShown(
        draw_id=frame.draw_id,
        dept=frame.dept,
        dry_run=dry_run,
        duplicate=duplicate,
        frame_sha256=frame.digest(),
        objects=sum(one["objects"] for one in strata),
        take=sum(one["take"] for one in strata),
        officers=len(frame.officers),
        strata=[StratumShown.model_validate(one) for one in strata],
        excluded=dict(Counter(one.why for one in frame.excluded)),
        committed=committed,
    )
