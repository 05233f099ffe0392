"""The auditor is run on what lies on broker and Redis, and its verdict is the command's status."""

from connectors.console.context import Exit


def test_a_check_that_saw_nothing_fails(console, broker, redis_url):
    console.set(HUB_REDIS_URL=redis_url)
    console("topics", "apply")

    answer = console("audit")
    for_scripts = console("audit", "--json")

    assert answer.status == for_scripts.status == Exit.FOUND
    assert "SAW NOTHING" in answer.out
    assert "0 violations" in answer.said
    assert for_scripts.json["ok"] is False


def test_what_may_be_empty_can_be_said(console, broker, redis_url):
    console.set(HUB_REDIS_URL=redis_url)
    console("topics", "apply")
    names = [check["name"] for check in console("audit", "--json").json["checks"]]

    answer = console("audit", *(word for name in names for word in ("--may-be-empty", name)))

    assert answer.status == Exit.DONE
    assert console("audit", "--may-be-empty", "I99").status == Exit.USAGE


def test_what_was_read_can_be_kept_and_judged_again(console, broker, redis_url, tmp_path):
    console.set(HUB_REDIS_URL=redis_url)
    console("topics", "apply")

    first = console("audit", "--save", "dump.jsonl", "--json")
    again = console("audit", "--dump", "dump.jsonl", "--json")

    assert first.json["records"] == again.json["records"]
    (tmp_path / "bad.jsonl").write_text("{}\n")
    assert console("audit", "--dump", "bad.jsonl").status == Exit.USAGE
