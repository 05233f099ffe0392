"""What may be drawn from in the tests of `hub draw`: registries, policy, states, and a plan."""

import json
from datetime import UTC, date, datetime

import redis
from confluent_kafka.admin import AdminClient
from console_fakes import write

from connectors.console import oversight
from connectors.generate.subjects import credit_code
from connectors.partitioner import partition_of
from connectors.redis_view import key as view_key
from schemas.policy import PolicyDocument
from schemas.topics import CTL_POLICY, CTL_REGISTRY, JOURNAL
from streams.desks import oversight as rules
from streams.rules.state import ClassState, SubjectState, WhitelistState, encode_state

DEPT, AT = "WJW-120116", datetime(2026, 10, 1, 1, tzinfo=UTC)
CODES = [credit_code("91", "120116", number) for number in range(40)]
WHITELISTED, GONE, UNRATED = CODES[0], CODES[1], CODES[2]
SCHEME = {
    "id": "CREDIT_EVALUATION", "source": "a test",
    "class": [
        {"class": "A", "percent": 0}, {"class": "D", "percent": 50},
        {"class": "UNRATED", "percent": 100},
    ],
}  # fmt: skip
PLAN = f"""
draw_id = "D-1"
dept = "{DEPT}"
quarter = "2026Q4"
plan_code = "P-1"
items = ["1101-001"]
layer = "INDUSTRY"
"""


def class_of(number):
    return "A" if number % 2 else "D"


def a_subject(number, code):
    return {
        "uscc": code, "name": f"企业{number}", "object_type": "91", "region": "120116",
        "industry": "5110" if number % 4 < 2 else "6210",
        "status": "DEREGISTERED" if code == GONE else "ACTIVE",
    }  # fmt: skip


def an_officer(number, until="2030-12-31", dept=DEPT, status="VALID"):
    return {
        "cert_no": f"TJ{number}", "name": f"人员{number}", "dept": dept, "status": status,
        "valid_from": "2020-01-01", "valid_to": until,
    }  # fmt: skip


OFFICERS = [
    *(an_officer(number) for number in range(5)),
    an_officer(7, until="2026-12-01"),
    an_officer(8, dept="XFJ-120116"),
    an_officer(9, status="SUSPENDED"),
]


def laid_out(console, broker, redis_url, intake, tmp_path):
    """A terminal at a hub with registries, policy and states, and a plan and objects to draw."""
    console.set(HUB_REDIS_URL=redis_url)
    oversight.register(console.app, rules)
    console("topics", "apply", "--dept", DEPT)
    intake()
    lay_down(broker, redis_url)
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "objects.csv").write_text("uscc\n" + "\n".join(CODES), encoding="utf-8")
    return console


def lay_down(broker, redis_url):
    """Registries and policy on their topics, classes and the whitelist in the view."""
    policy = PolicyDocument.model_validate_json(
        json.dumps({"policy": {"version": "draws"}, "scheme": [SCHEME]})
    )
    write(broker, CTL_POLICY, [{"value": policy.canonical(), "key": policy.full_version}])
    entries = [
        *((f"registry.subject:{c}", a_subject(n, c)) for n, c in enumerate(CODES)),
        *((f"registry.officer:{one['cert_no']}", one) for one in OFFICERS),
    ]
    records = [
        {"key": key, "value": json.dumps(entry).encode(), "partition": 0} for key, entry in entries
    ]
    write(broker, CTL_REGISTRY, records)
    topics = AdminClient({"bootstrap.servers": broker}).list_topics(timeout=20).topics
    count = len(topics[JOURNAL].partitions)
    with redis.Redis.from_url(redis_url) as client:
        for number, code in enumerate(CODES):
            classes = {"CREDIT_EVALUATION": ClassState(class_of(number), 739000)}
            state = SubjectState(classes={} if code == UNRATED else classes)
            if code == WHITELISTED:
                listed = WhitelistState(True, date(2020, 1, 1).toordinal())
                state = SubjectState(classes=classes, whitelist=listed)
            client.hset(view_key(partition_of(code, count), "state"), code, encode_state(state))


def commit(hub, *more):
    return hub("draw", "commit", "plan.toml", "objects.csv", *more)
