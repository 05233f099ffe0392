"""A seeded district: enterprises, departments and everything that may happen to their tasks."""

import random
from datetime import date, timedelta

from audit_world import World

from connectors.audit.wire import DECIDED, HUB

DEPTS = ("WJW-120116", "YJJ-120116", "SJW-120116", "WJW-120000")
USCCS = tuple(f"9{1 + n % 3}120116MA05X{n:03d}{n % 10}A" for n in range(8))
APART = "92120116MA05Y0000A"
ITEMS = ("1101-001", "1101-002", "2202-001")
TRIGGERS = ("PLAN", "PLAN", "PLAN", "PLAN", "COMPLAINT", "URGENT", "SUPERIOR_SPECIAL")

POLICY = {
    "policy": {
        "version": "2026-01",
        "repeat_from": 2,
        "same_item": True,
        "unreasonable_from": 4,
        "windows": [{"days": 1, "max": 1}, {"days": 7, "max": 2}],
        "exempt_triggers": ["COMPLAINT", "URGENT"],
        "joint_member": "refuse",
        "urgent_approval_days": 5,
        "backfill_max_days": 10,
        "code_valid_days": 7,
    },
    "cap": [
        {
            "id": "EACH",
            "version": 1,
            "source": "default",
            "from": "2026-01-01",
            "scope": {"kind": "EACH_AGENCY"},
            "max": 2,
            "not_counted_triggers": ["SUPERIOR_SPECIAL"],
        },
        {
            "id": "HEALTH",
            "version": 2,
            "source": "health",
            "from": "2026-01-01",
            "to": "2026-12-31",
            "scope": {"kind": "GROUP", "id": "WJ", "members": ["WJW-120116", "WJW-120000"]},
            "max": 3,
            "joint": "ONCE_PER_VISIT",
        },
        {
            "id": "CLASS-A",
            "version": 1,
            "source": "class A",
            "from": "2026-01-01",
            "scope": {"kind": "AGENCY", "id": "YJJ-120116"},
            "match": {"class": {"scheme": "CREDIT_EVALUATION", "in": ["A"]}},
            "max": 0,
        },
        {
            "id": "LED",
            "version": 1,
            "source": "led visits",
            "from": "2026-01-01",
            "scope": {"kind": "GROUP", "id": "YS", "members": ["YJJ-120116", "SJW-120116"]},
            "max": 3,
            "joint": "LEAD_ONLY",
        },
    ],
}
SECOND_POLICY = {
    "policy": {**POLICY["policy"], "version": "2026-07", "joint_member": "warn"},
    "cap": [{**POLICY["cap"][0], "version": 2, "max": 1}, *POLICY["cap"][1:]],
}


def task(uscc, task_id, planned="2026-03-16", **changes):
    """A submitted task that nothing speaks against."""
    return {
        "task_id": task_id,
        "uscc": uscc,
        "entity_name": "某某有限公司",
        "mode": "ONSITE",
        "kind": "DAILY",
        "trigger": "PLAN",
        "clue_no": None,
        "items": ["1101-001"],
        "planned_on": planned,
        "premises_region": "120116",
        "officers": ["TJ0001", "TJ0002"],
        "plan_code": "P-1",
        "approval": {
            "no": "A-1",
            "by": "the director",
            "at": "2025-12-01T09:00:00+08:00",
            "mode": "PRIOR",
        },
        "survey": False,
        "backfill": False,
        **changes,
    }


