"""A small year of a city, generated once: what most of these tests look at."""

from typing import Any

import orjson
import pytest

from connectors.generate import CitySpec, city_year, generate

SEED = 7


@pytest.fixture(scope="session")
def spec() -> CitySpec:
    return city_year(20_000, annotate=True)


@pytest.fixture(scope="session")
def lines(spec: CitySpec) -> list[bytes]:
    return list(generate(spec, SEED))


@pytest.fixture(scope="session")
def events(lines: list[bytes]) -> list[dict[str, Any]]:
    """Every line, decoded."""
    return [orjson.loads(line) for line in lines]


@pytest.fixture(scope="session")
def sent(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What departments sent, with the lines that intake must refuse."""
    return [event for event in events if event["source"] != "REGISTRY"]


@pytest.fixture(scope="session")
def accepted(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What departments sent, without the lines that intake must refuse."""
    return [event for event in sent if "hubexpect" not in event]


@pytest.fixture(scope="session")
def originals(accepted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The accepted events, each at its first appearance."""
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for event in accepted:
        first.setdefault((event["source"], event["id"]), event)
    return list(first.values())


@pytest.fixture(scope="session")
def tasks(originals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The contents of all tasks, as first submitted, with their case as `case`."""
    first: dict[str, dict[str, Any]] = {}
    for event in originals:
        if event["type"] == "inspection.task.submitted":
            named = {**event["data"], "case": event["hubcase"], "sent_on": event["time"][:10]}
            first.setdefault(event["data"]["task_id"], named)
    return list(first.values())
