"""Every reason that the specification gives for results and repairs is a row of some table."""

import re
from pathlib import Path

from schemas.explain import explained

ROOT = Path(__file__).parents[2]
TABLES = (
    *("test_disclosure.py", "test_repair.py", "test_held.py", "test_outward_public.py"),
    *(
        "test_bounds.py",
        "test_specials.py",
        "test_special_filing.py",
        "test_surveys.py",
        "test_special_tasks.py",
    ),
)


def reasons_of_the_specification() -> set[str]:
    """Reason codes that §9 to §11 name."""
    text = (ROOT / "docs/semantics.md").read_text(encoding="utf-8")
    sections = text.partition("\n## 9.")[2].partition("\n## 12.")[0]
    return set(re.findall(r"`([A-Z][A-Z_]{2,})`", sections)) & explained("reason")


def test_every_reason_has_a_row():
    tables = "".join((ROOT / "tests/rules" / name).read_text(encoding="utf-8") for name in TABLES)
    reasons = reasons_of_the_specification()

    assert len(reasons) >= 20
    assert {one for one in reasons if not re.search(rf"\b{one}\b", tables)} == set()
