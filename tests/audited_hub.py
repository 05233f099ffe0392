"""What does the auditor say of a hub that ran over fakes?"""

from pathlib import Path

from fakes import FakeKafka, FakeView

from connectors.audit import AuditReport, Dump, Options, RedisShard, read_keys, run_audit
from connectors.audit.dump import Bounds, Record
from streams.registry import Registry, read_ctl


class Level:
    """Control topics that are always level: whatever intake puts there is taken in at once."""

    def __init__(self, kafka: FakeKafka, registry: Registry):
        self.kafka, self.registry, self.taken = kafka, registry, {}

    async def level(self, *, now=False):
        for (topic, partition), log in self.kafka.logs.items():
            if topic.startswith("insp.ctl."):
                start = self.taken.get((topic, partition), 0)
                for record in log[start:]:
                    self.registry.put(*read_ctl(record.key, record.value))
                self.taken[topic, partition] = len(log)


def audit_of(
    kafka: FakeKafka, view: FakeView, keys: Path, may_be_empty: frozenset[str] = frozenset()
) -> AuditReport:
    """What the auditor says of what lies there."""
    dump = Dump()
    for (topic, partition), log in kafka.logs.items():
        records = dump.partition(topic, partition)
        records += [Record(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in log]
        dump.bounds[topic, partition] = Bounds(0, len(log))
    shards = {
        number: RedisShard(
            position={
                **({} if p.next_offset is None else {"pos": str(p.next_offset)}),
                "decided": str(p.decided_next),
                "outbox_from": str(p.outbox_from),
            },
            state=p.states,
            task=p.decisions,
            code=p.codes,
            open=p.open,
            public=p.public,
            result=p.results,
            case=p.cases,
            case_due=p.due,
            agenda=dict.fromkeys(p.agenda, 0),
            joint=p.joints,
            drawn=dict.fromkeys(p.drawn, 0),
        )
        for number, p in view.parts.items()
    }
    return run_audit(dump, shards, read_keys(keys), Options(may_be_empty=may_be_empty))
