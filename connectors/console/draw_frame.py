"""From whom is drawn? Objects, officers and ratios put together, or everything against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from connectors.console.context import CommandError, Context
from connectors.console.draw_files import read_objects
from connectors.console.draw_gather import (
    candidates,
    officers_of,
    policy_in_force,
    registered,
    states_of,
)
from connectors.console.rules_port import ConsoleRules
from connectors.kafka_admin import KafkaAdmin
from schemas.draw import DrawFrame, eligible
from schemas.draw_frame import DrawPlan, strata_of
from schemas.policy import ClassShare, PolicyDocument

_FAULTS_SHOWN_MAX = 20


def frame_of(
    hub: Context,
    admin: KafkaAdmin,
    rules: ConsoleRules,
    plan: DrawPlan,
    objects: Path,
    sent: Mapping[str, tuple[str, ...]],
    on: date,
) -> DrawFrame:
    """What is drawn from.

    Raises:
        CommandError: with everything that stands against it.
    """
    wanted, faults = read_objects(objects)
    found = registered(hub, admin, tuple(wanted))
    faults += [f"{uscc} is not in the object list" for uscc in wanted if uscc not in found.subjects]
    policy = policy_in_force(hub, admin)
    shares = _shares(plan, policy)
    officers = officers_of(found, plan.dept, on, last_day(plan.quarter))
    if faults or not wanted:
        raise _not_drawn(objects, faults or ["no object"])
    made = candidates(plan, found, states_of(hub, tuple(wanted)), shares, rules, on)
    try:
        strata, excluded = strata_of(made, {name: one.percent for name, one in shares.items()})
    except ValueError as cause:
        where = "the plan's [percent]" if plan.percent else f"scheme {plan.scheme} of the policy"
        raise CommandError(f"{cause} in {where}") from cause
    avoid = {
        uscc: tuple(sorted({*wanted[uscc], *sent.get(uscc, ())} & set(officers)))
        for uscc in sorted(wanted)
    }
    frame = DrawFrame(
        draw_id=plan.draw_id, dept=plan.dept, quarter=plan.quarter, plan_code=plan.plan_code,
        items=plan.items, scheme=plan.scheme, officers_each=plan.officers_each,
        policy_version=policy.full_version if policy else "",
        strata=strata, officers=officers, excluded=excluded, public_source=plan.public_source,
        avoid={uscc: names for uscc, names in avoid.items() if names},
    )  # fmt: skip
    short = [
        f"{uscc}: {len(able)} officers may go, {frame.officers_each} must"
        for one in strata if one.take
        for uscc in one.objects
        if len(able := eligible(frame, uscc)) < frame.officers_each
    ]  # fmt: skip
    if short:
        raise _not_drawn(objects, short)
    return frame


def last_day(quarter: str) -> date:
    """The last day of a quarter such as 2026Q2."""
    year, number = int(quarter[:4]), int(quarter[-1])
    following = date(year + number // 4, number % 4 * 3 + 1, 1)
    return following - timedelta(days=1)


def _shares(plan: DrawPlan, policy: PolicyDocument | None) -> Mapping[str, ClassShare]:
    """The ratio and frequency of each class: the plan's ratios, else as the policy suggests."""
    schemes = policy.scheme if policy else ()
    suggested = next((one.shares for one in schemes if one.id == plan.scheme), {})
    if plan.percent is None:
        if not suggested:
            raise CommandError(
                f"the policy in force suggests no ratios for scheme {plan.scheme}: give [percent] "
                "in the plan, or publish a policy with that [[scheme]]"
            )
        return suggested
    return {
        name: suggested[name].model_copy(update={"percent": percent})
        if name in suggested
        else ClassShare.model_validate({"class": name, "percent": percent})
        for name, percent in plan.percent.items()
    }


def _not_drawn(path: Path, faults: list[str]) -> CommandError:
    shown = [f"  {fault}" for fault in faults[:_FAULTS_SHOWN_MAX]]
    left = len(faults) - len(shown)
    more = [f"  … and {left:,} more"] if left else []
    return CommandError("\n".join([f"{path}: nothing was committed to:", *shown, *more]))
