"""Which topics and users does Kubernetes begin with? `make strimzi` writes them.

As large as deploy/kubernetes/roles/settings.env says; departments come later, by `hub topics`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from connectors.console.installation.topics import as_strimzi
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import plan

FOLDER = Path(__file__).parents[1] / "deploy" / "kubernetes"
FILE = FOLDER / "strimzi" / "resources.yaml"
SETTINGS = FOLDER / "roles" / "settings.env"
_HEAD = "# Made of schemas/topics.py and schemas/access.py by `make strimzi`; do not edit.\n"


def told(path: Path = SETTINGS) -> dict[str, str]:
    """Settings of a file of `HUB_NAME=value` lines, as keywords of `Settings`."""
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name.removeprefix("HUB_").lower(): value for name, _, value in pairs}


def render() -> str:
    """The file."""
    # Each role's own user is named beside it; here any will do.
    settings = Settings.model_validate({**told(), "kafka_user": "hub-operator"})
    return _HEAD + as_strimzi(plan([], SITES, settings.sizing()))


def main() -> int:
    """Write it if it differs."""
    text = render()
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        FILE.write_text(text, encoding="utf-8")
        sys.stdout.write(f"wrote {FILE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
