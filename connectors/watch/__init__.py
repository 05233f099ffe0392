"""How is the hub watched? A process of its own that measures, judges, and keeps what it found."""
