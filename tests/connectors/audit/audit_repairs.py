"""A seeded district in which results are published, repaired, stopped and delivered."""

from audit_history import DEPTS, ITEMS, USCCS, History
from audit_publicity import PaperDeliver, digest

from connectors.audit.results import MASK, REASONS
from connectors.audit.wire import HUB, REGISTRY, SITES

DOCUMENTS = [
    {"kind": kind, "name": f"{kind}.pdf", "sha256": "0" * 64}
    for kind in ("APPLICATION", "IDENTITY", "PLEDGE", "CORRECTION")
]

SUBJECT = {"status": "ACTIVE", "object_type": "ENTERPRISE", "industry": "F"}


class RepairHistory(History):
    """What happens besides inspections: mostly sound cases, often out of order or doubled."""

    def __init__(self, seed, events=300, decide=None):
        self.results = []
        self.late = []
        self.cases = []
        self.events = []
        self.deliver = None
        super().__init__(seed, events, decide)

    def delivered(self):
        """The world after every record reached its site, some of them twice, with a digest."""
        for code in SITES:
            digest(self.world, code)
        self.deliver = PaperDeliver(self.world)
        self.deliver.run()
        return self.world

    def _one(self):
        acts = {
            super()._one: 30,
            self._published: 25,
            self._correction: 6,
            self._order: 8,
            self._resume: 6,
            self._case: 22,
            self._twice: 5,
        }
        self.draw.choices(list(acts), weights=list(acts.values()))[0]()

    def _crash(self):
        super()._crash()
        for code in SITES:
            self.world.publish_again(f"insp.feed.{code}", 0, self.draw.randint(0, 3))

    def _tell(self, dept, kind, data):
        self.events.append((dept, kind, data))
        name = self.draw.choice(["某某有限公司", "某某商行"])
        self.world.send(dept, kind, data, {"subject": {**SUBJECT, "name": name}})

    def _twice(self):
        if self.events:
            self._tell(*self.draw.choice(self.events[-30:]))

    def _published(self):
        dept, uscc = self.draw.choice(DEPTS), self.draw.choice(USCCS)
        number = len(self.results)
        self.results.append((dept, uscc, f"P-{number:04d}"))
        self.late.append(self.results[-1])
        if self.draw.random() < 0.7:
            self._publish(*self.late.pop())
        elif self.draw.random() < 0.7:
            self._publish(*self.late.pop(0))

    def _publish(self, dept, uscc, result_id):
        data = self._content(uscc, result_id)
        data["items"] = [{"item": self.draw.choice(ITEMS), "points": []}]
        self._tell(dept, "inspection.result.recorded", data)

    def _content(self, uscc, result_id):
        return {
            "task_id": f"T-{result_id}",
            "result_id": result_id,
            "uscc": uscc,
            "inspected_on": self._day(),
            "outcomes": self.draw.sample(["1", "2", "5"], 2),
            "found_problem": True,
            "negative": self.draw.random() < 0.9,
            "publish": self.draw.random() < 0.9,
            "follow_up": self.draw.choice([None, "改正"]),
        }

    def _sender(self, dept):
        return dept if self.draw.random() < 0.88 else self.draw.choice(DEPTS)

    def _some_result(self):
        return self.draw.choice(self.results[-12:]) if self.results else (DEPTS[0], USCCS[0], "P-X")

    def _correction(self):
        dept, uscc, result_id = self._some_result()
        data = self._content(uscc, result_id) | {"reason": "r", "corrected_at": self._instant()}
        data["publish"] = self.draw.random() < 0.8
        self._tell(self._sender(dept), "inspection.result.corrected", data)

    def _order(self):
        dept, uscc, result_id = self._some_result()
        reason = self.draw.choice([*REASONS, MASK, MASK, MASK])
        data = {
            "result_id": result_id,
            "uscc": uscc,
            "stop_reason": reason,
            "scope": self.draw.choice(["PUBLIC_ONLY", "PUBLIC_AND_SHARING"]),
            "decision_no": self.draw.choice([None, "S-1"]),
            "ordered_at": self._instant(),
            "reason": "r",
        }
        sender = REGISTRY if self.draw.random() < 0.2 else self._sender(dept)
        self._tell(sender, "disclosure.stop.ordered", data)

    def _resume(self):
        dept, uscc, result_id = self._some_result()
        reason = "BANKRUPTCY_TEMP_MASK" if self.draw.random() < 0.8 else "CASCADE"
        data = {"result_id": result_id, "uscc": uscc, "stop_reason": reason, "decision_no": "R-1"}
        data["ordered_at"] = self._instant()
        self._tell(self._sender(dept), "disclosure.resume.ordered", data | {"reason": "r"})

    def _case(self):
        """A new case, or a few steps of one: in any order now and then."""
        if not self.cases or self.draw.random() < 0.3:
            self._new_case()
        steps = [self._apply, self._accept, self._ask, self._receive, self._decide, self._revoke]
        if self.draw.random() < 0.6:
            case = self.cases[-1]
            chosen = [s for s in steps if self.draw.random() < 0.75]
            if self.draw.random() < 0.25:
                self.draw.shuffle(chosen)
        else:
            case = self.draw.choice(self.cases[-6:])
            chosen = [self.draw.choice(steps)]
        for step in chosen:
            step(*case)

    def _new_case(self):
        dept, uscc, result_id = self._some_result()
        ids = [result_id]
        more = [r for r in self.results[-12:] if r[:2] == (dept, uscc) and r[2] != result_id]
        ids += [r[2] for r in more[:1]]
        self.cases.append((dept, uscc, f"C-{len(self.cases):04d}", ids))

    def _step(self, dept, uscc, repair_id, kind, **data):
        sender = self._sender(dept)
        if self.draw.random() < 0.1:
            sender, data["dept"] = HUB, dept
        self._tell(sender, f"repair.{kind}", {"repair_id": repair_id, "uscc": uscc, **data})

    def _apply(self, dept, uscc, repair_id, ids):
        documents = DOCUMENTS if self.draw.random() < 0.8 else DOCUMENTS[:2]
        more = {"result_ids": ids, "channel": "ONSITE", "documents": documents}
        self._step(dept, uscc, repair_id, "applied", **more, applied_at=self._instant())

    def _accept(self, dept, uscc, repair_id, _ids):
        self._step(dept, uscc, repair_id, "accepted", accepted_at=self._instant())

    def _ask(self, dept, uscc, repair_id, _ids):
        if self.draw.random() < 0.4:
            self._step(dept, uscc, repair_id, "supplement.asked", at=self._instant(), what="w")

    def _receive(self, dept, uscc, repair_id, _ids):
        if self.draw.random() < 0.6:
            more = {"at": self._instant(), "documents": DOCUMENTS[2:]}
            self._step(dept, uscc, repair_id, "supplement.received", **more)

    def _decide(self, dept, uscc, repair_id, ids):
        decision = self.draw.choices(
            ["APPROVED", "REFUSED", "WITHDRAWN"], weights=(7, 2, 1)
        )[0]  # fmt: skip
        self._decision(dept, uscc, repair_id, ids, decision, f"D-{repair_id}")

    def _revoke(self, dept, uscc, repair_id, ids):
        if self.draw.random() < 0.25:
            number = self.draw.choice([f"D-{repair_id}", f"V-{repair_id}", f"V-{repair_id}"])
            self._decision(dept, uscc, repair_id, ids, "REVOKED", number)

    def _decision(self, dept, uscc, repair_id, ids, decision, number):
        draw = self.draw
        more = {
            "result_ids": draw.choice([[], ids, ids[:1]]),
            "decision": decision,
            "decision_no": number if draw.random() < 0.9 else None,
            "reason": draw.choice(["r", " "]),
        }
        at = self._instant()
        self._step(dept, uscc, repair_id, "decided", **more, decided_at=at)
