"""How is a Kafka node made empty for the next test?"""

import time

from connectors.local_kafka import KafkaNode


def clean(node: KafkaNode) -> None:
    """Start the node if need be and delete its topics and consumer groups."""
    # Here, not above: it reads a hundred files, and most tests need none of them.
    from kafka import KafkaAdminClient
    from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError

    node.start()
    client = KafkaAdminClient(bootstrap_servers=node.bootstrap)

    def is_clean() -> bool:
        try:
            groups = [group["group_id"] for group in client.list_groups()]
        except (CoordinatorLoadInProgressError, CoordinatorNotAvailableError):
            return False  # a node that was just started still reads them
        topics = [topic["name"] for topic in client.describe_topics() if not topic["is_internal"]]
        # A group with a member is not deleted, a topic is named for a moment after it was: again.
        if groups:
            client.delete_groups(groups)
        if topics:
            client.delete_topics(topics, raise_errors=False)
        return not groups and not topics

    deadline = time.monotonic() + 30
    try:
        while not is_clean():
            assert time.monotonic() < deadline, "what an earlier test left does not go away"
            time.sleep(0.02)
    finally:
        client.close()
