"""One enterprise's log, told event by event to the auditor's fold."""

from connectors.audit.decode import Entry
from connectors.audit.fold import decide
from connectors.audit.policies import read_policy
from connectors.audit.state import Enterprise, apply

USCC = "91120116MA05X0001A"
HEALTH, CITY, DRUGS, POLICE = "WJW-120116", "WJW-120000", "YJJ-120116", "GA-120116"
NUMBERS = {
    "version": "1",
    "repeat_from": 2,
    "same_item": True,
    "unreasonable_from": 3,
    "windows": [],
    "exempt_triggers": ["COMPLAINT", "URGENT"],
    "joint_member": "refuse",
    "urgent_approval_days": 5,
    "backfill_max_days": 10,
    "code_valid_days": 7,
}


def cap(name, most, **more):
    return {
        "id": name,
        "version": 1,
        "source": "s",
        "from": "2026-01-01",
        "scope": {"kind": "EACH_AGENCY"},
        "max": most,
        **more,
    }


def group(*members):
    return {"kind": "GROUP", "id": "G", "members": list(members)}


class Log:
    """What one enterprise's events lead to, one after the other."""

    def __init__(self, *caps, uscc=USCC, **numbers):
        self.uscc = uscc
        self.state = Enterprise()
        self.policy = read_policy({"policy": {**NUMBERS, **numbers}, "cap": list(caps)})
        self.offset = 0

    def tell(self, dept, kind, data, findings=None, time="2026-01-02T08:00:00+08:00"):
        """The facts of one event."""
        entry = Entry(
            *(self.uscc, 3, self.offset, 1_767_312_000_000, "d" * 16, f"id-{self.offset}"),
            *(kind, time, dept, "1+abc", ("insp.in." + dept, 0, self.offset)),
            *(findings or {}, {"uscc": self.uscc, **data}),
        )
        facts = decide(entry, self.state, self.policy)
        for fact in facts:
            apply(self.state, fact, self.offset)
        self.offset += 1
        return facts

    def task(self, name, planned="2026-03-16", dept=HEALTH, findings=None, time=None, **changes):
        """The decision on a submitted task, or the fact when there is none."""
        data = {
            "task_id": name,
            "entity_name": "E",
            "mode": "ONSITE",
            "kind": "DAILY",
            "trigger": "PLAN",
            "clue_no": None,
            "items": ["I-1"],
            "planned_on": planned,
            "premises_region": "120116",
            "officers": ["TJ1"],
            "plan_code": None,
            "approval": {"no": "A", "by": "B", "at": "2026-01-01T09:00:00+08:00", "mode": "PRIOR"},
            **changes,
        }
        kind = "inspection.task.submitted"
        (fact,) = self.tell(dept, kind, data, findings, time or "2026-01-02T08:00:00+08:00")
        return fact.get("decision", fact)

    def entry(self, name, at="2026-03-16T10:00:00+08:00", how="SCANNED", dept=HEALTH):
        """The facts of an entry."""
        return self.tell(dept, "inspection.entry.recorded", {"task_id": name, "how": how, "at": at})

    def result(self, name, on="2026-03-16", dept=HEALTH, result_id="R", items=()):
        """The facts of a result."""
        rows = [{"item": item, "points": []} for item in items]
        data = {"task_id": name, "result_id": result_id, "inspected_on": on, "items": rows}
        return self.tell(dept, "inspection.result.recorded", data)

    def cancel(self, name, dept=HEALTH):
        """The facts of a cancellation."""
        return self.tell(dept, "inspection.task.cancelled", {"task_id": name, "reason": ""})

    def expire(self, name, on):
        """The facts of the scheduler's finding that a code's last day went by."""
        return self.tell("HUB", "inspection.code.expired", {"task_id": name, "on": on})

    def choose(self, name, choice, dept=HEALTH):
        """The facts of an officer's choice after a prompt."""
        data = {"task_id": name, "choice": choice}
        return self.tell(dept, "inspection.choice.recorded", data)

    def rate(self, name, stars=5, comment="", at="2026-03-17T10:00:00+08:00", dept=HEALTH):
        """The facts of an enterprise's rating."""
        data = {"task_id": name, "dept": dept, "stars": stars, "comment": comment, "at": at}
        return self.tell("HUB", "inspection.rating.submitted", data)

    def classify(self, name, as_of="2026-01-01", scheme="CREDIT_EVALUATION"):
        """The facts of a classification."""
        data = {"scheme": scheme, "class": name, "as_of": as_of}
        return self.tell(HEALTH, "subject.classified", data)

    def whitelist(self, first="2026-01-01", until=None, *, listed=True):
        """The facts of a change of the whitelist."""
        data = {"listed": listed, "from": first, "until": until, "ground": "g"}
        return self.tell(HEALTH, "whitelist.changed", data)

    def join(self, name, quarter="2026Q1", members=(HEALTH, DRUGS), lead=HEALTH):
        """The facts of a formed joint task."""
        data = {"joint_id": name, "quarter": quarter, "members": list(members), "lead": lead}
        return self.tell("HUB", "joint.formed", data)


def reasons(decision):
    """Codes and subjects of a decision's reasons."""
    return [(r["code"], r["about"]) for r in decision["reasons"]]


def counter(decision):
    """What a decision says of the tightest rule."""
    return tuple(decision[name] for name in ("used", "cap", "rule"))


def noted(facts):
    """Outcome and reason codes of the last fact; its kind when it is no note."""
    fact = facts[-1]
    if fact["fact"] != "NOTED":
        return fact["fact"]
    return " ".join([fact["outcome"], *(r["code"] for r in fact["reasons"])])
