"""Helpers of this folder can be imported; Prometheus' own tool is found."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def promtool() -> str:
    """Prometheus' tool for rules; Debian has it in the package `prometheus`."""
    found = shutil.which("promtool")
    if found is None and os.environ.get("CI"):
        pytest.fail("in CI rules and panels must be judged: promtool is missing")
    if found is None:
        pytest.skip("promtool is missing (Debian: apt-get install prometheus)")
    return found
