"""Kubernetes would take every manifest: its own schemas say so, in which no field is unknown."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import kustomized
import pytest

from connectors.strimzi_file import FOLDER

OLDEST, NEWEST = "1.30", "1.37"
"""Of Kubernetes: what is in use longest, and what is newest as this is written."""
OTHERS = {"kafka.strimzi.io", "monitoring.coreos.com"}
"""Whose resources have no schema there; tests/test_strimzi.py looks at the first."""


def manifests() -> list[dict[str, Any]]:
    made = [*kustomized.rendered(FOLDER), *kustomized.rendered(FOLDER / "monitoring")]
    return [one for one in made if one["apiVersion"].partition("/")[0] not in OTHERS]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize(
    "manifest", manifests(), ids=lambda one: f"{one['kind']} {one['metadata']['name']}"
)
def test_a_manifest_holds_against_its_schema(manifest, version):
    assert kubernetes_validate.validate(manifest, version, strict=True) == version


def test_all_kinds_of_workloads_are_looked_at():
    kinds = {one["kind"] for one in manifests()}

    assert kinds >= {"StatefulSet", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service"}


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", ("spec", "template", "spec", "containers", 0, "livenessProb"), {}),
        ("Deployment", ("spec", "replicas"), "two"),
        ("StatefulSet", ("spec", "template", "spec", "securityContext", "runAsUser"), "hub"),
        ("NetworkPolicy", ("spec", "podSelectors"), {}),
        ("PodDisruptionBudget", ("spec", "maxUnavailible"), 1),
    ],
)
def test_a_planted_mistake_is_seen(kind, path, value):
    found = next(one for one in manifests() if one["kind"] == kind)
    at: Any = found
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(found, NEWEST, strict=True)
