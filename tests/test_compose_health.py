"""The probes of docker-compose.yml, run as they stand: a sick role fails them, a proxy does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_compose import DOCKERFILE, ROLES, SERVICES, STAND_INS, told

from connectors.child import free_port
from connectors.metrics.meter import Meter
from connectors.metrics.serving import STUCK_AFTER_S, FiguresServer, Pulse

ROOT = Path(__file__).parents[1]
PYTHON = sorted({*ROLES, *STAND_INS})


def probed(service: str, port: int, **environment: str) -> int:
    """How the probe of a service ends, asked of a port of this machine."""
    kind, python, *argv = SERVICES[service]["healthcheck"]["test"]
    assert (kind, python) == ("CMD", "python")
    there = [re.sub(r"'127\.0\.0\.1', \d+", f"'127.0.0.1', {port}", one) for one in argv]
    assert there != argv
    return subprocess.run(
        [sys.executable, *there],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.parametrize("service", PYTHON)
def test_a_probe_asks_where_its_role_answers(service):
    (text,) = SERVICES[service]["healthcheck"]["test"][3:]
    named = {
        key: int(value) for key, value in SERVICES[service]["environment"].items()
        if key in {"HUB_METRICS_PORT", "HUB_GATEWAY_PORT"}
    }  # fmt: skip
    where = re.search(r"'127\.0\.0\.1', (\d+).*'GET', '(\S+)'", text)

    assert where is not None
    if service == "gateway":
        assert (int(where[1]), where[2]) == (named["HUB_GATEWAY_PORT"], "/readyz")
    elif service in ROLES:
        assert (int(where[1]), where[2]) == (named["HUB_METRICS_PORT"], "/healthz")
    else:
        assert (where[1], where[2]) == (SERVICES[service]["command"][-1], "/healthz")


def test_a_probe_tells_the_well_from_the_sick():
    age = [0.0]
    with FiguresServer(Meter(), Pulse(lambda: age[0]), "127.0.0.1", 0) as server:
        proxy = f"http://127.0.0.1:{free_port()}"

        assert probed("decide", server.port) == 0
        assert probed("decide", server.port, http_proxy=proxy) == 0, "it asked the proxy"

        age[0] = STUCK_AFTER_S + 1

        assert probed("decide", server.port) != 0
    assert probed("decide", server.port) != 0, "nobody is there"


def test_redis_is_not_well_while_it_answers_with_errors():
    assert SERVICES["redis"]["healthcheck"]["test"] == ["CMD", "redis-cli", "-e", "ping"]


class TestPinning:
    """`deploy/pin-images.sh` with a stand-in of Docker: no registry is asked."""

    @staticmethod
    def pin(folder: Path, answers: str) -> subprocess.CompletedProcess[str]:
        docker = folder / "docker"
        docker.write_text(f"#!/bin/sh\n{answers}\n")
        docker.chmod(0o755)
        return subprocess.run(
            ["sh", str(ROOT / "deploy" / "pin-images.sh")],
            env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_every_image_gets_the_digest_of_its_tag(self, tmp_path: Path):
        ran = self.pin(tmp_path, 'echo "sha256:$(echo "$4" | cksum | cut -d" " -f1)"')
        pinned = dict(line.split("=", 1) for line in ran.stdout.splitlines())
        images = {told(one["image"]) for one in SERVICES.values()} - {SERVICES["topics"]["image"]}
        images |= set(re.findall(r"^ARG \w+_IMAGE=(\S+)", DOCKERFILE, re.M))

        assert ran.returncode == 0, ran.stderr
        assert {one.partition("@sha256:")[0] for one in pinned.values()} == images
        assert len({one.partition("@")[2] for one in pinned.values()}) == len(images)
        for service in SERVICES.values():
            if (name := re.match(r"\$\{(\w+):-", service["image"])) is not None:
                assert name[1] in pinned

    def test_an_image_that_cannot_be_asked_about_is_not_pinned(self, tmp_path: Path):
        ran = self.pin(tmp_path, 'case "$4" in redis:*) exit 1;; esac; echo sha256:ab')

        assert ran.returncode == 1
        assert "REDIS_IMAGE" not in ran.stdout
        assert "redis:7.2.11-bookworm: no digest" in ran.stderr
