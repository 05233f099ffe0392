"""From whom is drawn, and how many? The frame of a draw, by class and layer (art. 3).

The ratio of a class says how many of its objects are drawn, rounded up; layers share that number in
proportion to their size, by largest remainder. So no layer goes short because it is small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from schemas.base import DeptCode, Id, Message, Quarter, Text
from schemas.draw import OFFICERS_EACH, Excluded, Stratum
from schemas.enums import SubjectStatus
from schemas.policy import PolicyDocument
from schemas.registry import RegistryOfficer


class Layer(StrEnum):
    """By what the objects of a class are layered, so that no part of a city is passed over."""

    REGION = "REGION"
    INDUSTRY = "INDUSTRY"
    NONE = "NONE"


class DrawPlan(Message):
    """What a department means to draw: the file of `hub draw commit`.

    Attributes:
        scheme: by whose classes the ratios go.
        layer: by what the objects of a class are layered.
        percent: the ratio of each class; None: as the policy in force suggests.
        public_source: a public value of a later moment that goes into the draw, in words.
        special_id: the special inspection that it is for, which the department plans or claimed.
    """

    draw_id: Id
    dept: DeptCode
    quarter: Quarter
    plan_code: Id
    items: Annotated[tuple[Id, ...], Field(min_length=1, max_length=200)]
    scheme: Id = "CREDIT_EVALUATION"
    layer: Layer = Layer.REGION
    officers_each: Annotated[int, Field(ge=1, le=10)] = OFFICERS_EACH
    percent: Mapping[str, Annotated[int, Field(ge=0, le=100)]] | None = None
    public_source: Annotated[Text, Field(min_length=1)] | None = None
    special_id: Annotated[Id | None, Field(exclude_if=lambda name: name is None)] = None


class Drawable(NamedTuple):
    """What the hub knows of an object that bears on whether it may be drawn (art. 3).

    Attributes:
        class_: its class in the scheme asked for; UNRATED if it has none.
        class_as_of: the day of that class.
        whitelisted: on the whitelist on the day asked for.
        visits: days of this department's on-site visits, made or reserved.
    """

    class_: str
    class_as_of: date | None = None
    whitelisted: bool = False
    visits: tuple[date, ...] = ()


class DrawSubject(NamedTuple):
    """What the object list says of an enterprise that bears on a draw."""

    status: SubjectStatus
    region: str
    industry: str


class DrawSources(NamedTuple):
    """What the registries say that bears on a draw.

    Attributes:
        subjects: of the objects asked for those that are on the list, by credit code.
        officers: of the department, or of all.
        policy: the one in force; None while there is none.
    """

    subjects: Mapping[str, DrawSubject]
    officers: Iterable[RegistryOfficer]
    policy: PolicyDocument | None


class Candidate(NamedTuple):
    """An object of a draw.

    Attributes:
        layer: what it is layered by: its region, its industry, or nothing.
        why_not: why it is not drawn from; None: it is.
    """

    uscc: str
    class_: str
    layer: str
    why_not: str | None = None


def strata_of(
    candidates: Iterable[Candidate], percent: Mapping[str, int]
) -> tuple[tuple[Stratum, ...], tuple[Excluded, ...]]:
    """Classes and layers with the number to be drawn, and the objects left out.

    Args:
        candidates: Objects, each once.
        percent: Ratio of each class, 0 to 100; 0: none is drawn.

    Raises:
        ValueError: A class has no ratio; all such classes are named.

    Source: art. 3 (better class, lower ratio; worse class, higher ratio).
    """
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    excluded = []
    for one in candidates:
        if one.why_not is None:
            groups[one.class_][one.layer].append(one.uscc)
        else:
            excluded.append(Excluded(uscc=one.uscc, why=one.why_not))
    missing = sorted(groups.keys() - percent.keys())
    if missing:
        raise ValueError(f"no ratio for class {', '.join(missing)}")
    strata = [
        Stratum.model_validate(
            {"class": class_, "layer": layer, "take": take, "objects": tuple(sorted(layers[layer]))}
        )
        for class_, layers in sorted(groups.items())
        for layer, take in shared_out(
            {name: len(objects) for name, objects in layers.items()}, percent[class_]
        )
    ]
    return tuple(strata), tuple(sorted(excluded, key=lambda one: one.uscc))


def shared_out(sizes: Mapping[str, int], percent: int) -> Sequence[tuple[str, int]]:
    """How many each layer gives, by name: together `percent` of all, rounded up.

    Each gives its share cut to a whole number; what is left goes to the largest remainders, of
    equal ones to the first by name.
    """
    whole = {name: divmod(size * percent, 100) for name, size in sizes.items()}
    left = -(-sum(sizes.values()) * percent // 100) - sum(take for take, _ in whole.values())
    by_rest = sorted(whole, key=lambda name: (-whole[name][1], name))
    extra = set(by_rest[:left])
    return [(name, whole[name][0] + (name in extra)) for name in sorted(whole)]
