"""What does the list of commands say of each?

The first sentence of the command's own help, which a test holds against it: the list is there
without the commands being read in.
"""

from collections.abc import Mapping
from types import MappingProxyType

LINES: Mapping[str, str] = MappingProxyType(
    {
        "up": "Run the hub: its own broker and Redis unless addresses are given, and all roles.",
        "demo": "Play a seeded day of a district through a whole hub of its own.",
        "topics": "The topics on the broker: plan, create, check.",
        "send": "Publish a file of events to the departments' topics, in CloudEvents binary mode.",
        "generate": "Write a seeded file of events, as the departments of a city would send them.",
        "audit": "Check every promise from the topics and Redis alone.",
        "show": "One case, readable: a task, a code, an enterprise.",
        "joints": "List joint inspections by lead, members and district, or the "
        "enterprises of one group.",
        "special": "Special inspections: from the list to tasks.",
        "dlq": "Dead letters: list by cause, show one, send in again.",
        "keys": "The keys of inspection codes and QR codes: create, list, rotate.",
        "tokens": "Who may use the HTTP gateway: bearer tokens and signing keys.",
        "sandbox-licence": "Stand in for the electronic business licence service, on this machine "
        "only.",
        "policy": "The policy: check a file, compare it, publish it.",
        "registry": "Registries from sheets: departments, officers, items, subjects, "
        "classes, whitelist.",
        "calendar": "Show the entries that win over the shipped calendar of working days, "
        "and when it ends.",
        "preflight": "Look at broker, topics, permissions, Redis, clocks, calendar, keys "
        "and systems.",
        "sandbox": "Run a stand-in of a publicity system, to try the hub against.",
        "asyncapi": "Write the AsyncAPI 3.0 document of all topics and messages: YAML, or "
        "JSON with --json.",
        "schemas": "Avro schemas: whom a change would break.",
        "conform": "Check what a department sends against the contract.",
        "code-hash": "Say under which name an enterprise stands in the logs, which hold no "
        "credit codes.",
        "sbom": "Write what the hub is made of: every package of the lock, with hashes "
        "and licences.",
        "status": "Show how every stage is: verdict, lag, oldest waiting record, rate, deadlines.",
        "deadlines": "Show what is due: owed stops (3 working days), open repair cases (7), "
        "and who is late.",
        "case": "Show a case: from the task to the stop seen at each system, or a "
        "special inspection.",
        "sites": "Show the publicity systems: breaker, what waits, what was refused, "
        "when they last answered.",
        "reconcile": "Compare what a system shows with what its ledger has proof of, both ways.",
        "draw": "Random draws of objects and officers that anybody can recompute.",
        "open-tasks": "Flag open tasks whose department or officers are no longer qualified, "
        "or that are whitelisted by now.",
        "worker": "Run one role until a signal ends it.",
        "gateway": "Run the HTTP gateway: events of departments, codes, and the page that "
        "a scan opens.",
        "watch": "Run the watch: it measures every stage, names what is wrong, and "
        "sends the canary.",
        "replay": "Judge a file of events with the pure fold: no broker, no Redis, "
        "nothing is changed.",
        "stats": "Show how many inspections there were, and the five indicators of article 19.",
        "simulate": "Show what another cap table would have intercepted.",
        "rebuild": "Drop the view in Redis and make it again from the recorded facts.",
        "journal": "The journal: give it more partitions.",
    }
)
