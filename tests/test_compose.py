"""docker-compose.yml and the Dockerfile fit the settings, the topics and each other.

No container engine may be at hand, so they are read, not run.
"""

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from connectors.departments.gateway.people.handed_in import FILES_MAX
from connectors.kafka_jars import kafka_version
from connectors.redis_server import judge_settings
from schemas.settings import Settings
from schemas.sites import CREDIT_TIANJIN, NATIONAL, SITES, TIANJIN_SUBJECTS
from schemas.topics import BROKER_BYTES_MAX, plan

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
DELIVERS = {
    "deliver-gsxt": NATIONAL,
    "deliver-credit": CREDIT_TIANJIN,
    "deliver-subjects": TIANJIN_SUBJECTS,
}
ROLES = {"intake", "decide", "schedule", "gateway", "watch", "statistics", *DELIVERS}
STAND_INS = {name.replace("deliver", "stand-in"): site for name, site in DELIVERS.items()}
ONCE = {"topics", "operator"}
"""They run once, or when somebody types: there is nothing to probe."""
OURS = ROLES | ONCE | set(STAND_INS)
SEEN = {"prometheus", "grafana"}
_DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


def variables(service: str) -> dict[str, str]:
    """What a service is told if nobody sets anything."""
    names: dict[str, str] = SERVICES[service]["environment"]
    return {name: told(value) for name, value in names.items() if name.startswith("HUB_")}


def told(text: str) -> str:
    """What stands there if nobody sets anything."""
    return _DEFAULT.sub(r"\1", text)


def settings_of(service: str) -> Settings:
    prefix = len("HUB_")
    return Settings(**{name[prefix:].lower(): value for name, value in variables(service).items()})


def test_the_services_are_the_brokers_and_the_roles():
    assert set(SERVICES) == OURS | SEEN | {"kafka", "redis"}


@pytest.mark.parametrize("service", sorted(OURS))
def test_every_variable_is_a_setting_and_valid(service):
    fields = {f"HUB_{name.upper()}" for name in Settings.model_fields}

    assert set(variables(service)) <= fields
    assert {"HUB_BROKER", "HUB_REDIS_URL", "HUB_KEYS_DIR", "HUB_JOURNAL_PARTITIONS"} <= set(
        variables(service)
    )
    assert settings_of(service).journal_partitions >= 1


@pytest.mark.parametrize("service", sorted(OURS))
def test_the_roles_find_kafka_and_redis_where_they_are(service):
    settings, kafka = settings_of(service), SERVICES["kafka"]["environment"]

    assert f"INTERNAL://{settings.broker}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert settings.broker.split(":")[0] in SERVICES
    assert re.fullmatch(r"redis://(\w+):6379/0", settings.redis_url)[1] in SERVICES


def test_all_roles_are_set_up_alike():
    assert len({tuple(sorted(variables(service).items())) for service in OURS}) == 1


@pytest.mark.parametrize("service", sorted(set(SERVICES) - ONCE))
def test_what_runs_on_is_probed(service):
    probe = SERVICES[service]["healthcheck"]

    assert probe["test"][0] == "CMD"
    assert len(probe["test"]) > 1
    assert {"interval", "timeout", "retries"} <= set(probe)


