"""Three systems to try the hub against, each with a journal of its own and faults on demand."""
