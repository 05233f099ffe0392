"""Is this text a policy, and in what does it differ from another one?"""

from __future__ import annotations

from pathlib import Path

import pytest

import schemas.policy_file
from schemas.enums import CapScope, JointCounting, JointMember, Kind, Trigger
from schemas.policy_file import PolicyErrors, compare, read_policy

POLICIES = sorted((Path(schemas.policy_file.__file__).parent / "data" / "policies").glob("*.toml"))

# The file of design §3.7, field by field.
DESIGN = """
[policy]
version = "2026-03"
repeat_from = 2
same_item = true
unreasonable_from = 6
windows = [{days = 1, max = 1}, {days = 7, max = 2}, {days = 30, max = 3}]
exempt_triggers = ["COMPLAINT", "URGENT"]
joint_member = "refuse"
urgent_approval_days = 5
backfill_max_days = 10
code_valid_days = 7

[[cap]]
id = "TJ-WJ-2026-003"
version = 4
source = "…document and page…"
from = 2026-01-01
to = 2026-12-31
scope = {kind = "GROUP", id = "120000-WJ", members = ["WJW-120000", "WJW-120116"]}
match = {industry = ["51"], class = {scheme = "CREDIT_EVALUATION", in = ["A"]}, items = [], object_types = ["91", "92", "93"]}
max = 2
min = 1
years = 1
modes = ["ONSITE"]
kinds = ["DAILY", "SPECIAL", "CASE"]
not_counted_triggers = ["SUPERIOR_SPECIAL"]
joint = "ONCE_PER_VISIT"
exempt_triggers = []
"""  # noqa: E501 - a row of the design


def test_the_file_of_the_design_is_read_in_full() -> None:
    document = read_policy(DESIGN)

    (cap,) = document.cap
    assert document.full_version.startswith("2026-03+")
    assert document.policy.joint_member is JointMember.REFUSE
    assert document.policy.windows[1].max == 2
    assert (cap.label, cap.max, cap.min) == ("TJ-WJ-2026-003@4", 2, 1)
    assert cap.scope.kind is CapScope.GROUP
    assert cap.match.class_ is not None
    assert cap.match.class_.in_ == ("A",)
    assert cap.kinds == tuple(Kind)
    assert cap.not_counted_triggers == (Trigger.SUPERIOR_SPECIAL,)
    assert cap.joint is JointCounting.ONCE_PER_VISIT


WRONG = """
colour = "red"
[policy]
versio = "a"
repeat_from = "2"
same_item = 1
[[caps]]
id = "typing error in the name of the table"
[[cap]]
id = "A B"
version = 0
source = "x"
from = "2026-13-01"
to = 2026-01-01T00:00:00
scope = {kind = "AGENY"}
max = -1
exempt_triggers = ["COMPLAINT", "FOO"]
[[cap]]
id = "B"
version = 1
source = "x"
from = 2026-01-01
scope = {kind = "GROUP"}
"""


def test_all_errors_are_told_with_path_what_was_found_and_what_is_expected() -> None:
    with pytest.raises(PolicyErrors) as caught:
        read_policy(WRONG)

    lines = caught.value.lines
    starts = [line.split(", expected")[0] for line in lines]
    assert starts == [
        "caps: found a table or field of this name",
        "colour: found a table or field of this name",
        "policy.version: found nothing",
        'policy.repeat_from: found "2"',
        "policy.same_item: found 1",
        'policy.versio: found "a"',
        'cap[1].id: found "A B"',
        "cap[1].version: found 0",
        'cap[1].from: found "2026-13-01"',
        'cap[1].to: found "2026-01-01T00:00:00"',
        'cap[1].scope.kind: found "AGENY"',
        "cap[1].max: found -1",
        'cap[1].exempt_triggers[2]: found "FOO"',
        'cap[2].scope: found {"kind": "GROUP"}',
    ]
    assert all(", expected" in line for line in lines)
    assert "'AGENCY', 'EACH_AGENCY' or 'GROUP'" in lines[10]
    assert str(caught.value).startswith("policy file:\n  caps: ")


SEES_NOTHING = "found none, expected at least one: this rule sees no inspection"
DOUBTS = [
    (
        "to = 2025-12-31\nmax = 1",
        "to: found 2025-12-31, expected a day not before from, which is 2026-01-01",
    ),
    ("", "found neither max nor min, expected one of them: this rule says nothing"),
    ("max = 1\nmin = 2", "min: found 2, expected at most max, which is 1"),
    ("max = 1\nmodes = []", f"modes: {SEES_NOTHING}"),
    ("max = 1\nkinds = []", f"kinds: {SEES_NOTHING}"),
]


