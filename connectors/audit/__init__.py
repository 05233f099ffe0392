"""Did the hub keep its promises? An independent auditor that reads only the topics and Redis.

It shares no code with the hub: its decoders, its fold and its derivation of codes are written from
the contract and from docs/semantics.md, so that a mistake of the hub is not repeated here.
"""

from connectors.audit.dump import Dump, Record, RedisShard
from connectors.audit.keyfiles import KeyFiles, read_keys
from connectors.audit.render import render
from connectors.audit.report import AuditReport, Check, Violation
from connectors.audit.run import FOLLOWS_RULES, Options, run_audit
from connectors.audit.sitejournal import SiteJournal, read_site_journal, read_site_journals

__all__ = [
    "FOLLOWS_RULES",
    "AuditReport",
    "Check",
    "Dump",
    "KeyFiles",
    "Options",
    "Record",
    "RedisShard",
    "SiteJournal",
    "Violation",
    "read_keys",
    "read_site_journal",
    "read_site_journals",
    "render",
    "run_audit",
]
