"""The image: what is copied into it is enough, it writes nothing, and no tool lies in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from connectors.sbom import packages_of

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK, IMAGE_LOCK = ROOT / "requirements.lock", ROOT / "deploy" / "image.lock"
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
FOLDERS = ("schemas", "streams", "connectors")

# All is read in, without what the image has not; an answer is given that needs the data files.
# Whoever writes is refused.
RUN = """
import os, pkgutil, sys
from importlib import import_module

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
MAKES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}

def refuse(event, about):
    if event in MAKES or (event == "open" and about[2] & WRITES and about[0] != os.devnull):
        raise PermissionError(30, f"the image is read-only: {event}", str(about[0]))

sys.dont_write_bytecode = True
sys.modules.update(dict.fromkeys(sys.argv[2:]))
sys.addaudithook(refuse)
sys.path.insert(0, sys.argv[1])
for folder in ("schemas", "streams", "connectors"):
    for module in pkgutil.walk_packages([f"{sys.argv[1]}/{folder}"], f"{folder}."):
        import_module(module.name)
import hub
assert hub.__file__.startswith(sys.argv[1]), hub.__file__
sys.argv[1:] = ["asyncapi"]
hub.main()
"""


def locked(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = packages_of(path.read_text(encoding="utf-8"))
    return {canonicalize_name(one.name): (one.version, tuple(one.hashes)) for one in found}


def needed(lines: list[str], extras: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Packages and extras that lines of requirements ask for here."""
    for line in lines:
        one = Requirement(line)
        marker = one.marker
        if marker and not any(marker.evaluate({"extra": name}) for name in extras or {""}):
            continue
        for extra in {"", *one.extras}:
            yield canonicalize_name(one.name), extra


def test_the_image_is_made_of_what_the_hub_needs_and_of_nothing_else():
    own = [
        *PROJECT["project"]["dependencies"],
        *(line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra),
    ]
    waiting, reached = set(needed(own)), set()
    while waiting:
        name, extra = waiting.pop()
        reached.add((name, extra))
        asked = requires(name) or []
        waiting |= set(needed(asked, frozenset({extra}))) - reached
    build = Requirement(*PROJECT["build-system"]["requires"]).name

    assert set(locked(IMAGE_LOCK)) == {name for name, _ in reached} | {build}, "run: make lock"


def test_the_image_runs_on_what_was_tested():
    tested = locked(LOCK)

    assert {name: tested.get(name) for name in locked(IMAGE_LOCK)} == locked(IMAGE_LOCK)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hub as it is installed into the image, from the files that are copied for that."""
    source, out = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("wheel")
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M):
        for name in line.split():
            there = source / Path(name).name
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, there, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, there)
    made = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", made, str(out)], cwd=source, check=True, capture_output=True
    )
    (found,) = out.glob("*.whl")
    return found


def test_every_file_of_the_hub_is_installed(wheel: Path):
    listed = subprocess.run(
        ["git", "ls-files", *FOLDERS, "hub.py"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert set(listed.stdout.splitlines()) <= set(zipfile.ZipFile(wheel).namelist())


def test_the_hub_runs_from_what_is_installed_and_writes_nothing(wheel: Path, tmp_path: Path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    there = {*locked(IMAGE_LOCK), canonicalize_name(PROJECT["project"]["name"])}
    absent = [
        module
        for module, owners in packages_distributions().items()
        if not there & {canonicalize_name(one) for one in owners}
    ]
    assert {"pytest", "mypy", "yaml"} <= set(absent)

    ran = subprocess.run(
        [sys.executable, "-I", "-c", RUN, str(tmp_path), *absent],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("asyncapi:")
