"""Has every reason that the specification names a row in a table of tests?"""

import re
from pathlib import Path

import pytest

from schemas.explain import explained

ROOT = Path(__file__).parents[2]
JOINTS = ("rules/test_draws.py", "rules/test_joint_*.py")
SPECIALS = ("rules/test_special*.py", "rules/test_surveys.py", "streams/test_*special*.py")


def section(number: int) -> str:
    """The text of one section of docs/semantics.md."""
    text = (ROOT / "docs/semantics.md").read_text(encoding="utf-8")
    return text.partition(f"\n## {number}.")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("number", "files", "at_least"), [(13, JOINTS, 20), (14, SPECIALS, 20), (15, SPECIALS, 5)]
)
def test_every_reason_of_a_section_is_in_a_test(
    number: int, files: tuple[str, ...], at_least: int
) -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]{2,})`", section(number))) & explained("reason")
    tables = "".join(
        path.read_text(encoding="utf-8") for one in files for path in (ROOT / "tests").glob(one)
    )

    assert len(named) >= at_least
    assert {one for one in named if not re.search(rf"\b{one}\b", tables)} == set()
