"""What does the hub measure about itself, and where can it be asked? See docs/metrics.md."""
