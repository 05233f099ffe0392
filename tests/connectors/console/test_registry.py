"""`hub registry`: a sheet becomes registry entries, or nothing of it does."""

import json
from datetime import date

import pytest
from console_fakes import read_all, write

from connectors.console.context import Exit
from connectors.console.registries.registry_standards import findings, in_force
from schemas.policy import JointItem, PolicyDocument
from schemas.registry import RegistryItem
from schemas.topics import CTL_POLICY, CTL_REGISTRY, in_topic
from streams.registry import ctl_key

REGISTRY = in_topic("REGISTRY")
CODE = "91120116MA0000003A"


@pytest.fixture
def hub(console, broker, intake):
    console("topics", "apply")
    intake()
    return console


def sheet(tmp_path, text):
    (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
    return "sheet.csv"


def test_departments_are_entered_and_get_their_topics(hub, broker, tmp_path):
    header = "dept,name,region,level,system,listed,valid_from"
    text = f"{header}\nWJW-120116,卫健委,120116,DISTRICT,WJW,是,2026-01-01\n"

    answer = hub("registry", "import", "departments", sheet(tmp_path, text), "--json")

    assert answer.status == Exit.DONE
    assert answer.json["sent"] == 1
    (record,) = read_all(broker, REGISTRY)
    assert dict(record.headers())["ce_type"] == b"registry.department"
    assert json.loads(record.value())["dept"] == "WJW-120116"
    assert read_all(broker, in_topic("WJW-120116")) == []


def test_classes_go_out_under_the_credit_code(hub, broker, tmp_path):
    text = f"uscc,scheme,class,as_of\n{CODE},GENERAL_RISK,A,2026-03-01\n"

    answer = hub("registry", "import", "classes", sheet(tmp_path, text))

    assert answer.status == Exit.DONE
    assert "1 classes entered" in answer.said
    (record,) = read_all(broker, REGISTRY)
    assert record.key() == CODE.encode()


def test_nothing_is_sent_of_a_sheet_with_one_faulty_row(hub, broker, tmp_path):
    text = f"uscc,scheme,class,as_of\n{CODE},GENERAL_RISK,A,2026-03-01\n{CODE},FAME,A,2026-03-01\n"

    answer = hub("registry", "import", "classes", sheet(tmp_path, text))
    as_json = hub("registry", "import", "classes", sheet(tmp_path, text), "--json")

    assert answer.status == as_json.status == Exit.FOUND
    assert answer.fits(80)
    assert "nothing was sent" in answer.said
    (fault,) = as_json.json["faults"]
    assert (fault["row"], fault["column"], fault["found"]) == (3, "B", "FAME")
    assert read_all(broker, REGISTRY) == []


def test_a_dry_run_sends_nothing(hub, broker, tmp_path):
    text = f"uscc,scheme,class,as_of\n{CODE},GENERAL_RISK,A,2026-03-01\n"

    answer = hub("registry", "import", "classes", sheet(tmp_path, text), "--dry-run")

    assert answer.status == Exit.DONE
    assert "1 classes, no fault" in answer.said
    assert read_all(broker, REGISTRY) == []


def test_a_dry_run_needs_no_broker(console, tmp_path):
    text = f"uscc,scheme,class,as_of\n{CODE},GENERAL_RISK,A,2026-03-01\n"

    answer = console("registry", "import", "classes", sheet(tmp_path, text), "--dry-run", "--json")

    assert answer.json == {"kind": "classes", "entries": 1, "sent": 0, "faults": []}


def test_a_sheet_with_a_header_only_is_a_mistake(console, tmp_path):
    answer = console("registry", "import", "classes", sheet(tmp_path, "uscc,scheme,class,as_of\n"))

    assert answer.status == Exit.USAGE
    assert "no row" in answer.said


def test_a_template_is_written_once_and_can_be_imported(console, tmp_path):
    first = console("registry", "template", "officers", "--out", "o.xlsx")
    again = console("registry", "template", "officers", "--out", "o.xlsx")
    taken = console("registry", "import", "officers", "o.xlsx", "--dry-run")

    assert first.status == taken.status == Exit.DONE
    assert again.status == Exit.USAGE
    assert "there already" in again.said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "planets", "x.csv"], "departments, officers"),
        (["template", "planets"], "departments, officers"),
        (["template", "items", "--out", "x.doc"], ".xlsx or .csv"),
    ],
)
def test_what_is_no_kind_or_no_sheet_is_a_mistake(console, tmp_path, words, said):
    (tmp_path / "x.csv").write_text("a\n")

    answer = console("registry", *words)

    assert answer.status == Exit.USAGE
    assert said in answer.said


def an_item(item, system, *, version=1, title="证照齐全", points=("P1",), **fields):
    return RegistryItem.model_validate_json(
        json.dumps(
            {
                "item": item, "title": item, "system": system, "offsite_possible": False,
                "version": version, "points": [{"point": p, "title": title} for p in points],
                **fields,
            }
        )
    )  # fmt: skip


def a_field(*items):
    return JointItem(id="F-1", title="餐饮", initiator="SCJG", items=items)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([an_item("a", "SCJG"), an_item("b", "WJW", harmonised_by="SCJG")], []),
        ([an_item("a", "SCJG"), an_item("b", "WJW")], [("b", "NOT_HARMONISED", "version 1")]),
        ([an_item("a", "SCJG"), an_item("b", "WJW", harmonised_by="XFJ")],
         [("b", "NOT_HARMONISED", "version 1")]),
        ([an_item("a", "SCJG"), an_item("b", "WJW", harmonised_by="SCJG", title="证照")],
         [("b", "WORDED_DIFFERENTLY", "P1")]),
        ([an_item("a", "SCJG", points=())], [("a", "NO_POINTS", ""), ("b", "NO_POINTS", "")]),
        ([an_item("a", "SCJG"), an_item("b", "WJW", version=2, valid_from="2026-07-01"),
          an_item("b", "WJW", harmonised_by="SCJG")], []),
    ],
)  # fmt: skip
def test_standards_of_a_joint_field_are_harmonised_by_its_initiator(entries, expected):
    found = findings([a_field("a", "b")], in_force(entries, date(2026, 6, 30)))

    assert [(one.item, one.why, one.about) for one in found] == expected


def test_what_is_not_harmonised_is_shown(hub, broker):
    policy = PolicyDocument.model_validate_json(
        json.dumps({"policy": {"version": "p"}, "joint_item": [a_field("a", "b").model_dump()]})
    )
    write(broker, CTL_POLICY, [{"value": policy.canonical(), "key": policy.full_version}])
    entries = [an_item("a", "SCJG"), an_item("b", "WJW")]
    records = [
        {"key": ctl_key("registry.item", one), "value": one.model_dump_json(), "partition": 0}
        for one in entries
    ]
    write(broker, CTL_REGISTRY, records)

    shown, as_json = hub("registry", "standards"), hub("registry", "standards", "--json")

    assert shown.status == as_json.status == Exit.FOUND
    assert "NOT_HARMONISED" in shown.said
    assert as_json.json["fields"] == 1
    assert hub("registry", "standards", "--on", "soon").status == Exit.USAGE
