"""Prometheus and Grafana look where the roles are; three brokers are set up as one cluster."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import yaml
from test_compose import COMPOSE, OURS, ROLES, ROOT, SERVICES, settings_of

from connectors.metrics.grafana import DATASOURCE
from schemas.topics import BROKER_BYTES_MAX

GRAFANA_SECRET = "/run/secrets/grafana-password"  # noqa: S105 - a path


def test_each_role_is_asked_for_its_figures_where_it_gives_them():
    prometheus = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    (job,) = prometheus["scrape_configs"]
    (found,) = job["dns_sd_configs"]

    assert job["job_name"] == "hub"
    assert set(found["names"]) == ROLES
    for role in ROLES:
        told = settings_of(role)
        assert (told.metrics_host, told.metrics_port) == ("0.0.0.0", found["port"])  # noqa: S104
    assert (ROOT / "deploy" / "prometheus" / prometheus["rule_files"][0]).is_file()


def test_grafana_shows_the_dashboards_from_prometheus():
    folder = ROOT / "deploy" / "grafana"
    (source,) = yaml.safe_load(
        (folder / "provisioning" / "datasources" / "prometheus.yml").read_text()
    )["datasources"]
    (provider,) = yaml.safe_load(
        (folder / "provisioning" / "dashboards" / "files.yml").read_text()
    )["providers"]
    mounts = dict(one.removesuffix(":ro").split(":") for one in SERVICES["grafana"]["volumes"])

    assert source["uid"] == DATASOURCE["uid"]
    assert urlsplit(source["url"]).netloc == "prometheus:9090"
    assert mounts["./deploy/grafana/dashboards"] == provider["options"]["path"]
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    assert GRAFANA_SECRET in SERVICES["grafana"]["environment"].values(), "no password in the file"


def merged(base: Any, over: Any) -> Any:
    """As docker-compose puts an override over a file: mappings are joined, all else replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {
            name: merged(base.get(name), over.get(name, base.get(name))) for name in {*base, *over}
        }
    return over


def three_brokers() -> tuple[dict[str, Any], dict[str, Any]]:
    """All services with three brokers, and the brokers among them."""
    over = yaml.safe_load((ROOT / "deploy" / "three-brokers.yml").read_text())
    services = merged(COMPOSE, over)["services"]
    return services, {name: services[name] for name in ("kafka", "kafka-2", "kafka-3")}


def test_three_brokers_are_set_as_the_cluster_on_kubernetes_is():
    path = ROOT / "deploy" / "kubernetes" / "strimzi" / "kafka.yaml"
    (kafka,) = [one for one in yaml.safe_load_all(path.read_text()) if one["kind"] == "Kafka"]
    there = {name: str(value) for name, value in kafka["spec"]["kafka"]["config"].items()}

    for node in three_brokers()[1].values():
        names = {name: f"KAFKA_{name.upper().replace('.', '_')}" for name in there}
        assert {name: node["environment"].get(names[name]) for name in there} == there


def test_three_brokers_have_three_copies_of_everything():
    services, nodes = three_brokers()
    voters = {f"{n['environment']['KAFKA_NODE_ID']}@{name}:9093" for name, n in nodes.items()}
    addresses = {f"{name}:19092" for name in nodes}

    assert len({node["image"] for node in nodes.values()}) == 1
    for name, node in nodes.items():
        environment = node["environment"]
        assert set(environment["KAFKA_CONTROLLER_QUORUM_VOTERS"].split(",")) == voters
        assert f"INTERNAL://{name}:19092" in environment["KAFKA_ADVERTISED_LISTENERS"].split(",")
        assert int(environment["KAFKA_MESSAGE_MAX_BYTES"]) == BROKER_BYTES_MAX
        assert environment["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] == "3"
        assert environment["KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE"] == "false"
    assert len({tuple(node["volumes"]) for node in nodes.values()}) == 3, "each has its own disk"
    for service in OURS:
        told = services[service]["environment"]
        assert set(told["HUB_BROKER"].split(",")) == addresses, service
        assert (told["HUB_REPLICATION_FACTOR"], told["HUB_MIN_INSYNC_REPLICAS"]) == ("3", "2")
        assert service == "operator" or set(services[service]["depends_on"]) >= set(nodes)
