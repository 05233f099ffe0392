"""Does a sound year of disclosures, repairs and stops pass, and what is only owed not fail?"""

from collections import Counter

import orjson
import pytest
from audit_publicity import PaperDeliver
from audit_repairs import RepairHistory
from audit_world import KEYS

from connectors.audit import Options, render, run_audit
from connectors.audit.report import ASKED_BY_CONTENT, ASKED_BY_JOINTS


def audited(history, *, settled=True):
    journals = history.deliver.journals() if history.deliver else {}
    options = Options(site_journals=journals, is_settled=settled)
    return run_audit(history.world.dump, history.world.redis, KEYS, options)


@pytest.mark.parametrize("seed", range(8))
def test_a_sound_history_passes_and_every_check_looks_at_something(seed):
    history = RepairHistory(seed)
    history.delivered()

    report = audited(history)

    assert report.ok, render(report)
    asked = {check.name for check in report.checks if check.is_asked}
    elsewhere = {"I11.case_due", "I3.ratings", "I4.relayed", "I5.relayed", "I6.generations"}
    assert asked >= ASKED_BY_CONTENT - ASKED_BY_JOINTS - elsewhere
    assert all(check.looked_at for check in report.checks if check.is_asked)


def test_the_histories_come_to_every_kind_of_fact_and_answer():
    facts, outcomes = Counter(), Counter()
    for seed in range(8):
        dump = RepairHistory(seed).world.dump
        for _, _, rows in dump.walk("insp.decided"):
            for row in rows:
                for fact in orjson.loads(row.value)["facts"]:
                    facts[fact["fact"], fact.get("cause") or fact.get("status")] += 1
        for _, _, rows in dump.walk("insp.out."):
            for row in rows:
                body = orjson.loads(row.value)
                outcomes.update(r["code"] for r in body.get("reasons", ()))
    causes = ("RESULT", "CORRECTED", "ORDERED", "RESUMED", "REPAIRED", "REVOKED")
    states = ("APPLIED", "ACCEPTED", "SUPPLEMENT", "APPROVED", "REFUSED", "WITHDRAWN", "REVOKED")
    kinds = [("DISCLOSURE", cause) for cause in causes] + [("REPAIR", state) for state in states]
    kinds += [("HELD", None), ("STOP_KEPT", None)]
    codes = """UNKNOWN_RESULT OTHER_DEPARTMENT OLDER NEEDS_REPAIR NOT_DISCLOSED NOT_REVERSIBLE
        NOT_STOPPED DOCUMENT_MISSING NOT_NEGATIVE ALREADY_DECIDED DECISION_NO_MISSING
        REASON_MISSING NOT_APPLIED_YET NOT_ACCEPTED_YET NOT_APPROVED_YET DECISION_NO_REUSED"""

    assert [kind for kind in kinds if not facts[kind]] == []
    assert [code for code in codes.split() if not outcomes[code]] == []


def test_a_stop_that_is_not_due_yet_is_owed_and_only_fails_when_all_must_be_done():
    history = RepairHistory(3)
    history.deliver = PaperDeliver(history.world)
    history.deliver.run("GSXT-TJ", "CREDIT-TJ")

    report = audited(history, settled=False)
    settled = audited(history, settled=True)

    for name in ("I7.receipts", "I7.journals"):
        check = report.check(name)
        assert check.owed_total > 0
        assert not check.violations_total
        assert all(owed.where.startswith("SUBJECTS-TJ") for owed in check.owed)
        assert settled.check(name).violations_total >= check.owed_total
    assert "owed at SUBJECTS-TJ" in render(report)


def test_an_owed_stop_whose_day_is_over_is_a_violation():
    history = RepairHistory(3)
    much_later = history.world.now_ms + 3_000 * 86_400_000

    report = run_audit(history.world.dump, history.world.redis, KEYS, Options(now_ms=much_later))

    check = report.check("I7.receipts")
    assert check.violations_total == check.looked_at > 0


def test_without_the_sites_journals_their_side_is_not_looked_at():
    history = RepairHistory(3)
    history.delivered()

    report = run_audit(history.world.dump, history.world.redis, KEYS, Options(is_settled=True))

    assert report.ok
    for name in ("I7.journals", "I8.journals", "I9.journals", "I9.once"):
        check = report.check(name)
        assert not check.looked_at
        assert not check.is_asked
        assert "no journal of GSXT-TJ, CREDIT-TJ, SUBJECTS-TJ" in check.note
