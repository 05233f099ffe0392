"""Is every damage of feeds, receipts, site journals and the public list found? All of them."""

import random

import pytest
from audit_damage import change_key, change_value, redis_add, redis_drop, redis_value
from audit_delivery_damage import (
    DamagedDelivery,
    buried_too_early,
    chain_broken,
    digest_value,
    false_receipt,
    feed_record_doubled,
    feed_record_dropped,
    feed_republished,
    feed_version_falls,
    forged,
    is_disclosure,
    left_on_the_public_list,
    other_body_at_the_site,
    other_hash,
    other_key,
    other_number,
    public_value,
    receipt_value,
    receipt_value_of_a_site,
    shown_again,
    stop_after_its_day,
    stop_at_two_sites_only,
    stop_nobody_decided,
    stop_that_is_not_in_effect,
    twice_in_effect,
)
from audit_repairs import RepairHistory
from audit_special_damage import has_decision, longer
from audit_world import KEYS

from connectors.audit import Options, run_audit

# Histories in which every check has something to look at, an open repair with a due day too.
SEEDS = (200, 205, 206, 209)
NAMED = "91120116MA05X0001A\x1fX-1"


def is_update(record):
    return record.header("ce_type") in ("repair.updated", "disclosure.updated")


def of_publicity(record):
    return any(
        name in record.value for name in (b'"DISCLOSURE"', b'"REPAIR"', b'"HELD"', b'"STOP_KEPT"')
    )


def outside_the_columns(_message, path):
    return path[0] != "body"


# what is damaged: (how, the checks of which one must say so)
DAMAGES = {
    "feed: a stop dropped": (feed_record_dropped, "I4.feed"),
    "feed: doubled otherwise": (feed_record_doubled, "I5.feed"),
    "feed: republished after a stop": (feed_republished, "I5.feed"),
    "feed: a version that falls": (feed_version_falls, "I6.feed"),
    "feed: a value": (
        change_value("insp.feed.", wanted=is_disclosure, keep=outside_the_columns),
        "I5.feed",
    ),
    "feed: key": (change_key("insp.feed.", is_disclosure), "I5.feed"),
    "feed: buried too early": (buried_too_early, "I6.feed"),
    "digest: a value": (digest_value, "I5.digest"),
    "receipt: a value": (receipt_value, "I8.chain I8.keys"),
    "receipt: a value, of a site": (receipt_value_of_a_site, "I8.keys"),
    "receipt: key of the record": (change_key("insp.receipt."), "I8.keys"),
    "receipt: another body hash": (forged(other_hash), "I8.keys"),
    "receipt: another key": (forged(other_key), "I8.keys"),
    "receipt: a number the site never gave": (forged(other_number), "I8.journals"),
    "receipt: chain broken": (chain_broken, "I8.chain"),
    "receipt: the site has nothing": (false_receipt, "I8.journals"),
    "receipt: the site has another body": (other_body_at_the_site, "I8.journals"),
    "site: a stop at two sites only": (stop_at_two_sites_only, "I7.receipts"),
    "site: a stop at two sites only, by its journal": (stop_at_two_sites_only, "I7.journals"),
    "site: a stop not in effect": (stop_that_is_not_in_effect, "I7.journals"),
    "site: a stop in effect after its day": (stop_after_its_day, "I7.journals"),
    "site: a stop nobody decided": (stop_nobody_decided, "I9.journals"),
    "site: shown again after the stop": (shown_again, "I9.once"),
    "site: twice in effect": (twice_in_effect, "I9.once"),
    "decided: a value": (
        change_value("insp.decided", wanted=of_publicity, keep=has_decision),
        "I3 I5.decided I6.decided I10 I12",
    ),
    "update: a value": (change_value("insp.out.", wanted=is_update), "I5.out I3 I12"),
    "Redis: a stopped result left on the public list": (left_on_the_public_list, "I7.public"),
    "Redis: a value of the public list": (public_value, "I11.public"),
    "Redis: a public entry lost": (redis_drop("public"), "I11.public"),
    "Redis: a public entry invented": (redis_add("public", NAMED, b"{}"), "I11.public"),
    "Redis: another enterprise's result": (redis_value("result", longer), "I11.results"),
    "Redis: a result invented": (redis_add("result", "X-1", NAMED[:18]), "I11.results"),
    "Redis: another enterprise's case": (redis_value("case", longer), "I11.cases"),
    "Redis: a case lost": (redis_drop("case"), "I11.cases"),
    "Redis: a case invented": (redis_add("case", "X-1", NAMED), "I11.cases"),
    "Redis: another due day": (
        redis_value("case_due", lambda day, draw: day + draw.choice([-1, 1])),
        "I11.case_due",
    ),
    "Redis: a due day lost": (redis_drop("case_due"), "I11.case_due"),
    "Redis: a due day invented": (redis_add("case_due", NAMED, 739_000), "I11.case_due"),
}


@pytest.fixture(scope="module")
def histories():
    made = {}
    for seed in SEEDS:
        made[seed] = RepairHistory(seed, events=160)
        made[seed].delivered()
    return made


def audited(it):
    options = Options(site_journals=it.journals, is_settled=True)
    return run_audit(it.dump, it.redis, KEYS, options)


def test_the_undamaged_histories_are_sound(histories):
    assert all(audited(DamagedDelivery(h, random.Random(1))).ok for h in histories.values())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_found(histories, name, seed):
    damage, checks = DAMAGES[name]
    damaged, did = None, None
    for attempt in range(20):
        damaged = DamagedDelivery(histories[seed], random.Random(f"{name} {seed} {attempt}"))
        did = damage(damaged)
        if did:
            break
    assert did, "the history has nothing that could be damaged so"

    report = audited(damaged)

    violated = {check.name for check in report.checks if check.violations_total}
    assert violated & set(checks.split()), f"{did}: {violated}"
    assert report.exit_code == 1
