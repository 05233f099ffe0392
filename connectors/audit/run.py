"""Did the hub keep its promises on this dump? All checks, one after the other."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connectors.audit.answers import Answers
from connectors.audit.control import judge_dead_letters, judge_registry, read_policies
from connectors.audit.decode import Decoder
from connectors.audit.disclosed import Disclosed
from connectors.audit.dump import Dump, RedisView
from connectors.audit.feeds import Feeds
from connectors.audit.generations import Generations, read_generations
from connectors.audit.inputs import Inputs
from connectors.audit.joint_checks import ask_for_rows
from connectors.audit.judge import Judge, Twin
from connectors.audit.keyfiles import KeyFiles
from connectors.audit.partition import PartitionAudit
from connectors.audit.policies import Policy
from connectors.audit.proof import Proof, day_of_audit
from connectors.audit.public_view import ask_for_view, judge_public_view
from connectors.audit.receipts import Receipts
from connectors.audit.redis_checks import ShardCheck
from connectors.audit.report import AuditReport, Book
from connectors.audit.sitejournal import SiteJournals

FOLLOWS_RULES = 8
"""The version of the hub's rules that the auditor's fold was last brought in line with."""


@dataclass(frozen=True, slots=True)
class Options:
    """How an audit is made.

    Attributes:
        may_be_empty: checks that need not look at anything, since this dump has none of their kind.
        kept_max: how many violations of a check are kept in full.
        schemas: folder of the Avro schemas and `ids.json`; None: the one the contract ships with.
        rules_version: decisions of any other version are violations; None: any version is taken.
        follows: the version of the rules that the audit's own fold follows: what earlier ones
            decided is taken as recorded; None: all is judged by the fold.
        site_journals: the sites' own journals; without one its side of the proof is not looked at.
        is_settled: whether a stop that is not yet due must be carried out all the same.
        now_ms: when the audit is made, Unix milliseconds; None: when the newest record was written.
    """

    may_be_empty: frozenset[str] = frozenset()
    kept_max: int = 20
    schemas: Path | None = None
    rules_version: int | None = None
    follows: int | None = None
    site_journals: SiteJournals = field(default_factory=dict)
    is_settled: bool = False
    now_ms: int | None = None


def run_audit(
    dump: Dump,
    redis: RedisView | None,
    keys: KeyFiles | None,
    options: Options | None = None,
) -> AuditReport:
    """Check a dump against everything the hub promises that can be seen from outside.

    Without `redis` the checks of the view look at nothing, without `keys` those of the codes: they
    then fail, unless the options say that they may.
    """
    options = options or Options()
    book = Book(kept_max=options.kept_max, may_be_empty=options.may_be_empty)
    with _without_garbage_collection():
        _run(dump, redis, keys, options, book)
    return AuditReport(tuple(book.checks.values()), dump.count())


def _run(
    dump: Dump, redis: RedisView | None, keys: KeyFiles | None, options: Options, book: Book
) -> None:
    decoder = Decoder(options.schemas)
    generations = read_generations(dump, book)
    answers = Answers(dump, decoder, book, generations)
    answers.read_all()
    inputs = Inputs(dump, decoder, book, answers)
    inputs.index()
    policies = read_policies(inputs)
    disclosed = Disclosed(book)
    judges = _fold(keys, options, inputs, policies, disclosed)
    if earlier := sum(judge.earlier for judge in judges.values()):
        book.note("I10", f"{earlier:,} by rules before version {options.follows}: as recorded")
    judge_registry(inputs)
    inputs.relayed.close()
    faulted = {(number, at) for number, judge in judges.items() for at in judge.faulted}
    judge_dead_letters(inputs, faulted)
    inputs.close()
    answers.close()
    _check_delivery(inputs, disclosed, options)
    ask_for_view(book, disclosed)
    for judge in judges.values():
        ask_for_rows(book, [twin.recorded for twin in judge.enterprises.values()])
    if redis is not None:
        _check_redis(redis, judges, inputs)
        for number, shard in redis.items():
            judge_public_view(book, disclosed, number, shard)


def _check_delivery(inputs: Inputs, disclosed: Disclosed, options: Options) -> None:
    """Check feeds and receipts, and what the sites themselves say."""
    dump, decoder, book = inputs.dump, inputs.decoder, inputs.book
    feeds = Feeds(dump, decoder, book, disclosed)
    feeds.run()
    receipts = Receipts(dump, decoder, book, feeds, disclosed)
    receipts.run()
    today = day_of_audit(dump, options.now_ms)
    feeds.close(receipts.is_proven, today)
    Proof(
        book=book,
        disclosed=disclosed,
        receipts=receipts,
        journals=options.site_journals,
        is_settled=options.is_settled,
        today=today,
    ).run()


def _fold(
    keys: KeyFiles | None,
    options: Options,
    inputs: Inputs,
    policies: dict[str, Policy],
    disclosed: Disclosed,
) -> dict[int, Judge]:
    """Fold every journal partition beside its decisions."""
    dump, book, answers = inputs.dump, inputs.book, inputs.answers
    generations = answers.generations
    code_owner: dict[str, tuple[str, str]] = {}
    everybody: dict[str, Twin] = {}
    judges: dict[int, Judge] = {}
    audits: dict[int, PartitionAudit] = {}
    for number in sorted({part.partition for part in generations.parts(dump)}):
        judge = Judge(
            book=book,
            answers=answers,
            policies=policies,
            keys=keys,
            code_owner=code_owner,
            disclosed=disclosed,
            relayed=inputs.relayed,
            rules_version=options.rules_version,
            follows=options.follows,
        )
        if generations.has_grown:
            # An enterprise goes on in another partition, from where it stood.
            judge.enterprises = everybody
        audits[number] = PartitionAudit(
            dump=dump,
            decoder=inputs.decoder,
            book=book,
            judge=judge,
            partition=number,
            on_entry=inputs.journaled,
            generations=generations,
        )
        judges[number] = judge
        audits[number].open()
    for part in generations.parts(dump):
        audits[part.partition].run(part)
    for audit in audits.values():
        audit.close()
    if generations.has_grown:
        _settle(judges, everybody, generations)
        disclosed.settle(generations)
    return judges


def _settle(judges: dict[int, Judge], everybody: dict[str, Twin], generations: Generations) -> None:
    """Give each enterprise to the partition in which it must be found now."""
    for judge in judges.values():
        judge.enterprises = {}
    for key, twin in everybody.items():
        judges[generations.partition(key)].enterprises[key] = twin


def _check_redis(redis: RedisView, judges: dict[int, Judge], inputs: Inputs) -> None:
    for number, judge in judges.items():
        shard = redis.get(number)
        if shard is None:
            text = f"nothing in Redis for journal partition {number}"
            inputs.book.fail("I11.position", f"insp:{{{number}}}:position", text)
        else:
            ShardCheck(inputs.book, inputs.dump, number, shard).run(judge, inputs.answers)
    for number in redis.keys() - judges.keys():
        text = f"a view of partition {number}, which the journal does not have"
        inputs.book.fail("I11.position", f"insp:{{{number}}}:position", text)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Millions of small values live until the end and form no cycles: do not look for any."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
