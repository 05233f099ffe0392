"""Each part finds what it needs, whether docker-compose or Kubernetes runs it, and no more."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import kustomized
import pytest
import yaml
from needs import (
    CREDENTIALS,
    DRAWS,
    IN_COMPOSE,
    IN_KUBERNETES,
    KEYS,
    PUBLIC_KEYS,
    SITE_KEYS,
    STATISTICS,
    UPLOADS,
    Folder,
    Needs,
)

import hub
from connectors.metrics.files import ROOT
from connectors.strimzi_file import FOLDER, told
from schemas.settings import Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
SITE_SETTINGS = {
    f"HUB_{name.upper()}"
    for name in ("site_national_database", "site_national_page", "site_credit_url",
                 "site_credit_page", "site_subjects_page")
}  # fmt: skip
OF_COMPOSE = {
    "${KEYS_FOLDER:-./keys}": KEYS,
    "${PUBLIC_KEYS_FOLDER:-./public-keys}": PUBLIC_KEYS,
    "${SITE_KEYS_FOLDER:-./site-keys}": SITE_KEYS,
    "${GATEWAY_FOLDER:-./gateway}": CREDENTIALS,
    "${UPLOADS_FOLDER:-./uploads}": UPLOADS,
    "${DRAWS_FOLDER:-./draws}": DRAWS,
    "statistics": STATISTICS,
}
OF_KUBERNETES = {
    "hub-keys": KEYS, "hub-public-keys": PUBLIC_KEYS, "hub-site-keys": SITE_KEYS,
    "gateway-credentials": CREDENTIALS, "uploads": UPLOADS, "draws": DRAWS,
    "statistics": STATISTICS,
}  # fmt: skip
GIVEN, OWN = PurePosixPath("/run/hub/given"), PurePosixPath("/run/hub/own")
"""A Secret is copied from the one to the other, by whoever starts first in the pod."""


_DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


def settings_of(variables: dict[str, str]) -> Settings:
    """As a service is told if nobody sets anything."""
    ours = {name: one for name, one in variables.items() if name.startswith("HUB_")}
    plain = {name: _DEFAULT.sub(r"\1", str(one)) for name, one in ours.items()}
    return Settings(**{name.removeprefix("HUB_").lower(): one for name, one in plain.items()})


@pytest.fixture(scope="module")
def pods() -> dict[str, dict[str, Any]]:
    """What runs a role on Kubernetes."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in kustomized.rendered(FOLDER)
        if one["kind"] in {"StatefulSet", "Deployment"}
        and one["metadata"]["name"] not in {"redis", "operator"}
    }


def test_both_ways_run_every_role_and_nothing_else(pods):
    workers = {name for name, one in COMPOSE.items() if one.get("command", [])[1:2] == ["worker"]}

    assert workers == IN_COMPOSE.keys()
    assert pods.keys() == IN_KUBERNETES.keys()
    for table in (IN_COMPOSE, IN_KUBERNETES):
        assert {needs.command[0] for needs in table.values()} == set(hub.ROLES)


@pytest.mark.parametrize(("name", "needs"), IN_COMPOSE.items(), ids=IN_COMPOSE)
def test_a_service_of_compose_finds_what_it_needs(name: str, needs: Needs):
    service = COMPOSE[name]
    settings = settings_of(service["environment"])
    found: dict[Folder, str] = {}
    for volume in service.get("volumes", ()):
        there, _, inside = volume.rpartition(":/")
        if there in OF_COMPOSE:
            path, _, mode = f"/{inside}".partition(":")
            found[OF_COMPOSE[there]] = path
            assert not (OF_COMPOSE[there].written and mode == "ro"), volume

    assert service["command"] == ["inspection-hub", "worker", *needs.command]
    assert found == {one: str(getattr(settings, one.setting)) for one in needs.folders}
    assert not needs.sites or service["environment"].keys() >= SITE_SETTINGS
    asked = service["healthcheck"]["test"][-1]
    port = settings.gateway_port if needs.http else settings.metrics_port
    assert re.search(rf"\b{port}\b", asked), asked
    assert f"/{'readyz' if needs.http else 'healthz'}'" in asked


@pytest.mark.parametrize(("name", "needs"), IN_KUBERNETES.items(), ids=IN_KUBERNETES)
def test_a_pod_finds_what_it_needs(pods, name: str, needs: Needs):
    pod = pods[name]
    (role,), (own,) = pod["containers"], pod["initContainers"]
    settings = Settings(**told(), kafka_user="anybody")
    # A Secret is mounted where it is copied from, all else where it is used.
    mounted = {one["name"]: PurePosixPath(one["mountPath"]) for one in own["volumeMounts"]}
    mounted |= {one["name"]: PurePosixPath(one["mountPath"]) for one in role["volumeMounts"]}
    read_only = {one["name"] for one in role["volumeMounts"] if one.get("readOnly")}
    found: dict[Folder, str] = {}
    for volume in pod["volumes"]:
        source = _source(volume)
        if source in OF_KUBERNETES:
            at = mounted[volume["name"]]
            copied = at.is_relative_to(GIVEN)
            found[OF_KUBERNETES[source]] = str(OWN / at.relative_to(GIVEN) if copied else at)
            assert not (OF_KUBERNETES[source].written and volume["name"] in read_only), volume

    assert role["args"] == ["inspection-hub", "worker", *needs.command]
    assert found == {one: str(getattr(settings, one.setting)) for one in needs.folders}
    secrets = {one["secretRef"]["name"] for one in role["envFrom"] if "secretRef" in one}
    assert secrets == ({"hub-sites"} if needs.sites else set())
    ports = {one["name"]: one["containerPort"] for one in role["ports"]}
    wanted = {"figures": settings.metrics_port} | (
        {"http": settings.gateway_port} if needs.http else {}
    )
    assert ports == wanted
    assert role["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "figures"}
    ready = {"path": "/readyz", "port": "http"} if needs.http else None
    assert role.get("readinessProbe", {}).get("httpGet") == ready


def test_who_shares_the_statistics_runs_on_their_host(pods):
    shared = {
        name
        for name, pod in pods.items()
        if any(_source(one) == "statistics" for one in pod["volumes"])
    }
    needs_host = pods["operations"]["affinity"]["podAffinity"]
    (term,) = needs_host["requiredDuringSchedulingIgnoredDuringExecution"]

    assert shared == {"statistics", "operations"}
    assert term["topologyKey"] == "kubernetes.io/hostname"
    assert term["labelSelector"] == {"matchLabels": {"app.kubernetes.io/name": "statistics"}}


def _source(volume: dict[str, Any]) -> str:
    """Which Secret or claim a volume is."""
    claim: str = volume.get("persistentVolumeClaim", {}).get("claimName", "")
    return claim or str(volume.get("secret", {}).get("secretName", ""))
