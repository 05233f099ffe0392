"""Special inspections in memory: what departments send, by short words, valid unless overridden."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from builders import APPROVAL, Hub, a_document

from schemas import messages
from schemas.enums import Level, Standing
from schemas.facts import Fact, NotedFact
from schemas.journal import DepartmentFinding, Findings
from schemas.policy import PolicyDocument
from schemas.special_facts import SpecialFact
from streams.rules.entry.caps import compile_policy
from streams.rules.special.state import SpecialState

CITY, CITY_TOO = "WJW-120000", "YJJ-120000"
HEXI, NANKAI, STREET, FAR = "WJW-120103", "WJW-120104", "WJW-120103-01", "WJW-120299"
LEVELS = {
    CITY: Level.CITY,
    CITY_TOO: Level.CITY,
    HEXI: Level.DISTRICT,
    NANKAI: Level.DISTRICT,
    STREET: Level.STREET,
}
OBJECTS = ("91120116MA05ABCD0A", "91120103MA0000001C")
BASIS = {"title": "关于开展专项检查的通知", "reference": "津卫〔2026〕3号", "sha256": "0" * 64}
AT, DUE = "2026-03-10T09:00:00+08:00", "2026-03-20"


def found(*depts: str, **standings: Standing) -> Findings:
    """What intake finds out about departments: registered and listed unless said otherwise."""
    rows = []
    for dept in depts:
        default = Standing.VALID if dept in LEVELS else Standing.UNKNOWN
        standing = standings.get(dept.replace("-", "_"), default)
        rows.append(DepartmentFinding(dept=dept, standing=standing, level=LEVELS.get(dept)))
    return Findings(departments=tuple(rows))


def a_filing(**fields: Any) -> dict[str, Any]:
    """An approved special inspection with its basis and its list."""
    plain = {
        "title": "医疗机构专项检查",
        "basis_docs": [BASIS],
        "approval": APPROVAL,
        "content": "执业许可",
        "scope": "全市诊所",
        "requirements": "四月底前完成",
        "objects": list(OBJECTS),
        "starts_on": "2026-03-15",
        "ends_on": "2026-04-30",
    }
    return {**plain, **fields}


@dataclass
class Special:
    """One special inspection's log, folded as it grows."""

    special_id: str = "ZX-2026-001"
    document: PolicyDocument = field(default_factory=a_document)
    hub: Hub = field(init=False)

    def __post_init__(self) -> None:
        key = f"special:{self.special_id}"
        self.hub = Hub(policy=compile_policy(self.document), uscc=key)

    @property
    def state(self) -> SpecialState:
        """Where it stands."""
        special = self.hub.state.special
        assert special is not None
        return special

    def send(
        self, step: str, by: str, data: dict[str, Any], findings: Findings | None = None
    ) -> tuple[Fact, ...]:
        """What follows from one event."""
        said = {"special_id": self.special_id, **data}
        kind = f"special.{step}"
        findings = findings or found(by)
        return self.hub.send(kind, said, dept=by, findings=findings)

    def file(self, by: str = CITY, findings: Findings | None = None, **fields: Any) -> Fact:
        data = a_filing(**fields)
        others = tuple(data.get("departments", ()))
        return self.send("filed", by, data, findings or found(by, *others))[0]

    def agree(self, by: str = CITY_TOO, **fields: Any) -> Fact:
        return self.send("agreed", by, {"at": AT, **fields})[0]

    def publish(self, by: str = CITY) -> Fact:
        return self.send("published", by, {"address": "https://wsjk.tj.gov.cn/1", "at": AT})[0]

    def dispatch(
        self, *to: str, by: str = CITY, due_on: str = DUE, at: str = AT, **standings: Standing
    ) -> Fact:
        data = {"to": list(to or (HEXI, NANKAI)), "due_on": due_on, "at": at}
        return self.send("dispatched", by, data, found(by, *data["to"], **standings))[0]

    def claim(
        self, by: str = HEXI, platform: str = "CITY", at: str = AT, **standings: Standing
    ) -> Fact:
        return self.send("claimed", by, {"platform": platform, "at": at}, found(by, **standings))[0]

    def refuse(self, by: str = HEXI, reason: str = "人手不足", at: str = AT) -> Fact:
        return self.send("refused", by, {"reason": reason, "at": at})[0]

    def overdue(self, dept: str = HEXI, on: str = "2026-03-21") -> Fact:
        return self.send("overdue", "HUB", {"dept": dept, "on": on})[0]

    def close(self, by: str = CITY) -> Fact:
        return self.send("closed", by, {"summary": "完成", "at": AT})[0]


def said(fact: Fact) -> str:
    """A fact in few words: the step and where it led, or what stands against it."""
    if isinstance(fact, SpecialFact):
        reasons = [" ".join(filter(None, (one.code, one.about))) for one in fact.reasons]
        return " ".join([f"{fact.step} {fact.status}", *reasons])
    assert isinstance(fact, NotedFact)
    reasons = [" ".join(filter(None, (one.code, one.about))) for one in fact.reasons]
    return ", ".join([str(fact.outcome), *reasons])


SPECIAL_TYPES = tuple(kind for kind in messages.INBOUND if kind.startswith("special."))
