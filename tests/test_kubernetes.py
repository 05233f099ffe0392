"""The manifests fit the settings, the topics, the permissions and each other."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import kustomized
import pytest
import yaml

import hub
from connectors.metrics.files import ROOT
from connectors.strimzi_file import FOLDER, SETTINGS, told
from schemas.settings import Settings
from schemas.sites import SITES

UNPRIVILEGED = {
    "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}  # fmt: skip
COMMAND = "inspection-hub"


@pytest.fixture(scope="module")
def rendered() -> list[dict[str, Any]]:
    """All resources, as `kubectl apply -k` would send them."""
    return kustomized.rendered(FOLDER)


def workloads(rendered: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in rendered:
        if one["kind"] in {"StatefulSet", "Deployment"}:
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def roles(rendered: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: pod for name, pod in workloads(rendered) if name not in {"redis", "operator"}}


def container(pod: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod["containers"]
    return dict(found)


def test_kubectl_makes_the_same_of_them(rendered):
    # Debian's kubectl is too old to know `labels`, so what a newer one made of these very files is
    # kept: nothing of this needs one at hand.
    kept = json.loads(kustomized.MADE.read_text(encoding="utf-8"))

    assert kept["of"] == kustomized.digest(FOLDER), "the manifests changed: make kubernetes"
    assert kept["pods"] == kustomized.pods(rendered)
    if (kubectl := shutil.which("kubectl")) is not None:
        assert kept["pods"] == kustomized.made_by(kubectl, FOLDER), "make kubernetes"


def test_the_settings_are_settings():
    names = told()
    settings = Settings(**names, kafka_user="hub-decide")

    assert settings.sizing().replication_factor == 3
    assert settings.sizing().min_insync_replicas == 2
    assert set(settings.site_codes) == set(SITES)
    assert settings.session_timeout_s > 3 * settings.heartbeat_s
    assert SETTINGS.read_text().count("\n") == len(names)


def test_each_role_runs_and_no_pod_can_do_more_than_it_needs(rendered):
    commands = {name: container(pod)["args"] for name, pod in roles(rendered).items()}
    delivered = {args[-1] for args in commands.values() if "deliver" in args}

    assert {args[2] for args in commands.values()} >= {
        "intake", "decide", "schedule", "deliver", "gateway",
    }  # fmt: skip
    assert delivered == set(SITES)
    for name, pod in workloads(rendered):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for one in (*pod["containers"], *pod.get("initContainers", ())):
            assert one["securityContext"] == UNPRIVILEGED, f"{name}: {one['name']}"
            assert re.search(r":v?\d+\.\d+\.\d+(-[a-z]+)?$", one["image"]), one["image"]
        assert "limits" in container(pod)["resources"], name


def test_each_role_is_probed_and_keeps_its_partitions_over_a_restart(rendered):
    port = int(told()["metrics_port"])
    for name, pod in roles(rendered).items():
        role = container(pod)
        named = {one["name"]: one["containerPort"] for one in role["ports"]}
        assert named["figures"] == port
        assert role["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "figures"}, name
        assert role["livenessProbe"]["timeoutSeconds"] >= 5, "a batch may hold the interpreter"
    named = {
        name: one["valueFrom"]["fieldRef"]["fieldPath"]
        for name, pod in roles(rendered).items()
        for one in container(pod)["env"]
        if one["name"] == "HUB_INSTANCE_ID"
    }
    kept = {one["metadata"]["name"] for one in rendered if one["kind"] == "StatefulSet"} - {"redis"}
    assert set(named) == kept == {"intake", "decide"}, "their pods must bear the same names again"
    assert set(named.values()) == {"metadata.name"}


def test_a_role_that_is_alone_is_begun_elsewhere_when_its_host_is_lost(rendered):
    alone = {
        one["metadata"]["name"]: one["kind"]
        for one in rendered
        if one["kind"] in {"StatefulSet", "Deployment"} and one["spec"]["replicas"] == 1
    }

    assert {name for name, kind in alone.items() if kind == "StatefulSet"} == {"redis"}
    services = {one["metadata"]["name"] for one in rendered if one["kind"] == "Service"}
    for one in rendered:
        assert one["kind"] != "StatefulSet" or one["spec"]["serviceName"] in services


def test_a_form_full_of_documents_finds_room(rendered):
    pod = roles(rendered)["gateway"]
    (name,) = [one["name"] for one in container(pod)["volumeMounts"] if one["mountPath"] == "/tmp"]  # noqa: S108
    (room,) = [one["emptyDir"] for one in pod["volumes"] if one["name"] == name]

    assert room == {"sizeLimit": "1Gi"}, "on the disk: memory is what requests are held in"


def test_redis_refuses_before_it_is_killed_and_is_not_well_while_it_does(rendered):
    pod = dict(workloads(rendered))["redis"]
    redis = container(pod)
    (most,) = [after for one, after in itertools.pairwise(redis["args"]) if one == "--maxmemory"]
    limit = redis["resources"]["limits"]["memory"]

    assert int(most.removesuffix("gb")) < int(limit.removesuffix("Gi"))
    assert redis["readinessProbe"]["exec"]["command"] == ["redis-cli", "-e", "ping"]


def test_only_who_needs_a_secret_sees_it(rendered):
    seen: dict[str, set[str]] = {}
    for name, pod in workloads(rendered):
        for volume in pod.get("volumes", ()):
            if "secret" in volume:
                seen.setdefault(volume["secret"]["secretName"], set()).add(name)

    assert seen["hub-keys"] == {"decide"}
    assert seen["hub-public-keys"] == seen["gateway-credentials"] == {"gateway", "operations"}
    assert seen["hub-site-keys"] == {"deliver-credit"}
    assert seen["hub-operator"] == {"operator"}


def test_each_role_logs_in_as_itself(rendered):
    for name, pod in roles(rendered).items():
        users = {one["name"]: one.get("value") for one in container(pod)["env"]}
        role = container(pod)["args"][2]
        (password,) = [v["secret"] for v in pod["volumes"] if v["name"] == "kafka"]
        assert users["HUB_KAFKA_USER"] == password["secretName"] == f"hub-{role}", name
    made = {one["metadata"]["name"] for one in rendered if one["kind"] == "KafkaUser"}
    assert {f"hub-{container(pod)['args'][2]}" for pod in roles(rendered).values()} <= made


def test_every_role_that_there_is_runs_here_and_in_compose(rendered):
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    in_compose = {
        one["command"][2] for one in compose.values() if one.get("command", [])[1:2] == ["worker"]
    }

    assert {container(pod)["args"][2] for pod in roles(rendered).values()} == set(hub.ROLES)
    assert in_compose == set(hub.ROLES)


def test_what_a_role_is_told_is_a_setting(rendered):
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    for _, pod in workloads(rendered):
        for one in pod["containers"]:
            assert {entry["name"] for entry in one.get("env", ())} <= known


def test_only_deliver_and_the_gateway_go_outside(rendered):
    outside = {
        one["metadata"]["name"]
        for one in rendered
        if one["kind"] in {"StatefulSet", "Deployment"}
        and one["spec"]["template"]["metadata"]["labels"].get("hub/outside") == "yes"
    }

    assert outside == {
        "deliver-gsxt", "deliver-credit", "deliver-subjects", "gateway", "operations",
    }  # fmt: skip


def test_the_image_of_all_is_the_projects(rendered):
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version is not None

    assert kustomization["images"] == [{"name": COMMAND, "newTag": version[1]}]
    for pod in roles(rendered).values():
        assert container(pod)["image"] == f"{COMMAND}:{version[1]}"
