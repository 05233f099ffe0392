"""Everything that touches the world outside: Kafka, Redis, files, processes, consoles."""
