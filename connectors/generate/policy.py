"""Which caps does the generated city have? Shapes that agencies elsewhere published.

They are chosen so that every way of counting is met: agency, each agency and group; class,
industry, item and object type; several years; joint visits in three ways; versions within a year;
minima, which never block.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from connectors.generate.city import City, item_code
from connectors.generate.words import INDUSTRIES, SYSTEMS

COAL = "06"
COAL_SCHEME = "INDUSTRY:06"
CREDIT_SCHEME = "CREDIT_EVALUATION"
DEFAULT_CAP = "GEN-DEFAULT"
CAP_DEFAULT = 2
CAP_DEFAULT_RELAXED = 3
CLASS_NEVER_VISITED = "A"
_COAL_CAPS = {"A": 2, "B": 4, "C": 6, "D": 4}
_OWN_EXEMPTIONS = ("COMPLAINT", "TRANSFER", "MEDIA", "RECTIFICATION_REVIEW", "URGENT")
_EXEMPT = (
    "COMPLAINT",
    "TRANSFER",
    "DATA_MONITORING",
    "ENTERPRISE_REQUEST",
    "OFFSITE_FINDING",
    "MEDIA",
    "RECTIFICATION_REVIEW",
    "LICENSING_VERIFY",
    "URGENT",
)
EXEMPT_TRIGGERS = frozenset(_EXEMPT)

Rule = dict[str, Any]


def policy_document(city: City, *, relaxed: bool = False) -> Rule:
    """Give the content of `policy.published`; `relaxed`: the one that follows in mid-year."""
    spec = city.spec
    rules = (
        _default_rules(relaxed=relaxed)
        + _class_rules()
        + _health_rules(city)
        + _joint_rules(city)
        + _versioned_rules(city)
        + _other_rules(city)
    )
    for rule in rules:
        rule.setdefault("version", 1)
        rule.setdefault("from", f"{spec.year}-01-01")
    return {
        "policy": {
            "version": f"{spec.year}-GEN-{'B' if relaxed else 'A'}",
            "repeat_from": 2,
            "same_item": True,
            "unreasonable_from": 6,
            "windows": [{"days": 1, "max": 1}, {"days": 7, "max": 2}, {"days": 30, "max": 3}],
            "exempt_triggers": list(_EXEMPT),
            "joint_member": "refuse",
            "urgent_approval_days": 5,
            "backfill_max_days": 10,
            "code_valid_days": 7,
        },
        "cap": rules,
    }


def _each(rule_id: str, source: str, **fields: Any) -> Rule:  # noqa: ANN401 - JSON of the policy file
    return {"id": rule_id, "source": source, "scope": {"kind": "EACH_AGENCY"}, **fields}


def _group(rule_id: str, source: str, members: list[str], **fields: Any) -> Rule:  # noqa: ANN401 - as above
    scope = {"kind": "GROUP", "id": rule_id, "members": members}
    return {"id": rule_id, "source": source, "scope": scope, **fields}


def _agency(rule_id: str, source: str, agency: str, **fields: Any) -> Rule:  # noqa: ANN401 - as above
    scope = {"kind": "AGENCY", "id": agency}
    return {"id": rule_id, "source": source, "scope": scope, **fields}


def _default_rules(*, relaxed: bool) -> list[Rule]:
    """At most two by each agency; coal has a table of its own and is left out."""
    industries = sorted({code[:2] for code, _ in INDUSTRIES} - {COAL})
    return [
        _each(
            DEFAULT_CAP,
            "shape: Xianning and Lianyuan, at most 2 by each subject",
            version=2 if relaxed else 1,
            match={"industry": industries},
            max=CAP_DEFAULT_RELAXED if relaxed else CAP_DEFAULT,
            not_counted_triggers=["SUPERIOR_SPECIAL"],
        )
    ]


def _class_rules() -> list[Rule]:
    coal = [
        _each(
            f"GEN-COAL-{grade}",
            "shape: Henan industry and information, coal mines A/B/C/D = 2/4/6/4",
            match={"industry": [COAL], "class": {"scheme": COAL_SCHEME, "in": [grade]}},
            max=most,
            not_counted_triggers=["SUPERIOR_SPECIAL"],
        )
        for grade, most in _COAL_CAPS.items()
    ]
    never = _each(
        "GEN-CLASS-A",
        "shape: Hengyang, class A never proactively",
        match={"class": {"scheme": CREDIT_SCHEME, "in": [CLASS_NEVER_VISITED]}},
        max=0,
        kinds=["DAILY"],
    )
    return [*coal, never]


def _health_rules(city: City) -> list[Rule]:
    """Two by each level, four by both together."""
    members = city.of_system("WJW")
    source = "shape: health, 2 by each level and 4 together"
    districts = [code for code in members if code != city.agency("WJW")] or members
    return [
        _agency("GEN-HEALTH-CITY", source, city.agency("WJW"), max=2),
        _group("GEN-HEALTH-DISTRICT", source, districts, max=2),
        _group("GEN-HEALTH-ALL", source, members, max=4),
    ]


def _joint_rules(city: City) -> list[Rule]:
    """Counters that two lines of business share; a joint visit counts once, or for its lead."""
    both = city.of_system("SCJ") + city.of_system("NYW")
    rescue = city.of_system("YJJ") + city.of_system("XFJ")
    return [
        _group(
            "GEN-JOINT-ONCE",
            "shape: Shenzhen, a joint visit is one record",
            both,
            max=3,
            joint="ONCE_PER_VISIT",
        ),
        _group("GEN-JOINT-LEAD", "invented: the lead's visit", rescue, max=3, joint="LEAD_ONLY"),
    ]


def _versioned_rules(city: City) -> list[Rule]:
    """One rule whose second version takes over in the middle of the window."""
    spec = city.spec
    change = spec.first_day + timedelta(days=max(1, spec.day_count // 2))
    members = city.of_system("JTW")
    last = date(spec.year, 12, 31)
    first_version = _group(
        "GEN-TRANSPORT",
        "invented: rules change in mid-year",
        members,
        max=3,
        to=str(change - timedelta(days=1)),
    )
    second_version = _group(
        "GEN-TRANSPORT",
        "invented: rules change in mid-year",
        members,
        version=2,
        max=2,
        to=str(max(last, change)),
        **{"from": str(change)},
    )
    return [first_version, second_version]


def _other_rules(city: City) -> list[Rule]:
    system_of = {code: number for number, (code, _) in enumerate(SYSTEMS)}
    once = [item_code(system_of["GXJ"], 1), item_code(system_of["SCJ"], 1)]
    return [
        _each(
            "GEN-ITEM-ONCE",
            "shape: Henan, most items once a year",
            match={"items": once},
            max=1,
        ),
        _each(
            "GEN-TRAINING-2Y",
            "invented: once in two years",
            match={"industry": ["83"]},
            max=1,
            years=2,
            kinds=["DAILY"],
        ),
        _each(
            "GEN-COOPERATIVE",
            "invented: farmers' cooperatives",
            match={"object_types": ["93"]},
            max=1,
            kinds=["DAILY"],
        ),
        _agency(
            "GEN-ENVIRONMENT",
            "shape: Ankang environment, at most 2 with its own exemptions",
            city.agency("STJ"),
            max=2,
            modes=["ONSITE", "OFFSITE"],
            exempt_triggers=list(_OWN_EXEMPTIONS),
        ),
        _each(
            "GEN-CATERING-MIN",
            "shape: Yixing, not fewer than once a year; Henan, once in three years",
            match={"industry": ["62"]},
            min=1,
            years=3,
        ),
    ]