@pytest.mark.parametrize(("fields", "doubt"), DOUBTS)
def test_what_is_valid_and_yet_cannot_be_meant_is_told(fields: str, doubt: str) -> None:
    text = f"""
[policy]
version = "a"
[[cap]]
id = "R"
version = 1
source = "x"
from = 2026-01-01
scope = {{kind = "EACH_AGENCY"}}
{fields}
"""

    with pytest.raises(PolicyErrors) as caught:
        read_policy(text)

    (line,) = caught.value.lines
    assert line.endswith(doubt)
    assert line.startswith("cap[1] (R@1)")


def test_two_rules_of_one_name_and_version_are_refused() -> None:
    (line,) = _errors(DESIGN + DESIGN[DESIGN.index("[[cap]]") :])

    assert line == (
        "cap[2] (line 30): found id@version 'TJ-WJ-2026-003@4' once more, expected each once: "
        "it stands in cap[1] (line 14)"
    )


def test_what_is_not_toml_is_told_with_its_place() -> None:
    (line,) = _errors("[policy\n")

    assert line.startswith("not TOML: ")
    assert "line 1" in line


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_numbers_that_are_none_are_refused(value: str) -> None:
    assert _errors(DESIGN.replace("repeat_from = 2", f"repeat_from = {value}"))


def test_a_time_of_day_is_no_day() -> None:
    assert _errors(DESIGN.replace("from = 2026-01-01", "from = 07:32:00"))[0].startswith(
        'cap[1].from: found "07:32:00"'
    )


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_policy_that_is_shipped_can_be_read_and_names_its_sources(path: Path) -> None:
    document = read_policy(path.read_text(encoding="utf-8"))

    assert document.policy.version == path.stem
    assert all(len(cap.source) > 20 for cap in document.cap)


def test_there_are_policies_to_be_read() -> None:
    assert {path.stem for path in POLICIES} >= {
        "ankang-environment-2025", "default-2026", "health-two-levels", "henan-industry-2025",
        "hengyang-2025", "yixing-agriculture-2025",
    }  # fmt: skip


def test_a_comparison_names_every_value_that_changes() -> None:
    old = read_policy(DESIGN)
    new = read_policy(
        DESIGN.replace("repeat_from = 2", "repeat_from = 3")
        .replace("max = 2\n", "max = 1\n")
        .replace("to = 2026-12-31\n", "")
        .replace("items = []", 'items = ["x"]')
    )

    assert [str(change) for change in compare(old, new)] == [
        "~ policy.repeat_from: 2 -> 3",
        '~ cap TJ-WJ-2026-003@4.to: "2026-12-31" -> null',
        '~ cap TJ-WJ-2026-003@4.match.items: [] -> ["x"]',
        "~ cap TJ-WJ-2026-003@4.max: 2 -> 1",
    ]


def test_a_comparison_shows_rules_that_come_and_go() -> None:
    old = read_policy(DESIGN)
    new = read_policy(DESIGN.replace("version = 4", "version = 5"))

    changes = [str(change) for change in compare(old, new)]

    assert "- cap TJ-WJ-2026-003@4.max: 2" in changes
    assert "+ cap TJ-WJ-2026-003@5.max: 2" in changes
    assert {change[0] for change in changes} == {"-", "+"}


def test_equal_policies_do_not_differ() -> None:
    assert compare(read_policy(DESIGN), read_policy(DESIGN + "\n# a comment\n")) == ()


def _errors(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyErrors) as caught:
        read_policy(text)
    return caught.value.lines


SCHEME = """
[[scheme]]
id = "GENERAL_RISK"
source = "a document"
class = [{class = "A", percent = 0, times = 0}, {class = "D", percent = 35, times = 2, years = 1}]
"""


def test_what_classes_suggest_for_draws_is_policy_data() -> None:
    document = read_policy(DESIGN + SCHEME)

    (scheme,) = document.scheme
    assert {name: one.percent for name, one in scheme.shares.items()} == {"A": 0, "D": 35}
    assert scheme.shares["D"].times == 2


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        ("percent = 35", "percent = 135", "scheme[1].class[2].percent"),
        ('class = "D"', 'class = "A"', "scheme[1].class[2] (line 31): found class 'A' once more"),
        ("percent = 35", "per_cent = 35", "scheme[1].class[2].per_cent"),
        ('source = "a document"', "", "scheme[1].source"),
    ],
)
def test_a_scheme_with_a_slip_is_named(was: str, is_: str, said: str) -> None:
    with pytest.raises(PolicyErrors) as errors:
        read_policy(DESIGN + SCHEME.replace(was, is_))

    assert said in str(errors.value)


def test_changed_ratios_are_told() -> None:
    old = read_policy(DESIGN + SCHEME)
    new = read_policy(DESIGN + SCHEME.replace("percent = 35", "percent = 50"))

    assert [str(one) for one in compare(old, new)] == [
        "~ scheme GENERAL_RISK.class D.percent: 35 -> 50"
    ]
