"""`hub asyncapi`: the contract for machines, on the screen or into a file."""

import json

import yaml

from connectors.console.context import Exit


def test_the_document_is_written_as_yaml(console):
    answer = console("asyncapi")

    assert answer.status == Exit.DONE
    assert yaml.safe_load(answer.out)["asyncapi"] == "3.0.0"


def test_both_forms_say_the_same(console, tmp_path):
    in_yaml, in_json = tmp_path / "hub.yaml", tmp_path / "hub.json"

    told = console("asyncapi", "--out", in_yaml)
    console("asyncapi", "--out", in_json)
    on_screen = console("asyncapi", "--json")

    assert "12 channels" in told.said
    written = json.loads(in_json.read_text(encoding="utf-8"))
    assert yaml.safe_load(in_yaml.read_text(encoding="utf-8")) == written == on_screen.json


def test_a_place_that_cannot_be_written_is_named(console, tmp_path):
    answer = console("asyncapi", "--out", tmp_path / "no" / "hub.yaml")

    assert answer.status == Exit.USAGE
    assert "cannot be written" in answer.said
