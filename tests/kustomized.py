"""The manifests as `kubectl kustomize` renders them, so far as ours need it, without kubectl.

Resources are gathered, the patch of the roles is put over each of them (a strategic merge), labels
and images are filled in. tests/test_kubernetes.py compares this with what kubectl itself made of
the same files, which `make kubernetes` keeps in tests/data.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[1] / "deploy" / "kubernetes"
MADE = Path(__file__).parent / "data" / "kubernetes_pods.json"
"""What kubectl made, and the digest of the files that it made it of."""
_WITHOUT_PODS = {"strimzi", "monitoring"}
"""Folders that `make strimzi` and `make metrics` write: of topics, users and alerts."""
Doc = dict[str, Any]
_KEYS = {
    "containers": "name", "initContainers": "name", "volumes": "name", "env": "name",
    "volumeMounts": "mountPath", "ports": "containerPort",
}  # fmt: skip


def rendered(folder: Path) -> list[Doc]:
    """Everything below a folder's kustomization."""
    made = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    found: list[Doc] = []
    for name in made["resources"]:
        path = folder / name
        found += rendered(path) if path.is_dir() else yaml.safe_load_all(path.read_text())
    for patch in made.get("patches", ()):
        label, _, value = patch["target"]["labelSelector"].partition("=")
        over = yaml.safe_load((folder / patch["path"]).read_text())
        del over["apiVersion"], over["kind"], over["metadata"]
        for one in found:
            if one["metadata"].get("labels", {}).get(label) == value:
                one.update(_merged(one, over, ""))
    for labels in made.get("labels", ()):
        for one in found:
            _label(one, labels["pairs"])
    for image in made.get("images", ()):
        for one in found:
            _tag(one, image["name"], image["newTag"])
    return found


def _merged(base: Any, over: Any, field: str) -> Any:
    """A strategic merge: mappings and lists of named things are joined, all else is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        names = [*over, *(name for name in base if name not in over)]
        return {
            name: _merged(base[name], over[name], name)
            if name in base and name in over
            else over.get(name, base.get(name))
            for name in names
        }
    key = _KEYS.get(field)
    if key and isinstance(base, list) and isinstance(over, list):
        there = {one[key]: one for one in base}
        put = {one[key]: one for one in over}
        return [
            _merged(there[name], put[name], "") if name in there and name in put
            else put.get(name) or there[name]
            for name in [*put, *(name for name in there if name not in put)]
        ]  # fmt: skip
    return over


def _label(one: Doc, pairs: dict[str, str]) -> None:
    for place in (one, one.get("spec", {}).get("template")):
        if place is not None:
            metadata = place.setdefault("metadata", {})
            metadata["labels"] = metadata.get("labels", {}) | pairs


def _tag(one: Doc, image: str, tag: str) -> None:
    pod = one.get("spec", {}).get("template", {}).get("spec", {})
    for container in (*pod.get("containers", ()), *pod.get("initContainers", ())):
        if container["image"] == image:
            container["image"] = f"{image}:{tag}"


def pods(documents: Iterable[Doc]) -> dict[str, Any]:
    """The pod of each workload, without order and without the hash in the settings' name."""
    return {
        f"{one['kind']} {one['metadata']['name']}": _plain(one["spec"]["template"])
        for one in documents
        if one["kind"] in {"StatefulSet", "Deployment"}
    }


def digest(folder: Path) -> str:
    """Another one whenever one of the files that pods are made of is another."""
    whole = hashlib.sha256()
    found = [one for one in folder.rglob("*") if one.is_file()]
    for path in sorted(one for one in found if not _WITHOUT_PODS & set(one.parts)):
        whole.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def made_by(kubectl: str, folder: Path) -> dict[str, Any]:
    """The same as `pods`, of what kubectl makes."""
    made = subprocess.run(
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=True
    )
    return pods(yaml.safe_load_all(made.stdout))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(
            (_plain(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True)
        )
    return "hub-settings" if str(value).startswith("hub-settings-") else value


def main() -> int:
    """Keep what kubectl makes of the manifests; it must be 1.27 or newer."""
    kept = {"of": digest(FOLDER), "pods": made_by("kubectl", FOLDER)}
    MADE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
