"""The manifests fit the settings, the topics, the permissions and each other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import kustomized
import pytest
import yaml

import hub
from connectors.metrics.files import ROOT
from connectors.strimzi import API, CLUSTER, NAME, OPERATOR_USER, not_resources, topic_resources
from connectors.strimzi_file import FILE, FOLDER, SETTINGS, render, told
from schemas.access import grants
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import BROKER_BYTES_MAX, Sizing, plan

UNPRIVILEGED = {
    "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}  # fmt: skip
COMMAND = "inspection-hub"


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))


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
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        # Debian's is too old to know `labels`; what is tested is then what we make of the files.
        return
    made = subprocess.run(
        [kubectl, "kustomize", str(FOLDER)], capture_output=True, text=True, check=True
    )
    theirs = {
        (one["kind"], one["metadata"]["name"]): one["spec"]["template"]["spec"]
        for one in yaml.safe_load_all(made.stdout)
        if one["kind"] in {"StatefulSet", "Deployment"}
    }
    ours = {
        (one["kind"], one["metadata"]["name"]): one["spec"]["template"]["spec"]
        for one in rendered
        if one["kind"] in {"StatefulSet", "Deployment"}
    }

    assert theirs.keys() == ours.keys()
    for name, pod in theirs.items():
        assert _plain(pod) == _plain(ours[name]), name


def _plain(value: Any) -> Any:
    """Without the order of named things, and without the hash in the settings' name."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(
            (_plain(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True)
        )
    return "hub-settings" if str(value).startswith("hub-settings-") else value


def test_the_settings_are_settings():
    names = told()
    settings = Settings(**names, kafka_user="hub-decide")

    assert settings.sizing().replication_factor == 3
    assert settings.sizing().min_insync_replicas == 2
    assert set(settings.site_codes) == set(SITES)
    assert settings.session_timeout_s > 3 * settings.heartbeat_s
    assert SETTINGS.read_text().count("\n") == len(names)


def test_topics_and_users_are_as_the_tables_say():
    assert FILE.read_text(encoding="utf-8") == render(), "run: make strimzi"


def test_every_planned_topic_is_a_resource_and_set_as_planned():
    settings = Settings(**told(), kafka_user="hub-decide")
    planned = {one.name: one for one in plan([], SITES, settings.sizing())}
    made = {
        one["spec"]["topicName"]: one
        for one in documents("strimzi/resources.yaml")
        if one["kind"] == "KafkaTopic"
    }

    assert made.keys() == planned.keys()
    for name, one in made.items():
        assert one["apiVersion"] == API
        assert one["metadata"]["labels"] == {"strimzi.io/cluster": CLUSTER}
        assert NAME.fullmatch(one["metadata"]["name"])
        spec, topic = one["spec"], planned[name]
        assert (spec["partitions"], spec["replicas"]) == (
            topic.partitions,
            topic.replication_factor,
        )
        assert spec["config"] == dict(topic.configs)


def test_every_permission_is_a_resources_or_left_to_topics_apply():
    granted = grants(["REGISTRY"], SITES)
    users = {
        one["metadata"]["name"]: one
        for one in documents("strimzi/resources.yaml")
        if one["kind"] == "KafkaUser"
    }
    left = set(not_resources(granted))
    (kafka,) = [one for one in documents("strimzi/kafka.yaml") if one["kind"] == "Kafka"]
    operator = kafka["spec"]["entityOperator"]["template"]["userOperatorContainer"]
    (ignored,) = [one["value"] for one in operator["env"]]

    assert users.keys() | left == {one.user for one in granted} | {OPERATOR_USER}
    assert all(re.fullmatch(ignored, user) for user in left), "the User Operator would delete them"
    assert not any(re.fullmatch(ignored, user) for user in users)
    for name, one in users.items():
        rights = {
            (acl["resource"]["type"].upper(), acl["resource"]["name"], operation.upper())
            for acl in one["spec"].get("authorization", {}).get("acls", ())
            for operation in acl["operations"]
            if operation != "Describe" or acl["operations"] == ["Describe"]
        }
        assert rights == {
            (grant.kind.value, grant.name, grant.operation.value.replace("_", ""))
            for grant in granted
            if grant.user == name
        }
    assert kafka["spec"]["kafka"]["authorization"]["superUsers"] == [OPERATOR_USER]


def test_two_topics_with_one_name_in_kubernetes_are_refused():
    sizing = Sizing(legal_retention_days=3650)

    with pytest.raises(ValueError, match="one name in Kubernetes"):
        list(topic_resources(plan(["AB-1", "ab-1"], [], sizing)))


def test_the_cluster_loses_nothing():
    (kafka,) = [one for one in documents("strimzi/kafka.yaml") if one["kind"] == "Kafka"]
    (pool,) = [one for one in documents("strimzi/kafka.yaml") if one["kind"] == "KafkaNodePool"]
    config = kafka["spec"]["kafka"]["config"]

    assert kafka["metadata"]["name"] == CLUSTER == pool["metadata"]["labels"]["strimzi.io/cluster"]
    assert pool["spec"]["replicas"] == config["offsets.topic.replication.factor"] == 3
    assert all(volume["deleteClaim"] is False for volume in pool["spec"]["storage"]["volumes"])
    assert config["min.insync.replicas"] == 2
    assert config["message.max.bytes"] == BROKER_BYTES_MAX
    assert config["unclean.leader.election.enable"] == "false"
    assert config["auto.create.topics.enable"] == "false"
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert listener["tls"] is True
    assert listener["authentication"] == {"type": "scram-sha-512"}
    assert told()["broker"] == f"{CLUSTER}-kafka-bootstrap:{listener['port']}"


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
        told_by = {one["name"]: one for one in role["env"]}
        assert told_by["HUB_INSTANCE_ID"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    kept = {one["metadata"]["name"] for one in rendered if one["kind"] == "StatefulSet"}
    assert {"intake", "decide"} <= kept, "their pods must bear the same names again"


def test_only_who_needs_a_secret_sees_it(rendered):
    seen: dict[str, set[str]] = {}
    for name, pod in workloads(rendered):
        for volume in pod.get("volumes", ()):
            if "secret" in volume:
                seen.setdefault(volume["secret"]["secretName"], set()).add(name)

    assert seen["hub-keys"] == {"decide"}
    assert seen["hub-public-keys"] == seen["gateway-credentials"] == {"gateway"}
    assert seen["hub-site-keys"] == {"deliver-credit"}
    assert seen["hub-operator"] == {"operator"}
    with_sites = {
        name
        for name, pod in roles(rendered).items()
        if any("secretRef" in one for one in container(pod)["envFrom"])
    }
    assert with_sites == {f"deliver-{short}" for short in ("gsxt", "credit", "subjects")}


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

    assert outside == {"deliver-gsxt", "deliver-credit", "deliver-subjects", "gateway"}


def test_the_image_of_all_is_the_projects(rendered):
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version is not None

    assert kustomization["images"] == [{"name": COMMAND, "newTag": version[1]}]
    for pod in roles(rendered).values():
        assert container(pod)["image"] == f"{COMMAND}:{version[1]}"
