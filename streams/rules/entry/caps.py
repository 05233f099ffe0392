"""Which rules does a policy document hold, and which of them can concern a department?

A document is compiled once; what the fold looks up for each event is a set or a tuple made here.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schemas.calendar_file import CalendarTable, shipped_calendar
from schemas.enums import CapScope, JointCounting, JointMember, LateDraws, Trigger
from schemas.policy import Cap, PolicyDocument, PolicyNumbers
from schemas.special_words import SpecialTasks, SurveyFound
from streams.rules.letters import natures

_NO_LAST_DAY = 2**31
RATING_DAYS = 30
"""Days after a visit in which it may be rated, where the policy names none (art. 9)."""
DRAW_DAYS = 5
"""Working days of a quarter in which objects are drawn, where the policy names none (art. 2)."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One cap rule with a maximum, ready to be asked.

    Attributes:
        label: Name and version, as decisions quote them.
        max: The most visits that the counter may hold.
        first: First day, as an ordinal.
        last: Last day, as an ordinal.
        members: The departments that share the counter; None if each has its own.
        natures: The natures of tasks that the rule sees.
        items: The items it is about; empty for any.
        industry: Prefixes of the industries it is about; empty for any.
        scheme: The scheme whose classes it asks for; None for any class.
        classes: The classes it is about.
        object_types: The object types it is about; empty for any.
        is_about_all: No industry, class or object type is asked for.
        years: How many calendar years the counter takes in.
        joint: How a joint visit counts.
    """

    label: str
    max: int
    first: int
    last: int
    members: frozenset[str] | None
    natures: frozenset[str]
    items: frozenset[str]
    industry: tuple[str, ...]
    scheme: str | None
    classes: frozenset[str]
    object_types: frozenset[str]
    is_about_all: bool
    years: int
    joint: JointCounting


class CompiledPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A policy document, ready to be asked. Attributes as in `PolicyNumbers`, and these.

    Attributes:
        widest_days: Days of the widest of the windows; 0 without any.
        most_at_ease: So many visits in the widest window are not too many in any.
        joint_refuses: Whether a member of a joint task is refused, not just warned.
        draw_days: Working days at a quarter's beginning in which objects are drawn.
        takes_late_draws: Whether a draw after them is taken.
        refuses_by_special: Whether a task is refused whose special inspection does not allow it.
        competent: Prefixes of industries, and the line of business that is competent for them.
        initiators: Items of an entry of the list of joint inspections, and who initiates it.
        calendar: The operator's calendar.
        rules_of_dept: The rules that can concern a department that a rule names.
        rules_of_all: The rules that can concern any other.
    """

    version: str
    repeat_from: int
    same_item: bool
    unreasonable_from: int
    windows: tuple[tuple[int, int], ...]
    widest_days: int
    most_at_ease: int
    exempt_triggers: frozenset[Trigger]
    joint_refuses: bool
    urgent_approval_days: int
    backfill_max_days: int
    code_valid_days: int
    rating_days: int
    draw_days: int
    takes_late_draws: bool
    refuses_by_special: bool
    competent: tuple[tuple[tuple[str, ...], str], ...]
    initiators: tuple[tuple[frozenset[str], str], ...]
    calendar: CalendarTable
    rules_of_dept: Mapping[str, tuple[Rule, ...]]
    rules_of_all: tuple[Rule, ...]


def compile_policy(
    document: PolicyDocument, *, calendar: CalendarTable | None = None
) -> CompiledPolicy:
    """The document in the form in which the fold asks it. Rules without a maximum never block.

    Args:
        document: The policy in force.
        calendar: The operator's calendar; None for the one that lies beside the schemas.

    Source: art. 10, 15 (the yearly cap); the published tables, see schemas/data/policies.
    """
    numbers = document.policy
    for_all: list[Rule] = []
    by_dept: dict[str, list[Rule]] = {}
    for cap in document.cap:
        if cap.max is None:
            continue
        rule = _rule(cap, cap.max, numbers)
        if cap.scope.kind is CapScope.EACH_AGENCY:
            for_all.append(rule)
        for dept in _named_depts(cap):
            by_dept.setdefault(dept, []).append(rule)
    return CompiledPolicy(
        version=document.full_version,
        repeat_from=numbers.repeat_from,
        same_item=numbers.same_item,
        unreasonable_from=numbers.unreasonable_from,
        windows=tuple((window.days, window.max) for window in numbers.windows),
        widest_days=max((window.days for window in numbers.windows), default=0),
        most_at_ease=min((window.max for window in numbers.windows), default=0),
        exempt_triggers=frozenset(numbers.exempt_triggers),
        joint_refuses=numbers.joint_member is JointMember.REFUSE,
        urgent_approval_days=numbers.urgent_approval_days,
        backfill_max_days=numbers.backfill_max_days,
        code_valid_days=numbers.code_valid_days,
        rating_days=RATING_DAYS if numbers.rating_days is None else numbers.rating_days,
        draw_days=draw_days_of(numbers),
        takes_late_draws=numbers.late_draws is LateDraws.TAKE,
        refuses_by_special=numbers.special_tasks is SpecialTasks.REFUSE,
        competent=tuple((row.industry, row.system) for row in document.competent),
        initiators=tuple((frozenset(row.items), row.initiator) for row in document.joint_item),
        calendar=shipped_calendar() if calendar is None else calendar,
        rules_of_dept={dept: (*for_all, *rules) for dept, rules in by_dept.items()},
        rules_of_all=tuple(for_all),
    )


def draw_days_of(numbers: PolicyNumbers) -> int:
    """Working days at a quarter's beginning in which objects are drawn (art. 2)."""
    return DRAW_DAYS if numbers.draw_days is None else numbers.draw_days


def _named_depts(cap: Cap) -> tuple[str, ...]:
    """The departments that a scope names; none when it means each."""
    if cap.scope.kind is CapScope.GROUP:
        return tuple(dict.fromkeys(cap.scope.members))
    return (cap.scope.id,) if cap.scope.kind is CapScope.AGENCY and cap.scope.id else ()


def _rule(cap: Cap, maximum: int, numbers: PolicyNumbers) -> Rule:
    match = cap.match
    exempt = cap.exempt_triggers or numbers.exempt_triggers
    return Rule(
        label=cap.label,
        max=maximum,
        first=cap.from_.toordinal(),
        last=_NO_LAST_DAY if cap.to is None else cap.to.toordinal(),
        members=frozenset(cap.scope.members) if cap.scope.kind is CapScope.GROUP else None,
        natures=natures(
            cap.modes,
            cap.kinds,
            cap.not_counted_triggers,
            exempt,
            surveys=numbers.survey_found is not SurveyFound.SKIP,
        ),
        items=frozenset(match.items),
        industry=match.industry,
        scheme=None if match.class_ is None else match.class_.scheme,
        classes=frozenset(() if match.class_ is None else match.class_.in_),
        object_types=frozenset(match.object_types),
        is_about_all=not (match.industry or match.class_ or match.object_types),
        years=cap.years,
        joint=cap.joint,
    )