class History:
    """Tells a world what happens, drawn from one seed."""

    def __init__(self, seed, events=300, decide=None, *, publish=True):
        self.publish = publish
        self.draw = random.Random(seed)
        self.world = World(POLICY, **({"decide": decide} if decide else {}))
        self.submitted = []
        for dept in DEPTS:
            self.world.register("registry.department", dept, {"dept": dept, "name": "某局"})
        self._together()
        for number in range(events):
            if number == events // 2:
                self.world.publish(SECOND_POLICY)
            self._one()
            if number % 40 == 39:
                self._crash()
        for dept in DEPTS:
            self.world.refuse(dept, b"\xff not JSON")
            self.world.refuse(dept, {"task_id": ""}, reason="INVALID_FIELD")

    def _together(self):
        """One of two departments with one counter inspects alone, and then both together."""
        members = ["WJW-120000", "WJW-120116"]
        formed = {"uscc": APART, "joint_id": "J-9", "quarter": "2026Q4", "members": members}
        self.world.send(HUB, "joint.formed", {**formed, "lead": members[0]})
        visits = [(0, None, "2026-07-07"), (0, "J-9", "2026-11-10"), (1, "J-9", "2026-11-10")]
        for number, (dept, name, day) in enumerate(visits):
            data = {**task(APART, f"TOGETHER-{number}", day), "joint_id": name}
            self.world.send(members[dept], "inspection.task.submitted", data)

    def _one(self):
        acts = {
            self._task: 50,
            self._again: 8,
            self._entry: 12,
            self._result: 10,
            self._cancel: 10,
            self._expire: 5,
            self._other: 8,
        }
        self.draw.choices(list(acts), weights=list(acts.values()))[0]()

    def _crash(self):
        topics = [(DECIDED, number) for number in (0, 1)]
        topics += [(name, 0) for name in self.world.dump.topics("insp.out.")]
        for topic, partition in topics:
            self.world.publish_again(topic, partition, self.draw.randint(0, 5))

    def _day(self):
        first = date(2026, 1, 5) if self.draw.random() < 0.9 else date(2027, 1, 5)
        return (first + timedelta(days=self.draw.randrange(120))).isoformat()

    def _task(self):
        draw = self.draw
        uscc, dept = draw.choice(USCCS), draw.choice(DEPTS)
        trigger = draw.choice(TRIGGERS)
        data = task(uscc, f"T-{len(self.submitted):05d}", self._day(), trigger=trigger)
        data["items"] = draw.sample(ITEMS, draw.randint(1, 2))
        data["clue_no"] = draw.choice([None, "C-1"]) if trigger != "PLAN" else None
        data["mode"] = draw.choices(["ONSITE", "OFFSITE"], weights=(9, 1))[0]
        data["backfill"] = draw.random() < 0.05
        data["joint_id"] = draw.choice([None, None, None, "J-1", "J-2"])
        if draw.random() < 0.05:
            data["approval"] = None
        if trigger == "URGENT" and draw.random() < 0.5:
            data["approval"] = {"mode": "RETROACTIVE_URGENT"}
        self.submitted.append((dept, data))
        self.world.send(dept, "inspection.task.submitted", data, self._findings())

    def _findings(self):
        draw = self.draw
        officers = [{"cert_no": "TJ0001", "standing": "VALID"}]
        officers[0]["standing"] = draw.choices(["VALID", "EXPIRED"], weights=(19, 1))[0]
        return {
            "dept_standing": "VALID",
            "officers": officers,
            "in_territory": draw.random() < 0.95,
            "in_scope": draw.random() < 0.95,
            "check_digit_ok": draw.random() < 0.95,
            "subject": {
                "status": "ACTIVE",
                "object_type": "91",
                "industry": "5122",
                "name": "某某有限公司",
            },
            "offsite_items": draw.choice([[], [], ["1101-001"]]),
            "whitelisted_items": draw.choice([[], [], [], [], ["2202-001"]]),
        }

    def _known(self):
        if self.submitted and self.draw.random() < 0.8:
            latest = self.submitted[-10:] if self.draw.random() < 0.5 else self.submitted
            return self.draw.choice(latest)
        # Something about a task that comes later.
        dept, uscc = self.draw.choice(DEPTS), self.draw.choice(USCCS)
        data = task(uscc, f"E-{self.draw.randrange(10**6):06d}", self._day())
        self.submitted.append((dept, data))
        return dept, data

    def _again(self):
        dept, data = self._known()
        if self.draw.random() < 0.3:
            data = {**data, "items": ["9999-999"]}
        self.world.send(dept, "inspection.task.submitted", data, self._findings())

    def _about(self, data, **more):
        return {"task_id": data["task_id"], "uscc": data["uscc"], **more}

    def _sender(self, dept):
        return dept if self.draw.random() < 0.95 else self.draw.choice(DEPTS)

    def _instant(self):
        """Around midnight now and then, where a day of UTC is another one."""
        clock = self.draw.choice(["00:30:00+08:00", "10:00:00+08:00", "15:59:59Z", "16:00:00Z"])
        day = "2026-12-31" if self.draw.random() < 0.2 else self._day()
        return f"{day}T{clock}"

    def _entry(self):
        dept, data = self._known()
        how = self.draw.choice(["SCANNED", "SCANNED", "REFUSED", "LICENCE_FAILED", "SHOWN_ONLY"])
        event = self._about(data, how=how, at=self._instant(), note="")
        # Without a draw of its own: what happens in a history stays what it was.
        turn = len(self.submitted) % 3
        found = [
            {"officers": [{"cert_no": "TJ0001", "standing": "SUSPENDED"}]},
            {"whitelisted_items": [*ITEMS[:2], "9999-001"]},
            None,
        ]
        self.world.send(self._sender(dept), "inspection.entry.recorded", event, found[turn])

    def _result(self):
        dept, data = self._known()
        event = self._about(
            data,
            result_id=f"R-{data['task_id']}-{self.draw.randint(1, 2)}",
            inspected_on=self._day(),
            outcomes=["1"],
            found_problem=False,
            negative=False,
            publish=self.publish,
            items=[{"item": self.draw.choice(ITEMS), "points": []}],
        )
        self.world.send(self._sender(dept), "inspection.result.recorded", event)

    def _cancel(self):
        dept, data = self._known()
        event = self._about(data, reason="")
        self.world.send(self._sender(dept), "inspection.task.cancelled", event)

    def _expire(self):
        _, data = self._known()
        event = self._about(data, on=self.draw.choice(["2026-02-01", "2027-12-31"]))
        self.world.send(HUB, "inspection.code.expired", event)

    def _other(self):
        draw, (dept, data) = self.draw, self._known()
        uscc = data["uscc"]
        kind, sender, event = draw.choice(
            [
                ("inspection.choice.recorded", dept, {**self._about(data), "choice": "CONTINUE"}),
                ("inspection.choice.recorded", dept, {**self._about(data), "choice": "STOP"}),
                (
                    "subject.classified",
                    dept,
                    {
                        "uscc": uscc,
                        "scheme": "CREDIT_EVALUATION",
                        "class": draw.choice("ABC"),
                        "as_of": self._day(),
                    },
                ),
                (
                    "whitelist.changed",
                    dept,
                    {
                        "uscc": uscc,
                        "listed": draw.random() < 0.3,
                        "from": "2026-03-01",
                        "until": "2026-03-31",
                        "ground": "g",
                    },
                ),
                (
                    "joint.formed",
                    HUB,
                    {
                        "uscc": uscc,
                        "joint_id": draw.choice(["J-1", "J-2"]),
                        "quarter": draw.choice(["2026Q1", "2026Q2"]),
                        "members": ["WJW-120116", "YJJ-120116", "SJW-120116"],
                        "lead": "YJJ-120116",
                    },
                ),
            ]
        )
        self.world.send(sender, kind, event)
