"""In which environment does Quix Streams run? In one of its own, made the first time.

It pins versions of confluent-kafka and pydantic that are not the hub's. What it does not bring
itself (the hub's rules, for the fold that all contenders share) it finds in the hub's environment.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

VERSION = "3.28.1"


def quix_python(folder: Path, tell: Callable[[str], None]) -> str:
    """The interpreter that has Quix Streams."""
    home = folder / f"quix-{VERSION}"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        tell(f"Quix Streams {VERSION} is installed into an environment of its own …")
        venv.create(home, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, f"quixstreams=={VERSION}"], check=True)
        own = _site_packages(home)
        # After its own: what Quix Streams pins comes first.
        (own / "zz-hub.pth").write_text(sysconfig.get_path("purelib") + "\n")
        (home / "ready").touch()
    return str(python)


def _site_packages(home: Path) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return home / "lib" / version / "site-packages"