def test_the_topics_are_applied_once_before_any_role_starts():
    assert SERVICES["topics"]["command"] == ["inspection-hub", "topics", "apply"]
    assert SERVICES["topics"]["healthcheck"] == {"disable": True}
    assert SERVICES["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    for role in ROLES:
        site = ["--site", DELIVERS[role].code] if role in DELIVERS else []
        worker = role.partition("-")[0] if site else role
        assert SERVICES[role]["command"] == ["inspection-hub", "worker", worker, *site]
        conditions = {on: how["condition"] for on, how in SERVICES[role]["depends_on"].items()}
        assert conditions == {
            "kafka": "service_healthy",
            "redis": "service_healthy",
            "topics": "service_completed_successfully",
        }


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_that_ends_itself_is_started_again(role):
    assert SERVICES[role]["restart"] == "always"


def test_the_kafka_node_accepts_the_planned_topics():
    kafka = SERVICES["kafka"]["environment"]
    sizing = settings_of("topics").sizing()
    topics = plan(["A"], ["B"], sizing)

    assert int(kafka["KAFKA_MESSAGE_MAX_BYTES"]) == BROKER_BYTES_MAX
    assert {topic.replication_factor for topic in topics} == {1}, "there is one node"
    assert sizing.min_insync_replicas == 1
    assert kafka["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert kafka["KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE"] == "false"


def test_redis_is_set_so_that_it_forgets_nothing():
    flags = SERVICES["redis"]["command"][1:]
    pairs = zip(flags[::2], flags[1::2], strict=True)
    settings = {name.removeprefix("--"): value for name, value in pairs}
    default = {"no-appendfsync-on-rewrite": "no"}

    assert judge_settings({**default, **settings}, {"role": "master"}) == ()


def test_what_must_last_lies_on_a_volume():
    assert SERVICES["kafka"]["volumes"] == [
        f"kafka-data:{SERVICES['kafka']['environment']['KAFKA_LOG_DIRS']}"
    ]
    assert SERVICES["redis"]["volumes"] == ["redis-data:/data"]
    assert set(COMPOSE["volumes"]) == {
        "kafka-data", "redis-data", "stand-ins", "statistics", "prometheus-data", "grafana-data",
    }  # fmt: skip


def test_only_the_role_that_makes_codes_sees_the_keys():
    told = settings_of("decide")

    assert SERVICES["decide"]["volumes"] == [f"${{KEYS_FOLDER:-./keys}}:{told.keys}:ro"]
    for service in OURS - {"decide", "gateway", "operator"}:
        assert not any(f":{told.keys}" in one for one in SERVICES[service].get("volumes", []))


def test_only_who_signs_or_checks_pushed_bodies_sees_the_sites_keys():
    inside = f":{settings_of('deliver-credit').site_keys}:ro"
    seen = {
        name
        for name in OURS
        if any(one.endswith(inside) for one in SERVICES[name].get("volumes", []))
    }

    assert seen == {"deliver-credit", *STAND_INS}
    assert SERVICES["operator"]["profiles"] == ["operator"], "it sees all keys: never by itself"


def test_there_is_a_deliver_role_and_a_stand_in_for_each_system():
    settings = settings_of("deliver-gsxt")

    assert set(settings.site_codes) == set(SITES) == {site.code for site in DELIVERS.values()}
    for name, site in STAND_INS.items():
        service = SERVICES[name]
        assert service["command"][:3] == ["inspection-hub", "sandbox", site.code]
        assert service["profiles"] == ["stand-ins"], "a real installation has none"
    for page in (
        settings.site_national_page,
        settings.site_credit_url,
        settings.site_subjects_page,
    ):
        host, _, port = urlsplit(page).netloc.partition(":")
        assert SERVICES[host]["command"][-1] == port
    front = settings.site_national_database.removeprefix("sqlite:///")
    (folder,) = [one.partition(":")[2] for one in SERVICES["deliver-gsxt"]["volumes"]]
    assert front.startswith(folder)
    assert front.startswith(SERVICES["stand-in-gsxt"]["command"][4])


def test_the_gateway_sees_public_halves_of_keys_and_its_own_credentials():
    settings = settings_of("gateway")
    figures = f"statistics:{settings.statistics}"
    own = [volume for volume in SERVICES["gateway"]["volumes"] if volume != figures]
    found = [volume.replace("}:", "}|").split("|") for volume in own]

    assert {there: name for name, there in found} == {
        f"{settings.keys}:ro": "${PUBLIC_KEYS_FOLDER:-./public-keys}",
        str(settings.gateway): "${GATEWAY_FOLDER:-./gateway}",
        str(settings.uploads): "${UPLOADS_FOLDER:-./uploads}",
        str(settings.draws): "${DRAWS_FOLDER:-./draws}",
    }
    assert SERVICES["gateway"]["ports"] == [f"127.0.0.1:8080:{settings.gateway_port}"]


def test_the_figures_are_shown_from_where_they_are_counted():
    settings = settings_of("statistics")
    figures = f"statistics:{settings.statistics}"

    assert SERVICES["statistics"]["volumes"] == [figures]
    assert figures in SERVICES["gateway"]["volumes"]


def test_nothing_grows_without_end():
    for name, service in SERVICES.items():
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
    for name in OURS:
        assert SERVICES[name]["mem_limit"], name
        assert all("size=" in one for one in SERVICES[name]["tmpfs"]), name
    assert "--maxmemory" in SERVICES["redis"]["command"]


def test_a_form_full_of_documents_finds_room():
    of = settings_of("gateway")
    (room,) = [one for one in SERVICES["gateway"]["tmpfs"] if one.startswith("/tmp:")]  # noqa: S108
    found = re.search(r"size=(\d+)m$", room)

    assert found is not None
    assert int(found[1]) << 20 > 2 * FILES_MAX * of.upload_bytes_max


def test_codes_open_the_gateway():
    assert settings_of("decide").base_url == f"http://{SERVICES['gateway']['ports'][0][:14]}"


def test_nothing_is_open_to_the_network():
    for name, service in SERVICES.items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


@pytest.mark.parametrize("service", sorted(OURS | SEEN))
def test_our_containers_can_do_no_more_than_they_need(service):
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["read_only"] is True
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]


def test_every_image_is_pinned_to_a_version():
    images = {told(service["image"]) for service in SERVICES.values()}
    images |= set(re.findall(r"^ARG \w+_IMAGE=(\S+)", DOCKERFILE, re.M))

    assert len(images) == 7
    for image in images:
        assert re.search(r":v?\d+\.\d+\.\d+(-[a-z-]+)?$", image), image


def test_the_container_and_the_local_node_run_the_same_kafka():
    assert told(SERVICES["kafka"]["image"]) == f"apache/kafka:{kafka_version()}"


def test_the_image_is_the_version_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    for service in OURS:
        assert SERVICES[service]["image"] == f"{project['name']}:{project['version']}"
        assert (ROOT / SERVICES[service]["build"]["dockerfile"]).is_file()
    started = {SERVICES[one].get("entrypoint", SERVICES[one]["command"])[0] for one in OURS}
    assert set(project["scripts"]) >= started


def test_the_image_installs_only_what_has_a_hash_and_runs_without_rights():
    joined = DOCKERFILE.replace("\\\n", " ")
    installs = re.findall(r"pip install ([^&\n]*)", joined)

    assert len(installs) == 3
    *from_lock, ourselves = installs
    assert all("--require-hashes" in line for line in from_lock)
    assert ourselves.split() == ["--no-deps", "--no-build-isolation", "."]
    user = re.findall(r"^USER (\S+)", DOCKERFILE, re.M)[-1]
    assert user not in {"root", "0"}
    assert DOCKERFILE.rindex("USER") > DOCKERFILE.rindex("FROM")


def test_what_the_image_copies_reaches_the_builder():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M)
    names = {name for line in copied for name in line.split()}
    passed = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()

    assert names == {line[1:] for line in passed if line.startswith("!")}
