"""How does a department's program speak with the hub, and lose nothing? A client to copy and use.

Needs Python 3.11 and, for Kafka, kafka-python; nothing else of the hub. `HubClient.publish` keeps
an event on disk before it is sent; `HubClient.decisions` gives what the hub answers. Over Kafka
(`over_kafka.KafkaTransport`) or HTTP (`over_http.HttpTransport`). See docs/integration.md.
"""

from connectors.departments.sdk.client import HubClient
from connectors.departments.sdk.events import Event
from connectors.departments.sdk.outbox import OtherContent, OutboxFull, OutboxInUse
from connectors.departments.sdk.transport import Answer, EventRefused, Receipt, Transport

__all__ = [
    "Answer",
    "Event",
    "EventRefused",
    "HubClient",
    "OtherContent",
    "OutboxFull",
    "OutboxInUse",
    "Receipt",
    "Transport",
]
