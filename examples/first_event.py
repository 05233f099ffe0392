"""How does a department publish its first event and read the answer? With kafka-python alone."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone

from kafka import KafkaConsumer, KafkaProducer

BOOTSTRAP, DEPT, CREDIT_CODE, OFFICER = sys.argv[1:5]

SHANGHAI = timezone(timedelta(hours=8))
"""Days are days there, wherever this program runs."""
now = datetime.now(SHANGHAI).isoformat()
task = {
    "task_id": f"{DEPT}-{now}",
    "uscc": CREDIT_CODE,
    "entity_name": "天津第一家有限公司",
    "mode": "ONSITE",
    "kind": "DAILY",
    "trigger": "PLAN",
    "items": ["1101-001"],
    "planned_on": now[:10],
    "premises_region": "120116",
    "officers": [OFFICER],
    "approval": {"no": "A-1", "by": "负责人", "at": now, "mode": "PRIOR"},
}
answers = KafkaConsumer(
    f"insp.out.{DEPT}", bootstrap_servers=BOOTSTRAP, auto_offset_reset="earliest"
)
producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all")
headers = {
    "ce_specversion": "1.0",
    "ce_id": task["task_id"],
    "ce_source": DEPT,
    "ce_type": "inspection.task.submitted",
    "ce_time": now,
    "content-type": "application/json",
}
producer.send(
    f"insp.in.{DEPT}",
    key=CREDIT_CODE.encode(),
    value=json.dumps(task).encode(),
    headers=[(name, value.encode()) for name, value in headers.items()],
).get(30)
for record in answers:
    answer = json.loads(record.value)
    if answer.get("task_id") == task["task_id"]:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        break
