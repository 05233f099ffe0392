"""A task, a code, an enterprise: found, told completely, and readable in a narrow terminal."""

import pytest
from told_history import DEPT, FIRST_OFFSET, USCC, World, a_history, lay_down

from connectors.console.context import Exit
from schemas.enums import Decision
from schemas.explain import explain_decision, explain_reason


@pytest.fixture
def world(console, broker, redis_url, tmp_path) -> World:
    console.set(HUB_REDIS_URL=redis_url, HUB_KEYS_DIR=str(tmp_path / "keys"))
    console("topics", "apply")
    return lay_down(World(a_history(tmp_path / "keys"), tmp_path / "keys", broker, redis_url))


def test_a_task_is_told_from_decision_to_result(console, world):
    answer = console("show", "task", "T-1")

    assert answer.status == Exit.DONE
    assert answer.fits(80)
    for said in ("ISSUED", world.code_of("T-1"), USCC, DEPT, "1 of 2 in 2026", "COMPLETED", "R-1"):
        assert said in answer.said
    assert "准予检查" in answer.out
    for event in ("task.submitted", "entry.recorded", "result.recorded"):
        assert event in answer.out
    assert f"{FIRST_OFFSET + 2 * len(world.hub.events) + 1:,} records read" in answer.said


def test_an_interception_says_which_rule_and_what_it_counted(console, world):
    answer = console("show", "task", "T-3", "--uscc", USCC)

    assert "INTERCEPTED_OVER_CAP" in answer.out
    assert "2 of 2 in 2026 under TJ-TEST@1" in answer.said
    assert "T-1, T-2" in answer.said
    assert explain_reason("CAP").zh in answer.out
    assert "art. 10, 15" in answer.out
    assert "CHOICE CONTINUE" in answer.out


def test_every_reason_is_explained(console, world):
    answer = console("show", "task", "T-4")

    assert explain_reason("DEPARTMENT_NOT_LISTED").zh in answer.out
    assert explain_reason("NO_OFFICERS").en in answer.said


def test_a_task_for_scripts_has_the_whole_story(console, world):
    told = console("show", "task", "T-1", "--json").json

    assert told["decision"]["decision"] == "ISSUED"
    assert told["explained"]["ISSUED"]["zh"] == explain_decision(Decision.ISSUED).zh
    assert told["code_state"] == "COMPLETED"
    assert told["counts"] is True
    assert [row["offset"] for row in told["timeline"]] == [100, 103, 104]
    assert [row["facts"][0]["fact"] for row in told["timeline"]] == [
        "DECIDED",
        "ENTERED",
        "COMPLETED",
    ]


def test_an_answer_that_is_there_twice_is_shown_once(console, world):
    lines = console("show", "task", "T-1").out.count("entry.recorded")
    lay_down(world)

    told = console("show", "task", "T-1", "--json").json

    assert lines == 1
    assert [row["decided"] for row in told["timeline"] if row["offset"] < 110] == [True] * 3


def test_a_task_that_is_not_decided_yet_is_told_from_the_journal(
    console, broker, redis_url, tmp_path
):
    console.set(HUB_REDIS_URL=redis_url, HUB_KEYS_DIR=str(tmp_path / "keys"))
    console("topics", "apply")
    world = World(a_history(tmp_path / "keys"), tmp_path / "keys", broker, redis_url)
    (fact,) = world.hub.answers[-2]
    undecided = fact.decision.task_id
    world.hub.answers[-2] = ()
    lay_down(world, alter=lambda decided: decided.pop(-2))

    answer = console("show", "task", undecided, "--uscc", USCC)

    assert undecided == "T-4"
    assert answer.status == Exit.DONE
    assert "not decided yet" in answer.out


def test_a_task_nobody_knows_is_said_to_be_unknown(console, world):
    for words in (("T-99",), ("T-99", "--uscc", USCC), ("*",), ("T-?",)):
        answer = console("show", "task", *words)

        assert answer.status == Exit.FOUND
        assert words[0] in answer.said


def test_one_id_of_two_enterprises_asks_which(console, world):
    import redis

    with redis.Redis.from_url(world.redis_url) as client:
        client.hset("insp:{2}:task", "91110000600037341L\x1fT-1", b"{}")

    answer = console("show", "task", "T-1")

    assert answer.status == Exit.USAGE
    assert "91110000600037341L" in answer.said
    assert USCC in answer.said


def test_a_code_is_found_however_it_is_written(console, world):
    code = world.code_of("T-1")

    answer = console("show", "code", code.lower().replace("-", " "))

    assert answer.status == Exit.DONE
    assert answer.fits(80)
    for said in ("T-1", code, "COMPLETED", "may be shown until 2026-03-23", "genuine"):
        assert said in answer.said


def test_a_qr_text_that_is_not_of_this_hub_is_not_called_genuine(console, world, tmp_path):
    from connectors.keys import create_demo_keys

    create_demo_keys(tmp_path / "others", years=[2026])
    console.set(HUB_KEYS_DIR=str(tmp_path / "others"))
    forged = console("show", "code", world.code_of("T-1"), "--json")
    console.set(HUB_KEYS_DIR=str(tmp_path / "nowhere"))
    unchecked = console("show", "code", world.code_of("T-1"))

    assert "not signed by key" in forged.json["qr_fault"]
    assert "not checked" in unchecked.said
    assert "genuine" not in unchecked.said


def test_a_misread_code_and_an_unknown_one_are_told_apart(console, world):
    code = world.code_of("T-1")
    misread = console("show", "code", code[:-1] + ("0" if code[-1] != "0" else "1"))
    unknown = console("show", "code", "00-A0B1-RKC9-ZV49-F8PS-TWW0-AS1Z")

    assert (misread.status, unknown.status) == (Exit.USAGE, Exit.FOUND)
    assert "misread" in misread.said
    assert "never issued" in unknown.said


def test_an_enterprise_is_shown_with_its_year(console, world):
    answer = console("show", "subject", USCC.lower(), "--year", "2026")

    assert answer.status == Exit.DONE
    assert answer.fits(80)
    for said in ("CREDIT_EVALUATION: A", "listed from 2026-01-01 until 2026-12-31", "TJ-TEST@1"):
        assert said in answer.said
    assert console("show", "subject", USCC, "--year", "2020").said.count("No tasks in 2020") == 1


def test_an_enterprise_for_scripts(console, world):
    told = console("show", "subject", USCC, "--year", "2026", "--json").json

    department = told["departments"][DEPT]
    assert told["classes"] == {"CREDIT_EVALUATION": "A"}
    assert told["whitelist"]["listed"] is True
    assert (department["used"], department["cap"]) == (2, 2)
    assert department["visits"] == 1
    assert [one["task_id"] for one in department["tasks"]] == ["T-1", "T-4", "T-2", "T-3"]


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("91110000600037341L", Exit.FOUND, "nothing is on record"),
        ("9112O116MA05ABCD0", Exit.USAGE, "17 characters"),
        ("91110000600037341I", Exit.USAGE, "which no credit code has"),
    ],
)
def test_an_enterprise_that_is_not_there_is_said_so(console, world, text, status, said):
    answer = console("show", "subject", text)

    assert answer.status == status
    assert said in answer.said


def test_without_a_journal_the_first_thing_to_do_is_said(console, broker, redis_url):
    console.set(HUB_REDIS_URL=redis_url)

    answer = console("show", "task", "T-1")

    assert answer.status == Exit.FOUND
    assert "hub topics apply" in answer.said
