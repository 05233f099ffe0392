"""How does a department's program publish and hear the answer, and lose nothing when it is killed?

    sdk_round_trip.py kafka HOST:PORT DEPT CREDIT_CODE OFFICER OUTBOX.db
    sdk_round_trip.py https://GATEWAY DEPT CREDIT_CODE OFFICER OUTBOX.db [TOKEN_FILE]

Run again with the same outbox it sends the same task: the hub gives the same answer.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from connectors.departments.sdk import Event, HubClient, Transport
from connectors.departments.sdk.over_http import HttpTransport
from connectors.departments.sdk.over_kafka import KafkaTransport

SHANGHAI = timezone(timedelta(hours=8))
"""Days are days there, wherever this program runs."""


def main(way: str, *arguments: str) -> None:
    """Publish one task and print the decision on it."""
    transport: Transport
    if way == "kafka":
        bootstrap, dept, uscc, officer, outbox, *_ = arguments
        transport = KafkaTransport(bootstrap, dept)
    else:
        dept, uscc, officer, outbox, *token = arguments
        token_file = Path(token[0]) if token else None
        transport = HttpTransport(way, dept, token_file=token_file)
    task_id = f"{dept}-SDK-{datetime.now(SHANGHAI):%Y%m%d}"
    with HubClient(transport, Path(outbox)) as client:
        # The id follows from our own record of the task: after a crash it is the same again.
        client.publish(Event("inspection.task.submitted", a_task(task_id, uscc, officer), task_id))
        for answer in client.decisions(once=False):
            if answer.type == "decision.made" and answer.task_id == task_id:
                print(json.dumps(answer.data, ensure_ascii=False, indent=2))
                break


def a_task(task_id: str, uscc: str, officer: str) -> dict[str, object]:
    """A planned on-site inspection, approved beforehand."""
    today = datetime.now(SHANGHAI).date()
    return {
        "task_id": task_id,
        "uscc": uscc,
        "entity_name": "天津第一家有限公司",
        "mode": "ONSITE",
        "kind": "DAILY",
        "trigger": "PLAN",
        "items": ["1101-001"],
        "planned_on": today.isoformat(),
        "premises_region": "120116",
        "officers": [officer],
        "approval": {"no": "A-1", "by": "负责人", "at": f"{today}T00:00:00+08:00", "mode": "PRIOR"},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
