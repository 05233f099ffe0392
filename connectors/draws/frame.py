"""From whom is drawn? Objects, officers and ratios put together, or everything against it.

Pure: whoever asks has gathered what the registries and the view say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from schemas.draw import DrawFrame, eligible
from schemas.draw_frame import (
    Candidate,
    Drawable,
    DrawPlan,
    DrawSources,
    DrawSubject,
    Layer,
    strata_of,
)
from schemas.enums import CertificateStatus, SubjectStatus
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.policy import ClassShare, PolicyDocument
from schemas.registry import RegistryOfficer

_CODES = (CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT)
_DIVISION = 2
"""Industries are layered by the first two digits of GB/T 4754."""
_FOUND_MAX = 40

Wanted = dict[str, tuple[str, ...]]
"""Credit codes of the objects, with the officers whom each must be spared."""


class NotDrawnError(ValueError):
    """Nothing can be drawn from this: all that stands against it."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def want(wanted: Wanted, text: str, spared: Iterable[str], where: str) -> str | None:
    """Put one object of a list into `wanted`; what is wrong with it, else None."""
    reading, found = read_credit_code(text), f"{where}: {text[:_FOUND_MAX]!a}"
    if reading.outcome not in _CODES:
        return f"{found} is no credit code: {reading.problem}"
    if reading.code in wanted:
        return f"{found} stands there twice"
    wanted[reading.code] = tuple(sorted({one.strip() for one in spared} - {""}))
    return None


def frame_of(
    plan: DrawPlan,
    wanted: Mapping[str, tuple[str, ...]],
    known: DrawSources,
    drawable: Callable[[str], Drawable],
    sent: Mapping[str, tuple[str, ...]],
    on: date,
) -> DrawFrame:
    """What is drawn from.

    Args:
        plan: What the department means to draw.
        wanted: Objects, with the officers whom each must be spared.
        known: What the registries say of them, of officers, and the policy in force.
        drawable: What the view says of an object.
        sent: Whom the department's last draw sent to each object.
        on: The day.

    Raises:
        NotDrawnError: with everything that stands against it.

    Source: art. 3 (ratio by class), 5 (双随机), 14 (certificates).
    """
    faults = [f"{uscc} is not in the object list" for uscc in wanted if uscc not in known.subjects]
    if faults or not wanted:
        raise NotDrawnError(faults or ["no object"])
    shares = _shares(plan, known.policy)
    officers = _officers(known.officers, plan.dept, on, last_day(plan.quarter))
    made = _candidates(plan, known.subjects, drawable, shares)
    try:
        strata, excluded = strata_of(made, {name: one.percent for name, one in shares.items()})
    except ValueError as cause:
        where = "the plan's [percent]" if plan.percent else f"scheme {plan.scheme} of the policy"
        raise NotDrawnError([f"{cause} in {where}"]) from cause
    avoid = {
        uscc: tuple(sorted({*wanted[uscc], *sent.get(uscc, ())} & set(officers)))
        for uscc in sorted(wanted)
    }
    policy = known.policy
    frame = DrawFrame(
        draw_id=plan.draw_id, dept=plan.dept, quarter=plan.quarter, plan_code=plan.plan_code,
        items=plan.items, scheme=plan.scheme, officers_each=plan.officers_each,
        policy_version=policy.full_version if policy else "",
        strata=strata, officers=officers, excluded=excluded, public_source=plan.public_source,
        avoid={uscc: names for uscc, names in avoid.items() if names}, special_id=plan.special_id,
    )  # fmt: skip
    short = list(_short_of_officers(frame))
    if short:
        raise NotDrawnError(short)
    return frame


def last_day(quarter: str) -> date:
    """The last day of a quarter such as 2026Q2."""
    year, number = int(quarter[:4]), int(quarter[-1])
    following = date(year + number // 4, number % 4 * 3 + 1, 1)
    return following - timedelta(days=1)


def _short_of_officers(frame: DrawFrame) -> Iterable[str]:
    for one in frame.strata:
        for uscc in one.objects if one.take else ():
            able = len(eligible(frame, uscc))
            if able < frame.officers_each:
                yield f"{uscc}: {able} officers may go, {frame.officers_each} must"


def _shares(plan: DrawPlan, policy: PolicyDocument | None) -> Mapping[str, ClassShare]:
    """The ratio and frequency of each class: the plan's ratios, else as the policy suggests."""
    schemes = policy.scheme if policy else ()
    suggested = next((one.shares for one in schemes if one.id == plan.scheme), {})
    if plan.percent is None:
        if not suggested:
            raise NotDrawnError([
                f"the policy in force suggests no ratios for scheme {plan.scheme}: give [percent] "
                "in the plan, or publish a policy with that [[scheme]]"
            ])  # fmt: skip
        return suggested
    return {
        name: suggested[name].model_copy(update={"percent": percent})
        if name in suggested
        else ClassShare.model_validate({"class": name, "percent": percent})
        for name, percent in plan.percent.items()
    }


def _officers(
    officers: Iterable[RegistryOfficer], dept: str, first: date, last: date
) -> tuple[str, ...]:
    """Certificates of a department that are valid from the one day to the other (art. 14)."""
    return tuple(
        sorted(
            one.cert_no
            for one in officers
            if one.dept == dept
            and one.status is CertificateStatus.VALID
            and one.valid_from <= first
            and (one.valid_to is None or one.valid_to >= last)
        )
    )


def _candidates(
    plan: DrawPlan,
    subjects: Mapping[str, DrawSubject],
    drawable: Callable[[str], Drawable],
    shares: Mapping[str, ClassShare],
) -> list[Candidate]:
    """Each object with its class and layer, and why it is not drawn from, if it is not."""
    made = []
    for uscc, subject in sorted(subjects.items()):
        known = drawable(uscc)
        why = _why_not(uscc, subject, known, shares.get(known.class_), int(plan.quarter[:4]))
        made.append(Candidate(uscc, known.class_, _layer(plan.layer, subject), why))
    return made


def _why_not(
    uscc: str, subject: DrawSubject, known: Drawable, share: ClassShare | None, year: int
) -> str | None:
    """Why an object is not drawn from (art. 3, 7); None: it is."""
    if subject.status is not SubjectStatus.ACTIVE:
        return f"SUBJECT_{subject.status}"
    if not read_credit_code(uscc).in_scope:
        return "OBJECT_TYPE"
    if known.whitelisted:
        return "WHITELISTED"
    if share is not None and share.times is not None:
        counted = [day for day in known.visits if year - share.years < day.year <= year]
        if len(counted) >= share.times:
            return "OFTEN_ENOUGH"
    return None


def _layer(layer: Layer, subject: DrawSubject) -> str:
    if layer is Layer.REGION:
        return subject.region
    return subject.industry[:_DIVISION] if layer is Layer.INDUSTRY else ""
